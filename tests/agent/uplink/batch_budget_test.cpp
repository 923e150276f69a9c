// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/batch_budget.hpp"

#include <gtest/gtest.h>

namespace sallyport::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMost = 128 * 1024;

TEST(BatchBudget, GivenPromptAcknowledgementsWhenSendingOnThenGrowsToTheMost) {
    BatchBudget budget(kMost);
    EXPECT_EQ(budget.bytes(), BatchBudget::kFirst);
    budget.acknowledged(20ms);
    EXPECT_EQ(budget.bytes(), 2 * BatchBudget::kFirst);
    for (int i = 0; i < 20; ++i)
        budget.acknowledged(20ms);
    EXPECT_EQ(budget.bytes(), kMost);
}

TEST(BatchBudget, GivenSlowAcknowledgementsWhenSendingOnThenShrinksButNeverToNothing) {
    BatchBudget budget(kMost);
    budget.acknowledged(2s);
    EXPECT_EQ(budget.bytes(), BatchBudget::kFirst);
    for (int i = 0; i < 20; ++i)
        budget.acknowledged(5s);
    EXPECT_EQ(budget.bytes(), BatchBudget::kLeast);
}

TEST(BatchBudget, GivenConnectionsThatBringNothingOverWhenLostThenEachAsksForHalf) {
    BatchBudget budget(kMost);
    const auto try_in_vain = [&] {
        budget.sent();
        budget.lost();
    };
    try_in_vain();
    EXPECT_EQ(budget.bytes(), BatchBudget::kFirst / 2);
    for (int i = 0; i < 4; ++i)
        try_in_vain();
    EXPECT_EQ(budget.bytes(), BatchBudget::kLeast);
}

TEST(BatchBudget, GivenABrokerThatIsAwayWhenNothingCouldBeSentThenThatIsNoReasonToShrink) {
    BatchBudget budget(kMost);
    for (int i = 0; i < 4; ++i)
        budget.lost();
    EXPECT_EQ(budget.bytes(), BatchBudget::kFirst);
}

TEST(BatchBudget, GivenAConnectionThatWorkedWhenLostThenTheNextBeginsAtTheFirst) {
    BatchBudget budget(kMost);
    for (int i = 0; i < 20; ++i)
        budget.acknowledged(20ms);
    budget.lost();
    EXPECT_EQ(budget.bytes(), BatchBudget::kFirst);
    budget.sent();
    budget.lost();  // and that one did not work
    EXPECT_EQ(budget.bytes(), BatchBudget::kFirst / 2);
}

TEST(BatchBudget, GivenAStallWhenNothingMovesThenHalves) {
    BatchBudget budget(kMost);
    budget.stalled();
    EXPECT_EQ(budget.bytes(), BatchBudget::kFirst / 2);
}

TEST(BatchBudget, GivenASmallMostWhenGrowingOrShrinkingThenStaysWithin) {
    BatchBudget budget(600);
    EXPECT_EQ(budget.bytes(), 600U);
    budget.acknowledged(1ms);
    budget.stalled();
    EXPECT_EQ(budget.bytes(), 600U);
}

}  // namespace
}  // namespace sallyport::agent
