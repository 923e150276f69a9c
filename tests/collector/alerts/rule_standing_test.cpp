// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/rule_standing.hpp"

#include <gmock/gmock.h>

#include "tests/collector/alerts/court.hpp"

namespace sallyport::alerts {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kFeeds = R"(
title: Stick
name: stick
level: high
logsource: {product: sallyport, category: usb}
detection: {stick: {type: usb.attach}, condition: stick}
sallyport: {catalogue: USB-01, summary: s}
---
title: Stick that is written to
name: written
level: high
logsource: {product: sallyport, category: usb}
detection: {written: {type: usb.write}, condition: written}
sallyport: {catalogue: USB-01, needs: [usb.write], summary: s}
---
title: Written
name: only-written
level: high
logsource: {product: sallyport, category: usb}
detection: {written: {type: usb.write, file_count|gte: 9}, condition: written}
sallyport:
  catalogue: USB-06
  needs: [usb.write]
  parameters:
    files: {basis: project, tighter: lower, sets: detection.written.file_count|gte}
  summary: s
---
title: At once
name: at-once
level: high
logsource: {product: sallyport, category: camera}
detection: {state: {type: camera.state, duration_ms|gte: 5}, condition: state}
sallyport:
  catalogue: CAM-06
  live_at_once: true
  parameters:
    long_ms: {basis: project, tighter: lower, sets: detection.state.duration_ms|gte}
  summary: s
)";

class Standing : public Court {
protected:
    Standing() { set_register("sites", "S1", {{"site_id", "S1"}}); }

    RuleStanding of(std::string_view rule, std::string_view site = "S1") {
        const auto facts = read_standing_facts(reader(), clock_.now());
        const auto sites = read_standing_sites(reader(), clock_.now());
        EXPECT_TRUE(facts && sites);
        for (RuleStanding& standing : rule_standings(*feeds_, *sites, *facts))
            if (standing.rule_id == rule && standing.site_id == site) return std::move(standing);
        ADD_FAILURE() << rule << " at " << site;
        return {};
    }
    void decide(const std::string& rule, const std::string& site, const std::string& state) {
        in_store([&](Database& database) {
            return store::save_rule_site(database, {rule, site, state, {}, "sam", "because", clock_.now()});
        });
    }
    void raised(int number, const std::string& disposition = "", const std::string& lane = "queue") {
        store::Alert made = alert("a" + std::to_string(number_ += number));
        made.rule_id = "CAM-06";
        made.site_id = "S1";
        made.lane = lane;
        made.raised_at = clock_.now();
        if (!disposition.empty()) made.disposition = disposition;
        put(made);
    }

    std::shared_ptr<const rules::RuleSet> feeds_ = load_rules(kFeeds);

private:
    int number_ = 0;
};

TEST_F(Standing, GivenADecisionForASiteThenItHoldsThereAndTheGeneralOneElsewhere) {
    decide("", "", "observe");
    decide("", "S1", "live");
    decide("USB-01", std::string(store::kOfNoSite), "live");
    EXPECT_EQ(of("USB-01").state, RuleStanding::State::live);
    EXPECT_EQ(of("USB-01").decided->reason, "because");
    EXPECT_EQ(of("USB-01", "").state, RuleStanding::State::live);
    decide("USB-01", "S1", "observe");
    EXPECT_EQ(of("USB-01").state, RuleStanding::State::observe);
    EXPECT_EQ(of("CAM-06", "").state, RuleStanding::State::live) << "at once, whatever was decided";
}

TEST_F(Standing, GivenWhatNothingSendsThenTheRuleIsInactiveUnlessAnotherOfItsDocumentsSpeaks) {
    EXPECT_EQ(of("USB-06").state, RuleStanding::State::inactive);
    EXPECT_THAT(of("USB-06").missing, ElementsAre("usb.write"));
    EXPECT_EQ(of("USB-01").state, RuleStanding::State::live);
    EXPECT_THAT(of("USB-01").missing, ElementsAre("usb.write"));
    EXPECT_THAT(of("CAM-06").missing, IsEmpty());
}

TEST_F(Standing, GivenARuleThatIsObservedForSixtyDaysThenThatIsAFinding) {
    decide("", "", "observe");
    EXPECT_FALSE(of("USB-01").undecided_for_long);
    clock_.advance(60 * 24h);
    EXPECT_FALSE(of("USB-01").undecided_for_long);
    clock_.advance(1s);
    EXPECT_TRUE(of("USB-01").undecided_for_long);
    EXPECT_FALSE(of("CAM-06").undecided_for_long) << "it is live";
    EXPECT_FALSE(of("USB-06").undecided_for_long) << "there is nothing to observe";
}

TEST_F(Standing, GivenAlertsOfTheLastDaysThenTheyAreCountedByLaneAndADay) {
    stick();
    raised(1);
    clock_.advance(31 * 24h);  // the first is out of the span then
    raised(1, "", "observe");
    raised(1, "", "digest");
    raised(1);
    clock_.advance(1s);
    const RuleStanding standing = of("CAM-06");
    EXPECT_EQ(standing.alerts.observed, 1);
    EXPECT_EQ(standing.alerts.digested, 1);
    EXPECT_EQ(standing.alerts.queued, 1);
    EXPECT_DOUBLE_EQ(standing.alerts_a_day, 3.0 / 30);
    EXPECT_EQ(of("CAM-06", "").alerts_a_day, 0);
}

TEST_F(Standing, GivenALogOfAFewDaysThenTheRateIsOfThose) {
    stick();
    clock_.advance(2 * 24h);
    raised(1);
    clock_.advance(1s);
    EXPECT_NEAR(of("CAM-06").alerts_a_day, 0.5, 0.001);
}

TEST_F(Standing, GivenTwentyDecisionsOfWhichAThirdWereWrongThenTheRuleIsToBeTuned) {
    for (int i = 0; i < 13; ++i)
        raised(1, "true_positive");
    for (int i = 0; i < 6; ++i)
        raised(1, i % 2 == 0 ? "false_positive_sensor" : "false_positive_rule");
    raised(1);  // nobody decided yet
    clock_.advance(1s);
    EXPECT_FALSE(of("CAM-06").to_be_tuned) << "19 decisions say too little";
    raised(1, "false_positive_rule");
    clock_.advance(1s);
    EXPECT_TRUE(of("CAM-06").to_be_tuned);
    EXPECT_DOUBLE_EQ(*false_positive_share(of("CAM-06").alerts), 7.0 / 20);
    for (int i = 0; i < 4; ++i)
        raised(1, "true_positive");
    clock_.advance(1s);
    EXPECT_FALSE(of("CAM-06").to_be_tuned);
    EXPECT_EQ(false_positive_share(of("USB-01").alerts), std::nullopt);
}

}  // namespace
}  // namespace sallyport::alerts
