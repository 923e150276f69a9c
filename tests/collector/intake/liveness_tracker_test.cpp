// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/liveness_tracker.hpp"

#include <gtest/gtest.h>

#include <set>

#include "collector/intake/refusal_ledger.hpp"
#include "protocol/timestamp.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/test_terminal.hpp"

namespace sallyport::intake {
namespace {

using namespace std::chrono_literals;

class LivenessTest : public ::testing::Test {
protected:
    std::string status(StatusKind kind, std::uint64_t seq = 0) {
        StatusMessage message = terminal_.status_message(kind, clock_.now());
        message.seq = seq;
        return state_of(tracker_.on_status(message, "CA0300000", "{}", clock_.now()));
    }
    static std::string state_of(const LivenessChange& change) {
        return change.notice ? std::string(text_of(change.notice->body, "state")) : "";
    }
    // What time alone brings: `type:state` of each notice.
    std::string pass(std::chrono::seconds time) {
        clock_.advance(time);
        std::string text;
        for (const auto& change : tracker_.advance(expected_, clock_.now()))
            if (change.notice && change.notice->type != "device.summary")
                text += change.notice->type + ":" + state_of(change) + " ";
        return text;
    }

    testing::ManualClock clock_;
    testing::TestTerminal terminal_;
    std::vector<ExpectedTerminal> expected_;
    LivenessTracker tracker_{{}, clock_.now()};
};

TEST_F(LivenessTest, GivenHeartbeatsWhenTheyComeThenOnlyTheFirstIsATransition) {
    EXPECT_EQ(status(StatusKind::birth), "alive");
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(pass(60s), "");
        EXPECT_EQ(status(StatusKind::heartbeat), "");
    }
}

TEST_F(LivenessTest, GivenThreeMissedHeartbeatsWhenTimePassesThenItIsLateSinceItWasLastSeen) {
    status(StatusKind::birth);
    const WallTime seen = clock_.now();
    EXPECT_EQ(pass(180s), "");
    clock_.advance(1s);
    const auto changes = tracker_.advance({}, clock_.now());
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(state_of(changes[0]), "late");
    EXPECT_EQ(changes[0].notice->occurred_at, seen);
    EXPECT_EQ(text_of(changes[0].notice->body, "last_seen_at"), format_time(seen));
    EXPECT_EQ(pass(3600s), "") << "one silence is told once";
    EXPECT_EQ(status(StatusKind::birth), "back");
}

TEST_F(LivenessTest, GivenALastWillWhenItComesThenItIsOfflineAtOnce) {
    status(StatusKind::birth);
    clock_.advance(20s);
    EXPECT_EQ(status(StatusKind::will), "offline");
    EXPECT_EQ(status(StatusKind::will), "");
    EXPECT_EQ(pass(300s), "");
    EXPECT_EQ(status(StatusKind::birth), "back");
}

// Decisions 3: shut down or asleep in order is not silent.
TEST_F(LivenessTest, GivenAnAnnouncedShutdownWhenTheConnectionEndsThenItIsNoSilence) {
    status(StatusKind::birth);
    tracker_.on_event("T-1", "CA0300000", "device.shutdown", clock_.now());
    EXPECT_EQ(status(StatusKind::will), "shutdown");
    EXPECT_EQ(pass(7200s), "");
    EXPECT_EQ(status(StatusKind::birth), "back");
    tracker_.on_event("T-1", "CA0300000", "device.sleep", clock_.now());
    EXPECT_EQ(pass(181s), "server.liveness:asleep ");
}

TEST_F(LivenessTest, GivenARegisteredTerminalWhenItIsNeverHeardOfThenItIsLateOnce) {
    expected_ = {{"T-7", "CA0300000", 60}};
    EXPECT_EQ(pass(180s), "");
    EXPECT_EQ(pass(1s), "server.liveness:late ");
    EXPECT_EQ(pass(600s), "");
}

// The collector's own absence is not the terminals'.
TEST_F(LivenessTest, GivenARestartOfTheCollectorWhenItWasAwayForHoursThenNobodyIsLateYet) {
    LivenessTracker restarted({{"T-1", "CA0300000", "alive", clock_.now() - 5h, clock_.now() - 5h, {}}}, clock_.now());
    clock_.advance(100s);
    EXPECT_TRUE(restarted.advance({}, clock_.now()).empty());
    clock_.advance(81s);
    EXPECT_EQ(restarted.advance({}, clock_.now()).size(), 1U);
}

// Counted from before our own absence, a terminal that reconnects a little late would be silent for an hour at once.
TEST_F(LivenessTest, GivenARestartOfTheCollectorWhenATerminalIsLateThenItsSilenceBeginsWithTheRestart) {
    const WallTime seen = clock_.now() - 2h;
    tracker_ = LivenessTracker({{"T-1", "CA0300000", "alive", seen, seen, {}}}, clock_.now());
    const WallTime started = clock_.now();
    clock_.advance(181s);
    const auto changes = tracker_.advance({}, clock_.now());
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(state_of(changes[0]), "late");
    EXPECT_EQ(changes[0].notice->occurred_at, started);
    EXPECT_EQ(text_of(changes[0].notice->body, "last_seen_at"), format_time(seen));
}

TEST_F(LivenessTest, GivenAnAnnouncedLineWhenItDoesNotComeThenTheGapHasItsNumbers) {
    status(StatusKind::birth, 10);
    tracker_.on_committed("T-1", terminal_.instance, 7);
    EXPECT_EQ(pass(1s), "");
    status(StatusKind::heartbeat, 10);
    clock_.advance(61s);
    const auto changes = tracker_.advance({}, clock_.now());
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].notice->type, "server.gap");
    EXPECT_EQ(integer_of(changes[0].notice->body, "first_seq"), 8);
    EXPECT_EQ(integer_of(changes[0].notice->body, "last_seq"), 10);
    EXPECT_EQ(pass(30s), "") << "told once";
}

TEST_F(LivenessTest, GivenAFullHourWhenItPassesThenThereIsOneSummaryATerminal) {
    status(StatusKind::birth);
    status(StatusKind::heartbeat);
    tracker_.on_event("T-1", "CA0300000", "usb.attach", clock_.now());
    clock_.advance(3600s);
    int summaries = 0;
    for (const auto& change : tracker_.advance({}, clock_.now()))
        if (change.notice && change.notice->type == "device.summary") {
            ++summaries;
            EXPECT_EQ(integer_of(change.notice->body, "heartbeats"), 2);
            EXPECT_EQ(integer_of(change.notice->body, "events"), 1);
        }
    EXPECT_EQ(summaries, 1);
}

// Ten thousand lines in one transaction would hold up every acknowledgement.
TEST_F(LivenessTest, GivenManyTerminalsWhenAnHourIsFullThenTheirSummariesComeInSlicesAndCountThatHourOnly) {
    constexpr int kMany = 1'100;
    const auto id = [](int number) { return "T-" + std::to_string(number); };
    const auto hear_all = [&] {
        for (int number = 0; number < kMany; ++number)
            tracker_.on_event(id(number), "CA0300000", "usb.attach", clock_.now());
    };
    hear_all();
    clock_.advance(3600s);
    std::vector<std::size_t> slices;
    std::set<std::string> told;
    do {
        slices.push_back(0);
        for (const auto& change : tracker_.advance({}, clock_.now()))
            if (change.notice && change.notice->type == "device.summary") {
                ++slices.back();
                EXPECT_TRUE(told.emplace(text_of(change.notice->body, "terminal")).second) << "told twice";
                EXPECT_EQ(integer_of(change.notice->body, "events"), 1);
            }
        hear_all();  // of the next hour
        clock_.advance(1s);
    } while (slices.back() > 0);
    EXPECT_EQ(slices, (std::vector<std::size_t>{500, 500, 100, 0}));
    EXPECT_EQ(told.size(), static_cast<std::size_t>(kMany));
}

TEST(RefusalLedger, GivenAFloodWhenNotedThenOneEntryAMinuteIsWrittenAndTheRestCounted) {
    testing::ManualClock clock;
    RefusalLedger ledger;
    const Refusal refusal{"bad_signature", "T-1", "why"};
    auto first = ledger.note(refusal, "topic", "payload-SECRET", clock.now());
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->body.contains("repeated"));
    for (int i = 0; i < 1000; ++i)
        EXPECT_FALSE(ledger.note(refusal, "topic", "payload", clock.now()));
    EXPECT_TRUE(ledger.note(refusal, "another topic", "payload", clock.now())) << "another topic is another matter";
    clock.advance(61s);
    const auto due = ledger.due(clock.now());
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(integer_of(due[0].body, "repeated"), 1000);
    EXPECT_TRUE(ledger.due(clock.now()).empty());
}

}  // namespace
}  // namespace sallyport::intake
