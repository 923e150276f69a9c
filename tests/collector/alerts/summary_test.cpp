// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/summary.hpp"

#include <gtest/gtest.h>

namespace sallyport::alerts {
namespace {

TEST(Summary, GivenPlaceholdersWhenFilledThenTheEventsWordsStandThere) {
    EXPECT_EQ(fill_summary("{vid} at {terminal_id}, {pages} pages.",
                           {{"vid", "0951"}, {"terminal_id", "T1"}, {"pages", 3}}),
              "0951 at T1, 3 pages.");
}

TEST(Summary, GivenAnAccountWhenFilledThenThePseudonymStandsThereAndNeverTheName) {
    EXPECT_EQ(fill_summary("{operator_account} did it.",
                           {{"operator_account", "mary.smith"}, {"operator.ref", "op-7"}}),
              "op-7 did it.");
    EXPECT_EQ(fill_summary("{operator_account} did it.", {{"operator_account", "mary.smith"}}),
              "a person not in the register did it.");
}

TEST(Summary, GivenAListOrNothingWhenFilledThenItReadsAsASentence) {
    EXPECT_EQ(fill_summary("{changed} at {room}.", {{"changed", List{"nics", "disks"}}}),
              "nics, disks at unknown.");
}

TEST(Summary, GivenAnOpenBraceWhenFilledThenTheSentenceIsKept) {
    EXPECT_EQ(fill_summary("a {b", {{"b", "x"}}), "a {b");
}

}  // namespace
}  // namespace sallyport::alerts
