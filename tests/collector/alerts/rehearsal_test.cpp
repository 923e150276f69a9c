// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/rehearsal.hpp"

#include <gmock/gmock.h>

#include "collector/store/schema.hpp"
#include "tests/collector/alerts/court.hpp"

namespace sallyport::alerts {
namespace {

class Rehearsing : public Court {
protected:
    Rehearsal rehearse_all(std::shared_ptr<const rules::RuleSet> rules, std::set<std::string> as_live = {}) {
        const auto folder = std::filesystem::temp_directory_path() / ("sallyport-" + random_id());
        std::filesystem::create_directories(folder);
        Rehearsal outcome;
        {
            auto scratch = Database::open(folder / "scratch.db");
            EXPECT_TRUE(scratch && store::migrate(*scratch));
            auto rehearsed =
                rehearse({std::move(rules), std::move(as_live), kMondayMorning, clock_.now() + 1s, 3},
                         [&] { return Database::open(file(), Database::Access::read_only); }, *scratch, clock_);
            EXPECT_TRUE(rehearsed) << rehearsed.error().message();
            if (rehearsed) outcome = std::move(*rehearsed);
        }
        std::filesystem::remove_all(folder);
        return outcome;
    }
    static std::set<std::string> ids(const std::vector<store::Alert>& alerts) {
        std::set<std::string> ids;
        for (const store::Alert& alert : alerts)
            ids.insert(alert.rule_id + " " + alert.alert_id + " " + alert.severity + " " +
                       alert.part_of.value_or("-") + " " + std::to_string(alert.occurrence_count));
        return ids;
    }
    // A screen left unlocked, storage twice within the repeat window and once after it, an onlooker beside it.
    void a_morning(Judgement& judgement) {
        const auto pass = [&](std::chrono::milliseconds time) {
            clock_.advance(time);
            judge_all(judgement);
        };
        unlock();
        stick();
        pass(1min);
        stick();
        onlooker();
        pass(10min);
        lock();
        pass(50min);
        stick();
        pass(1min);
        liveness("T2", "offline");
        pass(1min);
    }
};

TEST_F(Rehearsing, GivenAMorningWhenRehearsedThenItRaisesWhatTheJudgeRaised) {
    const auto judgement = open();
    a_morning(*judgement);
    const auto rehearsed = rehearse_all(rules_);
    EXPECT_EQ(ids(rehearsed.alerts), ids(alerts()));
    EXPECT_EQ(rehearsed.events, 7u);
    EXPECT_EQ(rehearsed.not_judged, 0u);
}

TEST_F(Rehearsing, GivenARuleInObserveWhenRehearsedThenItIsTakenAsLiveAndTheStoreStaysAsItWas) {
    set_live("observe");
    const auto judgement = open();
    a_morning(*judgement);
    const auto before = ids(alerts());
    const auto rehearsed = rehearse_all(rules_, {"USB-01"});
    std::size_t items = 0;
    for (const store::Alert& alert : rehearsed.alerts) {
        EXPECT_EQ(Rehearsal::is_queue_item(alert), alert.rule_id == "AGT-01" || (alert.rule_id == "USB-01" && !alert.part_of))
            << alert.rule_id;
        items += Rehearsal::is_queue_item(alert) ? 1 : 0;
    }
    EXPECT_GE(items, 2u);
    EXPECT_EQ(ids(alerts()), before);
    ASSERT_FALSE(rehearsed.examples.empty());
    EXPECT_EQ(rehearsed.examples.front().rule, "stick");
    EXPECT_EQ(text_of(rehearsed.examples.front().fields, "session.state"), "unlocked");
}

TEST_F(Rehearsing, GivenAStricterRuleWhenRehearsedThenItsAlertsAreFewer) {
    const auto judgement = open();
    a_morning(*judgement);
    std::string text = kRules;
    text.replace(text.find("is_storage: true"), 16, "is_storage: false");
    const auto rehearsed = rehearse_all(load_rules(text), {"USB-01"});
    EXPECT_TRUE(rehearsed.examples.empty());
    for (const store::Alert& alert : rehearsed.alerts)
        EXPECT_NE(alert.rule_id, "USB-01");
}

}  // namespace
}  // namespace sallyport::alerts
