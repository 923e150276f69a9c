// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/rule_sites.hpp"

#include <gtest/gtest.h>

namespace sallyport::registers {
namespace {

WallTime day(int number) { return WallTime(std::chrono::days(number)); }

store::RuleSite row(const std::string& rule, const std::string& site, const char* state, int decided_on) {
    return {rule, site, state == nullptr ? std::nullopt : std::optional<std::string>(state), {}, "sam", "why", day(decided_on)};
}

TEST(RuleSites, GivenRowsThenTheMostSpecificDecides) {
    const RuleSites sites({row("", "", "observe", 1), row("", "S1", "live", 2), row("USB-01", "", "observe", 3),
                           row("USB-01", "S2", "live", 4), row("USB-02", "S1", nullptr, 5)});
    EXPECT_EQ(sites.deciding("SES-01", "S1")->changed_at, day(2));
    EXPECT_EQ(sites.deciding("SES-01", "S2")->changed_at, day(1));
    EXPECT_EQ(sites.deciding("USB-01", "S1")->changed_at, day(3)) << "the rule before the site";
    EXPECT_EQ(sites.deciding("USB-01", "S2")->changed_at, day(4));
    EXPECT_EQ(sites.deciding("USB-02", "S1")->changed_at, day(2)) << "a row for its parameters alone decides nothing";
    EXPECT_EQ(RuleSites().deciding("USB-01", "S1"), nullptr);
}

TEST(RuleSites, GivenNoSiteThenTheAgencysOwnRowDecidesAndNoSitesRowDoes) {
    const RuleSites sites({row("", "S1", "live", 1), row("GOV-08", std::string(store::kOfNoSite), "live", 2)});
    EXPECT_EQ(sites.deciding("GOV-08", "")->changed_at, day(2));
    EXPECT_EQ(sites.deciding("GOV-09", ""), nullptr);
}

TEST(RuleSites, GivenAParameterThenTheMostSpecificRowThatHasItIsAsked) {
    store::RuleSite everywhere = row("SES-01", "", nullptr, 1), here = row("SES-01", "S1", "live", 2);
    everywhere.parameters = {{"grace_s", 60}, {"limit_s", 900}};
    here.parameters = {{"grace_s", 30}};
    const RuleSites sites({everywhere, here});
    EXPECT_EQ(sites.parameter("SES-01", "S1", "grace_s"), 30);
    EXPECT_EQ(sites.parameter("SES-01", "S1", "limit_s"), 900);
    EXPECT_EQ(sites.parameter("SES-01", "S1", "other"), std::nullopt);
}

TEST(RuleSites, GivenASiteThenItObservesSinceTheOldestDecisionThatStillHolds) {
    EXPECT_EQ(RuleSites().observed_since("S1", day(3)), day(3)) << "nobody ever decided";
    EXPECT_EQ(RuleSites({row("", "S1", "live", 5)}).observed_since("S1", day(3)), std::nullopt);
    const RuleSites sites({row("", "S1", "live", 5), row("USB-01", "S1", "observe", 9), row("USB-02", "", "observe", 7),
                           row("USB-02", "S1", "live", 8), row("USB-03", "S2", "observe", 1)});
    EXPECT_EQ(sites.observed_since("S1", day(3)), day(9));
}

}  // namespace
}  // namespace sallyport::registers
