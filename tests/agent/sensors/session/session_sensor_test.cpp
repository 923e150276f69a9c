// SPDX-License-Identifier: Apache-2.0
//
// The session sensor's decisions, with a log-in manager that says what the test wants and a clock that it
// moves.
#include "agent/sensors/session/session_sensor.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "agent/sensors/session/session_source.hpp"
#include "tests/support/cued_drill.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/running_sensor.hpp"

namespace sallyport {
namespace {

using agent::LoginSession;
using agent::SessionChange;
using agent::SessionManager;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = SessionChange::Kind;

// What the manager says, one step after the other; when the steps are over the bus is gone.
struct Script {
    SessionManager manager{.offers_idle = true, .locks_after = std::nullopt};
    std::vector<LoginSession> sessions;
    // Each step may change the sessions and the time, and may tell of a change.
    std::deque<std::function<std::optional<SessionChange>()>> steps;
    std::vector<milliseconds> pauses;
};

class ScriptedSource final : public agent::SessionSource {
public:
    explicit ScriptedSource(Script& script) : script_(script) {}

    Result<SessionManager> connect() override { return script_.manager; }
    Result<std::vector<LoginSession>> sessions() override { return script_.sessions; }
    Result<std::optional<LoginSession>> session(const std::string& id) override {
        for (const auto& one : script_.sessions)
            if (one.id == id) return std::optional(one);
        return std::optional<LoginSession>();
    }
    Result<std::optional<SessionChange>> wait(std::stop_token, milliseconds pause) override {
        script_.pauses.push_back(pause);
        if (script_.steps.empty()) return Error(Errc::unavailable, "the script is over");
        auto step = std::move(script_.steps.front());
        script_.steps.pop_front();
        return step();
    }
    void release_delay() override {}

private:
    Script& script_;
};

class SessionDecisions : public ::testing::Test {
protected:
    // Runs the sensor until the script is over.
    Result<void> run() { return sensor_->run({}, {witness_, witness_, clock_, drill_}); }
    void step(std::function<std::optional<SessionChange>()> what) {
        script_.steps.push_back(std::move(what));
    }

    static LoginSession op1() {
        LoginSession session;
        session.id = "1";
        session.account = "op1";
        return session;
    }

    LoginSession op1_ = op1();
    Script script_;
    testing::ManualClock clock_;
    testing::Witness witness_;
    testing::CuedDrill drill_;
    std::unique_ptr<agent::Sensor> sensor_ =
        agent::make_session_sensor({.lock_limit = seconds(900)}, std::make_unique<ScriptedSource>(script_));
};

// system.md 9.10: no idle interface, no idle events, and the console is told.
TEST_F(SessionDecisions, GivenAManagerWithoutIdleWhenTheSensorStartsThenIdleIsAbsent) {
    script_.manager.offers_idle = false;
    EXPECT_FALSE(run());
    witness_.await_health("idle", SensorState::absent, "no_idle_interface");
    witness_.await_health("session", SensorState::ok);
}

// system.md 9.10: what vetoes the camera's "absent" is the session's word, and only of who sits there.
TEST_F(SessionDecisions, GivenSomebodyComesBackWhenTheSessionSaysSoThenTheInputIsNoted) {
    const auto input = std::make_shared<agent::InputActivity>();
    sensor_ = agent::make_session_sensor({.lock_limit = seconds(900), .input = input},
                                         std::make_unique<ScriptedSource>(script_));
    LoginSession far = op1_;
    far.id = "2";
    far.remote = true;
    script_.sessions = {op1_, far};
    step([&] {
        EXPECT_FALSE(input->last());
        return SessionChange{Kind::active, "2", {}};
    });
    step([&] {
        EXPECT_FALSE(input->last());
        return SessionChange{Kind::active, "1", {}};
    });
    step([&]() -> std::optional<SessionChange> {
        EXPECT_EQ(input->last(), clock_.monotonic());
        return std::nullopt;
    });
    EXPECT_FALSE(run());
    EXPECT_TRUE(input->last());
}

// CSP AC-11(a): at most 30 minutes.
TEST_F(SessionDecisions, GivenAManagerThatLocksWhenItsLimitChangesThenTheSettingIsToldWithItsCompliance) {
    script_.manager.locks_after = seconds(1800);
    step([&] {
        script_.manager.locks_after = seconds(1801);
        return SessionChange{Kind::restarted, {}, {}};
    });
    step([] { return SessionChange{Kind::restarted, {}, {}}; });
    EXPECT_FALSE(run());
    const auto settings = witness_.of("policy.setting");
    ASSERT_EQ(settings.size(), 2u);
    EXPECT_EQ(text_of(settings[0].body, "compliant"), "yes");
    EXPECT_EQ(settings[0].occurred_at, std::nullopt);
    EXPECT_EQ(text_of(settings[1].body, "value"), "1801");
    EXPECT_EQ(text_of(settings[1].body, "previous"), "1800");
    EXPECT_EQ(text_of(settings[1].body, "compliant"), "no");
}

// decisions.md 18: at the lock limit, a minute later, and at 1,800 s.
TEST_F(SessionDecisions, GivenNobodyThereForHalfAnHourWhenTimePassesThenEachThresholdIsTold) {
    script_.sessions = {op1_};
    step([&] {
        script_.sessions[0].idle_for = milliseconds(0);
        return SessionChange{Kind::idle, "1", milliseconds(0)};
    });
    for (int minute = 1; minute <= 31; ++minute)
        step([&, minute]() -> std::optional<SessionChange> {
            clock_.advance(seconds(60));
            script_.sessions[0].idle_for = seconds(60 * minute);
            return std::nullopt;
        });
    EXPECT_FALSE(run());
    std::vector<std::int64_t> told;
    for (const auto& one : witness_.of("session.idle"))
        told.push_back(integer_of(one.body, "idle_s"));
    EXPECT_EQ(told, (std::vector<std::int64_t>{300, 600, 900, 960, 1200, 1500, 1800}));
}

TEST_F(SessionDecisions, GivenAThresholdThatFallsDueWhenTheSessionIsInUseAfterAllThenNothingIsTold) {
    script_.sessions = {op1_};
    step([] { return SessionChange{Kind::idle, "1", seconds(0)}; });
    step([&]() -> std::optional<SessionChange> {
        clock_.advance(seconds(301));  // the signal that input is back got lost
        return std::nullopt;
    });
    EXPECT_FALSE(run());
    EXPECT_TRUE(witness_.of("session.idle").empty());
    EXPECT_LE(script_.pauses.at(1), seconds(60));
}

TEST_F(SessionDecisions, GivenALockThatWasNotSeenWhenTheBusIsBackThenThresholdsOfBeforeAccuseNobody) {
    script_.sessions = {op1_};
    EXPECT_FALSE(run());
    clock_.advance(seconds(1900));
    script_.sessions[0].locked = true;
    script_.sessions[0].idle_for = seconds(1850);
    EXPECT_FALSE(run());
    EXPECT_EQ(witness_.of("session.lock").size(), 1u);
    EXPECT_TRUE(witness_.of("session.idle").empty()) << witness_.listing();
}

TEST_F(SessionDecisions, GivenASessionOverBeforeItCouldBeAskedWhenItAppearedThenItIsAGapOfOne) {
    step([] { return SessionChange{Kind::appeared, "9", {}}; });
    step([] { return SessionChange{Kind::gone, "9", {}}; });
    EXPECT_FALSE(run());
    const auto gaps = witness_.of("agent.gap");
    ASSERT_EQ(gaps.size(), 1u);
    EXPECT_EQ(integer_of(gaps[0].body, "missed"), 1);
    EXPECT_TRUE(witness_.of("session.logoff").empty());
}

TEST_F(SessionDecisions, GivenTheSameIdForAnotherSessionWhenTheBusIsBackThenOneEndedAndOneBegan) {
    op1_.created_at = clock_.now();
    script_.sessions = {op1_};
    EXPECT_FALSE(run());
    script_.sessions[0].created_at = clock_.now() + seconds(60);
    EXPECT_FALSE(run());
    EXPECT_EQ(witness_.of("session.logoff").size(), 1u);
    EXPECT_EQ(witness_.of("session.logon").size(), 2u);
}

// system.md 3: an event counts as taken only once it is in the spool.
TEST_F(SessionDecisions, GivenASinkThatFailsWhenALockIsSeenThenItIsToldAgainLater) {
    script_.sessions = {op1_};
    step([&] {
        witness_.refuse(true);
        script_.sessions[0].locked = true;
        return SessionChange{Kind::locked, "1", {}};
    });
    EXPECT_EQ(run().error().code(), Errc::io);
    EXPECT_TRUE(witness_.of("session.lock").empty());
    witness_.refuse(false);
    EXPECT_FALSE(run());
    EXPECT_EQ(witness_.of("session.lock").size(), 1u);
}

TEST_F(SessionDecisions, GivenASleepWhenTheTerminalWakesThenItsLengthIsKnown) {
    step([] { return SessionChange{Kind::sleeping, {}, {}}; });
    step([&] {
        clock_.advance(seconds(3600));
        return SessionChange{Kind::resumed, {}, {}};
    });
    EXPECT_FALSE(run());
    const auto resumes = witness_.of("device.resume");
    ASSERT_EQ(resumes.size(), 1u);
    EXPECT_EQ(integer_of(resumes[0].body, "slept_s"), 3600);
}

TEST_F(SessionDecisions, GivenADrillWhenTheScreenIsLockedThenTheLockIsToldAndAMarkedCopyOfIt) {
    script_.sessions = {op1_};
    step([&]() -> std::optional<SessionChange> {
        drill_.begin({"session"});
        return SessionChange{Kind::locked, "1", {}};
    });
    step([]() -> std::optional<SessionChange> { return SessionChange{Kind::unlocked, "1", {}}; });
    step([]() -> std::optional<SessionChange> { return SessionChange{Kind::locked, "1", {}}; });
    EXPECT_FALSE(run());
    const auto locks = witness_.of("session.lock");
    ASSERT_EQ(locks.size(), 3U);
    EXPECT_EQ(locks[0].drill, std::nullopt);
    EXPECT_EQ(locks[1].drill, std::string(32, 'd'));
    EXPECT_EQ(locks[1].body, locks[0].body);
    EXPECT_EQ(locks[2].drill, std::nullopt);
    EXPECT_EQ(witness_.of("session.unlock").at(0).drill, std::nullopt);
}

}  // namespace
}  // namespace sallyport
