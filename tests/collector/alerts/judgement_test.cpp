// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/judgement.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "collector/alerts/judge.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/rule_engine_repository.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/json.hpp"
#include "tests/collector/alerts/court.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::alerts {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kMondayMorning;

TEST_F(Court, GivenAnEventWhenJudgedThenTheAlertStandsOnItsLeafAndTheRegisters) {
    set_register("terminals", "T1", {{"site_id", "S1"}, {"room_id", "R1"}, {"status", "licensed"}});
    set_register("operators", "op-7", {{"os_accounts", List{"mary.smith"}}});
    unlock();
    stick();
    auto judgement = open();
    judge_all(*judgement);
    const store::Alert made = of_rule("USB-01");
    EXPECT_EQ(made.terminal_id, "T1");
    EXPECT_EQ(made.site_id, "S1");
    EXPECT_EQ(made.room_id, "R1");
    EXPECT_EQ(made.operator_ref, "op-7");
    EXPECT_EQ(made.summary, "Unknown storage at T1, screen unlocked.");
    EXPECT_THAT(made.control_refs, ElementsAre("CSP 6.0 MP-7"));
    EXPECT_THAT(made.parameters, HasSubstr("stick"));
    EXPECT_THAT(made.evidence, ElementsAre(2));
    EXPECT_EQ(judgement->cursor(), 2);
}

TEST_F(Court, GivenASiteInObserveWhenJudgedThenOnlyRulesThatAreLiveAtOnceReachTheQueue) {
    set_live("observe");
    stick();
    liveness("T2", "offline");
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("USB-01").lane, "observe");
    EXPECT_EQ(of_rule("AGT-01").lane, "queue");
}

TEST_F(Court, GivenARuleWhoseFeedIsNotThereWhenItMatchesThenItRaisesNothing) {
    std::string text = kRules;
    text.insert(text.find("  object: [serial_hash]"), "  needs: [console.action:incident.report]\n");
    rules_ = load_rules(text);
    const auto judgement = open();
    stick();
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty());
}

TEST_F(Court, GivenWhatTheCollectorSawWhenJudgedThenTheAlertIsAboutThatTerminal) {
    set_register("terminals", "T2", {{"site_id", "S2"}});
    liveness("T2", "offline");
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("AGT-01").terminal_id, "T2");
    EXPECT_EQ(of_rule("AGT-01").site_id, "S2");
    clock_.advance(1h);
    liveness("T2", "back");
    judge_all(*judgement);
    EXPECT_EQ(of_rule("AGT-01").state, "auto_cleared");
    EXPECT_EQ(of_rule("AGT-01").cleared_at, clock_.now());
}

TEST_F(Court, GivenAScreenLeftUnlockedWhenTheTimeIsOverThenItIsRaisedAndClearedByTheLock) {
    unlock();
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(judgement->next_deadline(), kMondayMorning + 10min);
    clock_.advance(10min - 1ms);
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty());
    clock_.advance(1ms);
    judge_all(*judgement);
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning + 10min);
    clock_.advance(1min);
    lock();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("SES-01").state, "auto_cleared");
}

TEST_F(Court, GivenASitesOwnParameterWhenJudgedThenItHoldsAndIsKeptWithTheAlert) {
    in_store([&](Database& database) {
        return store::save_rule_site(
            database, {"SES-01", "", std::nullopt, {{"after_s", 60}}, "test", "test", kMondayMorning});
    });
    unlock();
    auto judgement = open();
    judge_all(*judgement);
    clock_.advance(1min);
    judge_all(*judgement);
    EXPECT_THAT(of_rule("SES-01").parameters, HasSubstr(R"("after_s":60)"));
}

TEST_F(Court, GivenEventsStillWaitingWhenATimerIsDueThenTheyAreJudgedFirst) {
    unlock();
    clock_.advance(9min);
    lock();
    clock_.advance(1h);
    auto judgement = open({.events_per_step = 1});
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty());
}

TEST_F(Court, GivenATerminalThatComesBackAfterDaysWhenItsBacklogIsJudgedThenEveryEventCountsAndIsMarkedLate) {
    log("T1", "usb.attach", testing::usb_stick_body(), 30 * 24h);
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("USB-01").condition_at, kMondayMorning - 30 * 24h);
    EXPECT_EQ(of_rule("USB-01").received_lag_ms, std::chrono::milliseconds(30 * 24h).count());
    EXPECT_THAT(of_rule("USB-01").summary, HasSubstr("Received 720 h later."));
}

TEST_F(Court, GivenAWithheldLineWhenJudgedThenItIsSkippedAndCounted) {
    log("T1", "usb.attach", testing::usb_stick_body(), 0ms, true);
    stick();
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(judgement->withheld(), 1u);
    EXPECT_EQ(of_rule("USB-01").occurrence_count, 1);
    EXPECT_EQ(judgement->cursor(), 2);
}

TEST_F(Court, GivenACriticalAlertWhenNobodyAcknowledgesThenItGoesUpOnTimeAndIsLogged) {
    onlooker();
    stick();
    auto judgement = open();
    judge_all(*judgement);
    const std::string id = of_rule("COR-01").alert_id;
    EXPECT_EQ(judgement->next_deadline(), kMondayMorning + 15min);
    clock_.advance(15min);
    judge_all(*judgement);
    EXPECT_EQ(stored(id).escalated_to, "SPOC deputy");
    clock_.advance(15min);
    judge_all(*judgement);
    EXPECT_EQ(stored(id).escalated_to, "PSD director");
    EXPECT_EQ(stored(id).escalated_at, clock_.now());
    EXPECT_THAT(acts("alert", id), ::testing::SizeIs(2));
}

TEST_F(Court, GivenAnAcknowledgedAlertWhenItsTimeIsOverThenItStaysWhereItIs) {
    stick();
    auto judgement = open();
    judge_all(*judgement);
    AlertDesk desk(writer(), clock_);
    ASSERT_TRUE(desk.acknowledge(of_rule("USB-01").alert_id, spoc_));
    clock_.advance(2h);
    judge_all(*judgement);
    EXPECT_EQ(of_rule("USB-01").escalated_to, std::nullopt);
}

TEST_F(Court, GivenACorrelationWhenJudgedThenItTakesItsPartsOffTheQueueAndAnIncidentIsProposed) {
    onlooker();
    stick();
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("USB-01").part_of, of_rule("COR-01").alert_id);
    EXPECT_EQ(of_rule("CAM-02").part_of, of_rule("COR-01").alert_id);
    const auto incidents = *store::list_incidents(reader(), {});
    ASSERT_EQ(incidents.size(), 1u);
    EXPECT_EQ(incidents.front().alert_ids.size(), 3u);
}

// --- restarts
// --------------------------------------------------------------------------------------------------------

// A morning at two terminals; each line is one moment of it.
class Restart : public Court {
public:
    using Moment = std::function<void()>;

    // Changes with every transaction of the judge.
    std::string written() {
        const auto state = store::load_rule_position(reader());
        EXPECT_TRUE(state);
        return std::to_string(*store::current_revision(reader())) +
               (*state ? ":" + std::to_string((*state)->cursor) : "");
    }
    std::vector<Moment> morning() {
        return {[this] { unlock(); },
                [this] { stick("T2"); },
                [this] { clock_.advance(4min); },
                [this] { onlooker(); },
                [this] { stick(); },
                [this] { stick(); },
                [this] { stick("T2"); },
                [this] { clock_.advance(7min); },  // SES-01 is due
                [this] { stick(); },
                [this] { lock(); },
                [this] { clock_.advance(40min); },
                [this] { stick("T2"); },
                [this] { unlock(); },
                [this] { clock_.advance(11min); },
                [this] { onlooker("T2"); },
                [this] { liveness("T1", "offline"); },
                [this] { clock_.advance(1min); },
                [this] { liveness("T1", "back"); }};
    }
};

// A store beside the test's own.
class AnotherStore : public Restart {
    void TestBody() override {}
};

TEST_F(Restart, GivenAKillAfterAnyStepWhenOpenedAgainThenTheAlertsAreTheSame) {
    // A snapshot now and then only, so that there is something to judge again.
    const JudgementLimits limits{.events_per_step = 1, .snapshot_every = 5min};
    {
        auto judgement = open(limits);
        for (const Moment& moment : morning()) {
            moment();
            judge_all(*judgement);
        }
    }
    const std::string expected = outcome();
    ASSERT_THAT(expected, HasSubstr("COR-01"));
    ASSERT_THAT(expected, HasSubstr("auto_cleared"));

    // The same morning in a store of its own, killed after steps that `kill_after` names.
    const auto killed = [&](auto kill_after) {
        AnotherStore other;
        std::string written;
        auto judgement = other.open(limits);
        for (const Moment& moment : other.morning()) {
            moment();
            for (bool more = true; more;) {
                const auto progress = judgement->step();
                ASSERT_TRUE(progress) << progress.error().message();
                more = progress->judged;
                const bool committed = std::exchange(written, other.written()) != other.written();
                if (kill_after(committed)) {
                    judgement.reset();
                    judgement = other.open(limits);
                    more = true;
                }
            }
        }
        EXPECT_EQ(other.outcome(), expected);
    };
    killed([](bool committed) { return committed; });
    std::mt19937 random(7);
    for (int round = 0; round < 5; ++round)
        killed([&](bool) { return random() % 3 == 0; });
}

TEST_F(Restart, GivenACollectorThatNeverRanWhenItJudgesTheWholeLogThenSingleEventsGiveTheSameAlerts) {
    for (const Moment& moment : morning())
        moment();
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("COR-01").terminal_id, "T1");
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning + 10min);
}

TEST_F(Restart, GivenASnapshotWhenOpenedThenNothingIsJudgedAgain) {
    stick();
    {
        auto judgement = open();
        judge_all(*judgement);
        ASSERT_TRUE(judgement->save());
    }
    const auto state = *store::load_rule_position(reader());
    ASSERT_TRUE(state);
    EXPECT_EQ(state->cursor, 1);
    EXPECT_EQ(state->state_cursor, 1);
    const auto revision = *store::current_revision(reader());
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(*store::current_revision(reader()), revision);
    clock_.advance(1min);
    stick();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("USB-01").occurrence_count, 2);
}

// Which pieces the store has, `rule group`, with what they say.
std::map<std::string, std::string> pieces(Database& reader) {
    std::map<std::string, std::string> rows;
    EXPECT_TRUE(store::each_rule_state(reader, [&](auto rule, auto group, auto state) -> Result<void> {
        rows[std::string(rule) + " " + std::string(group)] = state;
        return {};
    }));
    EXPECT_TRUE(store::each_terminal_state(reader, [&](auto terminal, auto state) -> Result<void> {
        rows["terminal " + std::string(terminal)] = state;
        return {};
    }));
    return rows;
}

TEST_F(Restart, GivenATerminalThatDoesSomethingWhenSavedThenOnlyItsRowsChange) {
    unlock("T1");
    unlock("T2");
    auto judgement = open();
    judge_all(*judgement);
    ASSERT_TRUE(judgement->save());
    // What nobody wrote again is as it was left here.
    in_store([](Database& database) { return database.execute("UPDATE rule_state SET state = state || ' '"); });
    lock("T2");
    judge_all(*judgement);
    ASSERT_TRUE(judgement->save());
    std::set<std::string> written;
    for (const auto& [name, state] : pieces(reader()))
        if (!state.ends_with(' ') && !name.starts_with("terminal")) written.insert(name);
    EXPECT_THAT(written, ElementsAre(" ", R"(left-unlocked ["T2"])"));
    EXPECT_THAT(pieces(reader())["terminal T2"], HasSubstr("true"));
}

TEST_F(Restart, GivenARuleThatIsNoLongerThereWhenSavedThenNoRowOfItStays) {
    unlock();
    onlooker();
    auto judgement = open();
    judge_all(*judgement);
    std::string others = kRules;
    const std::size_t from = others.find("---\ntitle: Unlocked");
    others.erase(from, others.find("---\ntitle: Offline") - from);
    auto next = judgement->with_rules(load_rules(others));
    ASSERT_TRUE(next) << next.error().message();
    ASSERT_TRUE(pieces(reader()).contains(R"(left-unlocked ["T1"])"));
    stick();
    judge_all(**next);
    ASSERT_TRUE((*next)->save());
    for (const auto& [name, state] : pieces(reader()))
        EXPECT_FALSE(name.starts_with("left-unlocked")) << name;
    EXPECT_TRUE(pieces(reader()).contains(R"(both ["T1"])"));
}

TEST_F(Restart, GivenTheStateOfAnOlderProgramWhenOpenedThenThePastIsJudgedByEveryRule) {
    unlock();
    onlooker();
    {
        auto judgement = open();
        judge_all(*judgement);
        ASSERT_TRUE(judgement->save());
    }
    in_store([](Database& database) { return database.execute("DELETE FROM rule_state; DELETE FROM terminal_state"); });
    clock_.advance(4min);
    auto judgement = open();
    stick();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("COR-01").evidence.size(), 2u);
    EXPECT_EQ(of_rule("USB-01").summary, "Unknown storage at T1, screen unlocked.");
    clock_.advance(6min);
    judge_all(*judgement);
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning + 10min);
}

TEST_F(Restart, GivenAResolvedAlertWhenItsEventsAreJudgedAgainThenItStaysResolved) {
    stick();
    {
        auto judgement = open({.snapshot_every = 1h});
        judge_all(*judgement);
    }
    AlertDesk desk(writer(), clock_);
    ASSERT_TRUE(desk.resolve(of_rule("USB-01").alert_id, "test", "", spoc_));
    auto judgement = open();
    judge_all(*judgement);
    ASSERT_EQ(alerts().size(), 1u);
    EXPECT_EQ(alerts().front().state, "resolved");
}

TEST_F(Restart, GivenARegisterChangedSinceWhenJudgedAgainThenWhatWasKnownThenHolds) {
    stick();
    {
        auto judgement = open({.snapshot_every = 1h});
        judge_all(*judgement);
    }
    EXPECT_EQ(of_rule("USB-01").known_at, kMondayMorning);
    const std::string before = outcome();
    clock_.advance(1min);
    set_register("operators", "op-7", {{"os_accounts", List{"mary.smith"}}});
    auto judgement = open();
    judge_all(*judgement);
    EXPECT_EQ(outcome(), before);
}

TEST_F(Court, GivenTerminalsInAnotherOrderOfArrivalWhenJudgedThenTheAlertsAreTheSame) {
    // Which alerts, and how grave; the numbers of the lines differ.
    const auto alerts_of = [&](const std::vector<std::string>& order) {
        AnotherStore other;
        std::map<std::string, int> next;
        for (const std::string& terminal : order) {
            other.clock_.set(kMondayMorning + next[terminal] * 1min);
            next[terminal]++ == 0 ? other.onlooker(terminal) : other.stick(terminal);
        }
        other.clock_.set(kMondayMorning + 3min);
        auto judgement = other.open();
        other.judge_all(*judgement);
        std::set<std::string> found;
        for (const store::Alert& made : other.alerts())
            found.insert(made.alert_id + made.severity + std::to_string(made.occurrence_count) +
                         made.part_of.value_or(""));
        return found;
    };
    const auto expected = alerts_of({"T1", "T1", "T1", "T2", "T2", "T2"});
    EXPECT_EQ(expected.size(), 6u);
    EXPECT_EQ(alerts_of({"T2", "T2", "T2", "T1", "T1", "T1"}), expected);
    EXPECT_EQ(alerts_of({"T2", "T1", "T1", "T2", "T1", "T2"}), expected);
}

// --- members
// ---------------------------------------------------------------------------------------------------------

constexpr const char* kSilence = R"(
title: Something was heard
name: heard
logsource: {product: sallyport, category: server}
detection:
  heard: {type: server.liveness, state: [alive, back]}
  condition: heard
---
title: It should be heard of
name: expected
logsource: {product: sallyport}
detection:
  maintenance: {window.maintenance: true}
  condition: not maintenance
---
title: Never heard of
name: silent
level: low
absence: {without: heard, for-each: terminal, while: expected, timespan: 10m}
sallyport:
  catalogue: GOV-06
  summary: Nothing was heard of {terminal_id}.
)";

class Members : public Court {
public:
    Members() {
        rules_ = load_rules(kSilence);
        for (const std::string id : {"T1", "T2"})
            set_register("terminals", id, {{"site_id", "S1"}, {"room_id", "R1"}, {"status", "licensed"}});
        set_register("terminals", "T3", {{"site_id", "S1"}, {"status", "retired"}});
    }
    // Time passes as it does: the judge looks every second.
    void pass(Judgement& judgement, std::chrono::seconds time) {
        for (std::chrono::seconds second{0}; second < time; ++second) {
            clock_.advance(1s);
            judge_all(judgement);
        }
    }
};

TEST_F(Members, GivenARegisteredTerminalThatNeverReportedWhenTheTimeIsOverThenThereIsAnAlertOfIt) {
    auto judgement = open();
    judge_all(*judgement);
    pass(*judgement, 5min);
    liveness("T2", "alive");
    pass(*judgement, 5min - 1s);
    EXPECT_TRUE(alerts().empty());
    pass(*judgement, 1s);
    ASSERT_EQ(alerts().size(), 1u);
    const store::Alert made = of_rule("GOV-06");
    EXPECT_EQ(made.terminal_id, "T1");
    EXPECT_EQ(made.site_id, "S1");
    EXPECT_EQ(made.ori, "CA0010000");
    EXPECT_EQ(made.condition_at, kMondayMorning + 10min);
    EXPECT_TRUE(made.evidence.empty()) << "there is no event of it";
    pass(*judgement, 1min);
    liveness("T1", "alive");
    judge_all(*judgement);
    EXPECT_EQ(of_rule("GOV-06").state, "auto_cleared");
}

TEST_F(Members, GivenARestartWhenNothingWasSavedButWhatIsWrittenThenNoStormAndNothingIsSaidTwice) {
    auto judgement = open();
    judge_all(*judgement);
    pass(*judgement, 11min);
    ASSERT_EQ(alerts().size(), 2u);
    const std::string before = outcome();
    judgement.reset();  // as if it was killed
    clock_.advance(48h);
    judgement = open();
    judge_all(*judgement);
    pass(*judgement, 20min);
    EXPECT_EQ(outcome(), before);
}

TEST_F(Members, GivenALongStopThenEachTerminalHasItsTimeAgain) {
    auto judgement = open();
    judge_all(*judgement);
    pass(*judgement, 5min);
    liveness("T1", "alive");
    liveness("T2", "alive");
    judge_all(*judgement);
    ASSERT_TRUE(judgement->save());
    judgement.reset();
    clock_.advance(48h);
    judgement = open();
    judge_all(*judgement);
    pass(*judgement, 10min - 1s);
    EXPECT_TRUE(alerts().empty()) << "nobody listened for two days";
    pass(*judgement, 1s);
    EXPECT_EQ(alerts().size(), 2u);
}

// --- backlog
// ---------------------------------------------------------------------------------------------------------

class Backlogged : public Court {
public:
    // The terminal is connected and has announced that many lines.
    void announce(std::uint64_t seq) {
        in_store([&](Database& database) {
            const std::string instance = to_hex(sha256(bytes_of("T1"))).substr(0, 32);
            return store::save_liveness(database, {"T1", "CA0010000", "alive", clock_.now(), clock_.now(),
                                                   write_json(Record{{"instance", instance}, {"seq", seq}})});
        });
    }
};

TEST_F(Backlogged, GivenLinesStillOnTheirWayWhenATimerIsDueThenItWaitsForThem) {
    log("T1", "session.unlock", {{"cause", "user"}}, 60min);
    announce(2);
    auto judgement = open();
    judge_all(*judgement);
    clock_.advance(30s);
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty()) << "whether it was locked in time is on its way";
    log("T1", "session.lock", {{"cause", "user"}}, 55min);
    judge_all(*judgement);
    clock_.advance(1min);
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty());
}

TEST_F(Backlogged, GivenABacklogThatDoesNotComeThenAfterAMinuteNothingWaitsForIt) {
    log("T1", "session.unlock", {{"cause", "user"}}, 60min);
    announce(2);
    auto judgement = open();
    judge_all(*judgement);
    for (int second = 0; second < 60; ++second) {
        EXPECT_TRUE(alerts().empty());
        clock_.advance(1s);
        judge_all(*judgement);
    }
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning - 50min);
}

// --- the collector was down
// ---------------------------------------------------------------------------------------------------------

class Returning : public Court {
public:
    void hear(const std::string& state = "alive") {
        in_store([&](Database& database) {
            return store::save_liveness(
                database, {"T1", "CA0010000", state, clock_.now(), clock_.now(), std::nullopt});
        });
    }
    // It is unlocked and heard of, then the collector is down while the timer falls due.
    std::unique_ptr<Judgement> restart() {
        unlock();
        auto judgement = open();
        judge_all(*judgement);
        hear();
        EXPECT_TRUE(judgement->save());
        judgement.reset();
        clock_.advance(1h);
        return open();
    }
};

TEST_F(Returning, GivenATerminalThatWasAliveBeforeAStopWhenATimerIsDueThenItWaitsUntilTheTerminalIsBack) {
    auto judgement = restart();
    judge_all(*judgement);
    clock_.advance(40s);
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty()) << "whether it was locked in time is in its spool";
    log("T1", "session.lock", {{"cause", "user"}}, 55min);
    hear();
    judge_all(*judgement);
    clock_.advance(1min);
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty());
}

TEST_F(Returning, GivenATerminalThatComesBackAndWasNotLockedThenTheAlertSaysWhenItsConditionWasMet) {
    auto judgement = restart();
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty());
    clock_.advance(1s);
    hear();
    judge_all(*judgement);
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning + 10min);
}

TEST_F(Returning, GivenATerminalThatDoesNotComeBackThenNothingWaitsForItOnceItCountsAsLate) {
    auto judgement = restart();
    judge_all(*judgement);
    clock_.advance(3min);
    judge_all(*judgement);
    EXPECT_TRUE(alerts().empty());
    hear("late");
    clock_.advance(1s);
    judge_all(*judgement);
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning + 10min);
}

TEST_F(Returning, GivenOtherRulesAfterAStartThenTerminalsHeardSinceTheStartAreNotWaitedFor) {
    auto judgement = restart();
    judge_all(*judgement);
    hear();
    clock_.advance(1s);
    auto next = judgement->with_rules(load_rules());
    ASSERT_TRUE(next) << next.error().message();
    judge_all(**next);
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning + 10min);
}

TEST_F(Court, GivenEventsThatNeverStopComingWhenATimerIsDueThenItFiresAllTheSame) {
    unlock();
    auto judgement = open();
    judge_all(*judgement);
    clock_.advance(10min);
    stick("T2");
    const auto progress = judgement->step();
    ASSERT_TRUE(progress);
    EXPECT_TRUE(progress->judged);
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning + 10min);
}

// --- other rules
// ---------------------------------------------------------------------------------------------------------

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    return text;
}

TEST_F(Court, GivenOtherRulesWhenTheyAreTakenThenARuleThatIsTheSameKeepsWhatItHadHalfSeen) {
    unlock();
    auto judgement = open();
    judge_all(*judgement);
    clock_.advance(6min);
    auto next = judgement->with_rules(load_rules(replaced(kRules, "timespan: 5m", "timespan: 7m")));
    ASSERT_TRUE(next) << next.error().message();
    judge_all(**next);
    clock_.advance(4min);
    judge_all(**next);
    EXPECT_EQ(of_rule("SES-01").condition_at, kMondayMorning + 10min);
    EXPECT_EQ(alerts().size(), 1u);
}

TEST_F(Court, GivenARuleThatChangedWhenItIsTakenThenItIsShownThePast) {
    onlooker();
    clock_.advance(6min);
    stick();
    auto judgement = open();
    judge_all(*judgement);
    ASSERT_EQ(alerts().size(), 2u) << "six minutes are too long";
    auto next = judgement->with_rules(load_rules(replaced(kRules, "timespan: 5m", "timespan: 7m")));
    ASSERT_TRUE(next) << next.error().message();
    judge_all(**next);
    EXPECT_EQ(of_rule("COR-01").condition_at, kMondayMorning + 6min);
    EXPECT_EQ(of_rule("USB-01").occurrence_count, 1) << "the others are not judged again";
    const std::string before = outcome();
    auto again = (*next)->with_rules(load_rules(replaced(kRules, "timespan: 5m", "timespan: 7m")));
    ASSERT_TRUE(again);
    judge_all(**again);
    EXPECT_EQ(outcome(), before);
}

TEST_F(Court, GivenHalfOfAConditionInThePastWhenARuleIsNewThenTheOtherHalfMakesItWhole) {
    const std::string without =
        std::string(kRules).substr(0, std::string(kRules).find("---\ntitle: Onlooker and storage"));
    rules_ = load_rules(without);
    onlooker();
    auto judgement = open();
    judge_all(*judgement);
    clock_.advance(1min);
    auto next = judgement->with_rules(load_rules());
    ASSERT_TRUE(next);
    stick();
    judge_all(**next);
    EXPECT_EQ(of_rule("COR-01").evidence.size(), 2u);
}

// --- the thread
// ------------------------------------------------------------------------------------------------------

TEST_F(Court, GivenTheRunningJudgeWhenNotifiedThenTheAlertIsThereAndTheConsolesAreWoken) {
    std::mutex mutex;
    std::condition_variable told;
    int changes = 0;
    auto judge = Judge::start(writer(), clock_, rules_, [&] {
        const std::scoped_lock lock(mutex);
        ++changes;
        told.notify_all();
    });
    ASSERT_TRUE(judge) << judge.error().message();
    const auto wait_for_changes = [&](int count) {
        std::unique_lock lock(mutex);
        return told.wait_for(lock, 10s, [&] { return changes >= count; });
    };
    stick();
    (*judge)->notify();
    ASSERT_TRUE(wait_for_changes(1));
    EXPECT_EQ(of_rule("USB-01").state, "new");
    unlock();
    clock_.advance(10min);  // nobody notifies: the timer has to be noticed
    ASSERT_TRUE(wait_for_changes(2));
    EXPECT_EQ(of_rule("SES-01").state, "new");
    const auto others = load_rules(replaced(kRules, "timespan: 5m", "timespan: 7m"));
    (*judge)->reload(others);
    stick("T2");  // judged by the new rules, or by the old ones first
    (*judge)->notify();
    ASSERT_TRUE(wait_for_changes(3));
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while ((*judge)->rules() != others && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_EQ((*judge)->rules(), others);
    judge->reset();
    EXPECT_EQ((*store::load_rule_position(reader()))->state_cursor, 3) << "it leaves a snapshot";
}

}  // namespace
}  // namespace sallyport::alerts
