// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder.hpp"

#include "agent/health.hpp"
#include "agent/lifecycle.hpp"
#include "tests/agent/core/core_fixture.hpp"

namespace sallyport::agent {
namespace {

using RecorderTest = CoreFixture;

TEST_F(RecorderTest, GivenAnObservationWhenTakenThenItIsADurableEventWithItsWholeEnvelope) {
    int woken = 0;
    recorder_->when_recorded([&] { ++woken; });
    Observation observation = something();
    observation.occurred_at = clock_.now() - std::chrono::seconds(5);
    observation.session_id = "c1";
    observation.operator_account = "op1";
    ASSERT_TRUE(recorder_->take(observation));
    EXPECT_EQ(woken, 1);
    ASSERT_EQ(events().size(), 1U);
    const Event event = events()[0];
    EXPECT_EQ(event.terminal_id, "T-1");
    EXPECT_EQ(event.agent_instance, spool_->instance());
    EXPECT_EQ(event.boot_id, std::string(32, 'b'));
    EXPECT_EQ(event.config_sha256, std::string(64, 'c'));
    EXPECT_EQ(event.seq, 1U);
    EXPECT_EQ(event.occurred_at, observation.occurred_at);
    EXPECT_EQ(event.observed_at, clock_.now());
    EXPECT_EQ(event.session_id, "c1");
    EXPECT_EQ(event.operator_account, "op1");
    EXPECT_EQ(event.nonce.size(), 32U);
    ASSERT_TRUE(recorder_->take(observation));
    EXPECT_NE(events()[1].nonce, event.nonce);
}

TEST_F(RecorderTest, GivenABodyThatBreaksTheSchemaWhenTakenThenItIsRefusedByNameAndNoNumberIsUsed) {
    Observation observation = something();
    observation.body.set("title", "what must never be sent");
    auto refused = recorder_->take(observation);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("title"), std::string::npos);
    EXPECT_EQ(refused.error().message().find("never be sent"), std::string::npos);
    EXPECT_EQ(spool_->last().seq, 0U);
}

// Its wall time jumps while no time passes.
class SteppingClock final : public Clock {
public:
    [[nodiscard]] WallTime now() const override { return WallTime(std::chrono::milliseconds(1'795'456'800'000) + step); }
    [[nodiscard]] MonotonicTime monotonic() const override { return MonotonicTime(5000); }
    [[nodiscard]] ClockState state() const override { return ClockState::synced; }
    std::chrono::milliseconds step{0};
};

TEST_F(RecorderTest, GivenAClockThatStepsWhenTheNextObservationComesThenTheStepIsAnEventBeforeIt) {
    SteppingClock clock;
    Recorder recorder(*spool_, clock, std::string(32, 'b'), std::string(64, 'c'));
    clock.step = std::chrono::milliseconds(1999);
    ASSERT_TRUE(recorder.take(something()));
    clock.step = std::chrono::milliseconds(-60'000);
    ASSERT_TRUE(recorder.take(something()));
    ASSERT_TRUE(recorder.take(something()));
    ASSERT_EQ(events().size(), 4U);
    EXPECT_EQ(events()[1].type, "agent.clock_step");
    EXPECT_EQ(integer_of(events()[1].body, "delta_ms"), -60'000);
}

TEST_F(RecorderTest, GivenAClockThatStepsWhenLookedAtThenTheStepIsAnEventAtOnce) {
    SteppingClock clock;
    int woken = 0;
    Recorder recorder(*spool_, clock, std::string(32, 'b'), std::string(64, 'c'), [&] { ++woken; });
    ASSERT_TRUE(recorder.look_at_clock());
    clock.step = std::chrono::milliseconds(90'000);
    ASSERT_TRUE(recorder.look_at_clock());
    ASSERT_TRUE(recorder.look_at_clock());
    ASSERT_EQ(events().size(), 1U);
    EXPECT_EQ(integer_of(events()[0].body, "delta_ms"), 90'000);
    EXPECT_EQ(woken, 1);
}

class SmallSpool : public CoreFixture {
protected:
    SmallSpool() : CoreFixture(SpoolLimits{.lines_max = 20}) {}
};

TEST_F(SmallSpool, GivenASpoolThatFillsWhenItOverflowsAndDrainsThenEachIsAnEventWithNumbers) {
    for (int i = 0; i < 40; ++i)
        ASSERT_TRUE(recorder_->take(something()));
    const auto states = [&] {
        std::vector<std::string> found;
        for (const Event& event : events())
            if (event.type == "agent.queue") found.emplace_back(text_of(event.body, "state"));
        return found;
    };
    EXPECT_EQ(states(), (std::vector<std::string>{"filling", "overflow"}));
    ASSERT_TRUE(spool_->acknowledge(spool_->last().seq, spool_->last().head));
    ASSERT_TRUE(recorder_->take(something()));
    EXPECT_EQ(states().back(), "drained");
    EXPECT_GT(spool_->dropped(), 0U);
}

TEST_F(RecorderTest, GivenSensorStatesWhenReportedThenOnlyChangesAreEventsAndAllAreInTheHeartbeat) {
    Health health(*recorder_, clock_);
    int announced = 0;
    health.when_changed([&] { ++announced; });
    health.report("usb", SensorState::ok, "");
    health.report("usb", SensorState::ok, "");
    health.report("print", SensorState::absent, "no_cups");
    health.report("usb", SensorState::degraded, "bus_missing");
    EXPECT_EQ(announced, 3);
    ASSERT_EQ(events().size(), 3U);
    EXPECT_EQ(text_of(events()[2].body, "reason"), "bus_missing");
    StatusMessage status;
    health.describe(status);
    EXPECT_EQ(status.sensors.at("usb"), SensorState::degraded);
    EXPECT_EQ(status.reasons.at("print"), "no_cups");
}

TEST_F(RecorderTest, GivenASinkThatFailsWhenAStateChangesThenItIsRecordedLater) {
    class MoodySink final : public ObservationSink {
    public:
        Result<void> take(const Observation&) override {
            if (failing) return Error(Errc::exhausted, "full");
            ++taken;
            return {};
        }
        bool failing = true;
        int taken = 0;
    } sink;
    Health health(sink, clock_);
    health.report("usb", SensorState::ok, "");
    EXPECT_EQ(sink.taken, 0);
    sink.failing = false;
    health.retry();
    health.retry();
    EXPECT_EQ(sink.taken, 1);
}

TEST_F(RecorderTest, GivenRunsOfTheAgentWhenTheyStartThenTheReasonIsFoundInWhatTheRunBeforeLeft) {
    const RunFacts facts{std::string(64, 'a'), std::string(32, 'b'), std::string(64, 'c'),
                         *BatchKeyCertificate::issue(key_, "T-1", spool_->instance(), key_.public_key())};
    ASSERT_TRUE(record_start(*recorder_, *spool_, facts, std::nullopt, clock_));
    EXPECT_EQ(events()[0].type, "agent.start");
    EXPECT_EQ(text_of(events()[0].body, "previous_instance"), "unknown");
    EXPECT_EQ(events()[1].type, "agent.config");
    ASSERT_TRUE(record_start(*recorder_, *spool_, facts, EndNote{"oom-kill", "KILL"}, clock_));
    EXPECT_EQ(text_of(events()[2].body, "reason"), "crash");
    EXPECT_FALSE(events()[2].body.contains("previous_instance"));
    ASSERT_TRUE(record_stop(*recorder_, "sigterm", clock_));
    ASSERT_TRUE(record_start(*recorder_, *spool_, facts, std::nullopt, clock_));
    EXPECT_EQ(text_of(events()[4].body, "reason"), "restart");
    RunFacts other_boot = facts;
    other_boot.boot_id = std::string(32, 'd');
    ASSERT_TRUE(record_start(*recorder_, *spool_, other_boot, std::nullopt, clock_));
    EXPECT_EQ(text_of(events()[5].body, "reason"), "boot");
}

TEST_F(RecorderTest, GivenARunThatWasKilledWhenTheNextBeginsThenThatIsTampering) {
    const RunFacts facts{std::string(64, 'a'), std::string(32, 'b'), std::string(64, 'c'),
                         *BatchKeyCertificate::issue(key_, "T-1", spool_->instance(), key_.public_key())};
    ASSERT_TRUE(record_start(*recorder_, *spool_, facts, std::nullopt, clock_));
    ASSERT_TRUE(record_start(*recorder_, *spool_, facts, EndNote{"signal", "KILL"}, clock_));
    EXPECT_EQ(events().back().type, "agent.tamper");
    EXPECT_EQ(text_of(events().back().body, "kind"), "process_killed");
    EXPECT_FALSE(events().back().occurred_at);
}

TEST(EndNoteTest, GivenHowARunEndedThenOnlySomebodysDoingIsAKill) {
    EXPECT_TRUE(was_killed(std::nullopt)) << "nothing explains it";
    EXPECT_TRUE(was_killed(EndNote{"signal", "KILL"}));
    EXPECT_FALSE(was_killed(EndNote{"signal", "SEGV"}));
    EXPECT_FALSE(was_killed(EndNote{"core-dump", "ABRT"}));
    EXPECT_FALSE(was_killed(EndNote{"oom-kill", "KILL"}));
    EXPECT_FALSE(was_killed(EndNote{"watchdog", "ABRT"}));
    EXPECT_FALSE(was_killed(EndNote{"exit-code", "3"}));
}

TEST(EndNoteTest, GivenANoteWhenTakenThenItIsGone) {
    testing::TemporaryFolder folder;
    ASSERT_TRUE(write_end_note(folder / "agent.end", {"signal", "KILL"}));
    const auto note = take_end_note(folder / "agent.end");
    ASSERT_TRUE(note);
    EXPECT_EQ(note->result, "signal");
    EXPECT_EQ(note->status, "KILL");
    EXPECT_FALSE(take_end_note(folder / "agent.end"));
}

}  // namespace
}  // namespace sallyport::agent
