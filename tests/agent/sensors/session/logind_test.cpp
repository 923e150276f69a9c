// SPDX-License-Identifier: Apache-2.0
//
// The session sensor on a real D-Bus, with a mock logind at the other end.
#include <gtest/gtest.h>

#include "agent/sensors/session/session_sensor.hpp"
#include "tests/support/logind/mock_logind.hpp"
#include "tests/support/running_sensor.hpp"

namespace sallyport {
namespace {

using agent::make_session_sensor;
using agent::Observation;
using testing::MockLogind;
using testing::RunningSensor;
using testing::Witness;

// A lock limit of one second, so that the first threshold is a second away and nobody has to wait five
// minutes.
class SessionOnTheBus : public ::testing::Test {
protected:
    void SetUp() override {
        if (!logind_.ready())
            GTEST_SKIP() << "SKIPPED: no private system bus (dbus-daemon, python3-dbusmock) on this machine";
    }
    void start() {
        sensor_.start();
        witness_.await_health("session", SensorState::ok);
    }
    void restart_bus_with(const std::vector<std::string>& sessions) {
        logind_.tell("bus-stop");
        EXPECT_EQ(sensor_.join().error().code(), Errc::unavailable);
        logind_.tell("bus-start");
        for (const auto& session : sessions)
            logind_.tell(session);
        witness_.forget();
        sensor_.start();
    }

    MockLogind logind_;
    Witness witness_;
    RunningSensor sensor_{make_session_sensor({.lock_limit = std::chrono::seconds(1)}), witness_};
};

TEST_F(SessionOnTheBus, GivenAnEmptyTerminalWhenSomebodyLogsOnThenItIsALogonWithAccountSessionAndTime) {
    start();
    logind_.tell("session 1 op1 created=1795456800");
    const auto logon = witness_.await("session.logon");
    ASSERT_TRUE(logon);
    EXPECT_EQ(text_of(logon->body, "kind"), "console");
    EXPECT_EQ(text_of(logon->body, "method"), "unknown");
    EXPECT_FALSE(logon->body.contains("present_at_start"));
    EXPECT_EQ(logon->operator_account, "op1");
    EXPECT_EQ(logon->session_id, "1");
    EXPECT_EQ(logon->occurred_at, WallTime(std::chrono::seconds(1'795'456'800)));
    EXPECT_EQ(logon->outcome, EventOutcome::success);
}

TEST_F(SessionOnTheBus, GivenSessionsAtStartWhenTheSensorBeginsThenTheyArePresentAndTheirTimeUnknown) {
    logind_.tell("session 1 op1 locked=1");
    logind_.tell("session c7 op2 remote=1 type=tty service=sshd");
    start();
    const auto remote = witness_.await("session.logon", "kind", "remote");
    const auto lock = witness_.await("session.lock");
    ASSERT_TRUE(remote && lock);
    EXPECT_EQ(remote->session_id, "c7");
    EXPECT_EQ(remote->occurred_at, std::nullopt);
    EXPECT_TRUE(flag_of(remote->body, "present_at_start"));
    EXPECT_EQ(lock->session_id, "1");
    EXPECT_EQ(lock->occurred_at, std::nullopt);
    EXPECT_TRUE(flag_of(lock->body, "present_at_start"));
}

TEST_F(SessionOnTheBus, GivenASessionWhenItIsLockedAndUnlockedThenBothAreSeenAndARequestAloneIsNoLock) {
    logind_.tell("session 1 op1");
    start();
    logind_.tell("request-lock 1");
    logind_.tell("lock 1");
    const auto lock = witness_.await("session.lock");
    ASSERT_TRUE(lock);
    EXPECT_EQ(text_of(lock->body, "cause"), "unknown");
    EXPECT_TRUE(lock->occurred_at);
    logind_.tell("unlock 1");
    witness_.await("session.unlock");
    logind_.tell("request-lock 1");
    logind_.tell("remove 1");
    witness_.await("session.logoff");
    EXPECT_EQ(witness_.of("session.lock").size(), 1u);
    EXPECT_EQ(witness_.of("session.unlock").size(), 1u);
}

TEST_F(SessionOnTheBus, GivenALockRequestThatNoScreenLockConfirmsWhenTenSecondsPassThenTheSensorIsDegraded) {
    logind_.tell("session 1 op1");
    start();
    logind_.tell("request-lock 1");
    witness_.await_health("session", SensorState::degraded, "lock_not_confirmed");
    logind_.tell("lock 1");
    witness_.await_health("session", SensorState::ok);
}

TEST_F(SessionOnTheBus, GivenNobodyThereWhenAThresholdPassesThenItIsIdleOnceAndALockThenIsATimeout) {
    logind_.tell("session 1 op1");
    start();
    logind_.tell("idle 1 0");
    const auto idle = witness_.await("session.idle");
    ASSERT_TRUE(idle);
    EXPECT_EQ(integer_of(idle->body, "idle_s"), 1);
    EXPECT_EQ(idle->operator_account, "op1");
    logind_.tell("lock 1");
    witness_.await("session.lock", "cause", "timeout");
    EXPECT_EQ(witness_.of("session.idle").size(), 1u);
    logind_.tell("active 1");
    logind_.tell("idle 1 0");
    witness_.await_count("session.idle", 2);
}

TEST_F(SessionOnTheBus, GivenALongIdleSessionWhenItIsSeenThenEveryThresholdHasItsOwnTime) {
    logind_.tell("session 1 op1");
    start();
    logind_.tell("idle 1 305");
    ASSERT_TRUE(witness_.await_count("session.idle", 3));
    const auto idle = witness_.of("session.idle");
    EXPECT_EQ(integer_of(idle[0].body, "idle_s"), 1);
    EXPECT_EQ(integer_of(idle[1].body, "idle_s"), 61);
    EXPECT_EQ(integer_of(idle[2].body, "idle_s"), 300);
    // The span's beginning is on the monotonic clock; where one is read after the other, rounding may cost a millisecond.
    const auto between = *idle[2].occurred_at - *idle[0].occurred_at;
    EXPECT_NEAR(static_cast<double>(between.count()), 299'000, 100);
}

TEST_F(SessionOnTheBus, GivenAGreeterAndAUsersManagerWhenTheyAppearThenNobodyLoggedOn) {
    start();
    logind_.tell("session c1 gdm class=greeter");
    logind_.tell("session 2 op1 class=manager");
    logind_.tell("session 3 op1 class=background");
    const auto logon = witness_.await("session.logon");
    ASSERT_TRUE(logon);
    EXPECT_EQ(logon->session_id, "3");
    EXPECT_EQ(text_of(logon->body, "kind"), "service");
}

TEST_F(SessionOnTheBus, GivenTheTerminalWhenItSleepsAndWakesAndShutsDownThenEachIsAnEvent) {
    start();
    EXPECT_EQ(logind_.tell("inhibitors"), "1") << "a delay inhibitor is held until the sleep is recorded";
    logind_.tell("sleep");
    witness_.await("device.sleep", "reason", "suspend");
    logind_.tell("resume");
    const auto resume = witness_.await("device.resume");
    ASSERT_TRUE(resume);
    EXPECT_TRUE(resume->body.contains("slept_s"));
    logind_.tell("shutdown");
    witness_.await("device.shutdown", "reason", "shutdown");
}

TEST_F(SessionOnTheBus, GivenALockOnTheWayToSleepWhenItHoldsThenPolicyCausedIt) {
    logind_.tell("session 1 op1");
    start();
    logind_.tell("sleep");
    witness_.await("device.sleep");
    logind_.tell("lock 1");
    witness_.await("session.lock", "cause", "policy");
}

TEST_F(SessionOnTheBus, GivenTheBusDiesWhenItReturnsThenWhatChangedMeanwhileIsReportedWithoutATime) {
    logind_.tell("session 1 op1 created=1795456800");
    logind_.tell("session 2 op2 created=1795456900");
    start();
    restart_bus_with({"session 2 op2 created=1795456900 locked=1", "session 3 op3 created=1795457000"});

    const auto logoff = witness_.await("session.logoff");
    const auto logon = witness_.await("session.logon");
    const auto lock = witness_.await("session.lock");
    ASSERT_TRUE(logoff && logon && lock);
    EXPECT_EQ(logoff->session_id, "1");
    EXPECT_EQ(logoff->operator_account, "op1");
    EXPECT_EQ(logoff->occurred_at, std::nullopt);
    EXPECT_EQ(logon->session_id, "3");
    EXPECT_EQ(logon->occurred_at, WallTime(std::chrono::seconds(1'795'457'000)));
    EXPECT_FALSE(logon->body.contains("present_at_start"));
    EXPECT_EQ(lock->session_id, "2");
    EXPECT_EQ(lock->occurred_at, std::nullopt);
    logind_.tell("unlock 2");
    witness_.await("session.unlock");
}

TEST_F(SessionOnTheBus, GivenTheSensorIsAskedToStopWhenItSleepsThenItEndsAtOnceAndCanRunAgain) {
    start();
    EXPECT_TRUE(sensor_.stop());
    sensor_.start();
    logind_.tell("session 1 op1");
    witness_.await("session.logon");
    EXPECT_TRUE(sensor_.stop());
}

TEST_F(SessionOnTheBus, GivenNoBusWhenTheSensorRunsThenItFailsPlainlyAndIdleIsAbsent) {
    logind_.tell("bus-stop");
    sensor_.start();
    const auto ended = sensor_.join();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code(), Errc::unavailable);
    witness_.await_health("idle", SensorState::absent, "no_session_manager");
}

}  // namespace
}  // namespace sallyport
