// SPDX-License-Identifier: Apache-2.0
#include "agent/supervisor.hpp"

#include <atomic>
#include <stdexcept>

#include "agent/health.hpp"
#include "tests/agent/core/core_fixture.hpp"

namespace sallyport::agent {
namespace {

using testing::eventually;

// A sensor that does what the test says.
class ScriptedSensor final : public Sensor {
public:
    using Script = std::function<Result<void>(std::stop_token, const SensorContext&)>;
    ScriptedSensor(std::string name, Script script) : name_(std::move(name)), script_(std::move(script)) {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    Result<void> run(std::stop_token stop, const SensorContext& context) override { return script_(std::move(stop), context); }

private:
    std::string name_;
    Script script_;
};

class SupervisorTest : public CoreFixture {
protected:
    std::unique_ptr<Sensor> sensor(std::string name, ScriptedSensor::Script script) {
        return std::make_unique<ScriptedSensor>(std::move(name), std::move(script));
    }
    static Result<void> watch_until(const std::stop_token& stop) {
        EXPECT_TRUE(eventually([&] { return stop.stop_requested(); }));
        return {};
    }
    std::vector<std::string> sentences() {
        const std::lock_guard lock(mutex_);
        return sentences_;
    }
    bool is(const std::string& name, SensorState state) {
        StatusMessage status;
        health_.describe(status);
        return status.sensors.contains(name) && status.sensors[name] == state;
    }

    Health health_{*recorder_, clock_};
    std::mutex mutex_;
    std::vector<std::string> sentences_;
    Supervisor supervisor_{{*recorder_, health_, clock_},
                           {std::chrono::milliseconds(1), std::chrono::milliseconds(5), std::chrono::hours(1)},
                           [this](const std::string& sentence) {
                               const std::lock_guard lock(mutex_);
                               sentences_.push_back(sentence);
                           }};
};

TEST_F(SupervisorTest, GivenASensorThatFailsThriceWhenItRecoversThenEachIsSaidAndItRunsOn) {
    std::atomic<int> runs{0};
    supervisor_.start(sensor("usb", [&](const std::stop_token& stop, const SensorContext& context) -> Result<void> {
        if (++runs <= 3) return Error(Errc::io, "the bus went away");
        context.health.report("usb", SensorState::ok, "");
        return watch_until(stop);
    }));
    ASSERT_TRUE(eventually([&] { return is("usb", SensorState::ok); }));
    EXPECT_EQ(runs, 4);
    ASSERT_EQ(sentences().size(), 3U);
    EXPECT_NE(sentences()[0].find("sensor usb: the bus went away; again in 1 ms"), std::string::npos) << sentences()[0];
    EXPECT_NE(sentences()[2].find("again in 4 ms"), std::string::npos);
    EXPECT_TRUE(supervisor_.stop(std::chrono::seconds(5)).empty());
    // One event for the failure, one for the recovery: the same state again is no news.
    ASSERT_EQ(events().size(), 2U);
    EXPECT_EQ(text_of(events()[0].body, "state"), "degraded");
    EXPECT_TRUE(text_of(events()[0].body, "reason").starts_with("failed_"));
    EXPECT_EQ(text_of(events()[1].body, "state"), "ok");
}

TEST_F(SupervisorTest, GivenASensorThatMustRestThenItsRunEndsAndIsSaidUntilItMayGoOn) {
    std::atomic<int> runs{0}, ended{0};
    supervisor_.start(sensor("camera", [&](const std::stop_token& stop, const SensorContext& context) -> Result<void> {
        ++runs;
        context.health.report("camera", SensorState::ok, "");
        auto done = watch_until(stop);
        ++ended;
        return done;
    }));
    ASSERT_TRUE(eventually([&] { return is("camera", SensorState::ok); }));
    EXPECT_TRUE(supervisor_.rest("camera", "load_shed"));
    EXPECT_FALSE(supervisor_.rest("camera", "load_shed"));
    ASSERT_TRUE(eventually([&] { return is("camera", SensorState::degraded); }));
    EXPECT_EQ(ended, 1);
    EXPECT_TRUE(supervisor_.let_go_on("camera"));
    ASSERT_TRUE(eventually([&] { return is("camera", SensorState::ok); }));
    EXPECT_EQ(runs, 2);
    EXPECT_TRUE(sentences().empty());  // no failure
    EXPECT_EQ(text_of(events()[1].body, "reason"), "load_shed");
    EXPECT_TRUE(supervisor_.rest("camera", "load_shed"));
    EXPECT_TRUE(supervisor_.stop(std::chrono::seconds(5)).empty());  // also while it rests
}

TEST_F(SupervisorTest, GivenASensorThatIsOffOrUnknownWhenItShouldRestThenItStaysAsItIs) {
    supervisor_.start(sensor("camera", [&](const std::stop_token& stop, const SensorContext& context) {
        context.health.report("camera", SensorState::off, "no_permit");
        return watch_until(stop);
    }));
    ASSERT_TRUE(eventually([&] { return is("camera", SensorState::off); }));
    EXPECT_FALSE(supervisor_.rest("camera", "load_shed"));
    EXPECT_FALSE(supervisor_.rest("usb", "load_shed"));
    EXPECT_TRUE(is("camera", SensorState::off));
}

TEST_F(SupervisorTest, GivenASensorThatThrowsWhenOthersRunThenTheyGoOn) {
    std::atomic<int> throws{0};
    std::atomic<bool> other_runs{false};
    supervisor_.start(sensor("print", [&](const std::stop_token&, const SensorContext&) -> Result<void> {
        if (++throws % 2 == 0) throw 7;
        throw std::runtime_error("out of paper");
    }));
    supervisor_.start(sensor("session", [&](const std::stop_token& stop, const SensorContext& context) {
        other_runs = true;
        context.health.report("session", SensorState::ok, "");
        return watch_until(stop);
    }));
    ASSERT_TRUE(eventually([&] { return throws >= 3 && other_runs; }));
    EXPECT_TRUE(is("print", SensorState::degraded));
    EXPECT_NE(sentences()[0].find("out of paper"), std::string::npos);
    EXPECT_TRUE(supervisor_.stop(std::chrono::seconds(5)).empty());
}

TEST_F(SupervisorTest, GivenASensorThatSaysItselfWhatIsWrongWhenItFailsThenItsOwnWordStands) {
    std::atomic<int> runs{0};
    supervisor_.start(sensor("usb", [&](const std::stop_token&, const SensorContext& context) -> Result<void> {
        ++runs;
        context.health.report("usb", SensorState::absent, "bus_missing");
        return Error(Errc::unavailable, "no bus");
    }));
    ASSERT_TRUE(eventually([&] { return runs >= 4; }));
    EXPECT_TRUE(supervisor_.stop(std::chrono::seconds(5)).empty());
    ASSERT_EQ(events().size(), 1U);
    EXPECT_EQ(text_of(events()[0].body, "reason"), "bus_missing");
}

TEST_F(SupervisorTest, GivenASensorThatHangsWhenStoppedThenItIsNamedAndTheOthersAreStopped) {
    std::atomic<int> running{0};
    std::atomic<bool> release{false};
    std::atomic<bool> gone{false};
    std::atomic<bool> other_stopped{false};
    supervisor_.start(sensor("camera", [&](const std::stop_token&, const SensorContext&) -> Result<void> {
        ++running;
        eventually([&] { return release.load(); });
        gone = true;
        return {};
    }));
    supervisor_.start(sensor("session", [&](const std::stop_token& stop, const SensorContext&) {
        ++running;
        auto done = watch_until(stop);
        other_stopped = true;
        return done;
    }));
    ASSERT_TRUE(eventually([&] { return running == 2; }));
    const auto hanging = supervisor_.stop(std::chrono::milliseconds(100));
    ASSERT_EQ(hanging.size(), 1U);
    EXPECT_EQ(hanging[0], "camera");
    EXPECT_TRUE(other_stopped);
    release = true;
    ASSERT_TRUE(eventually([&] { return gone.load(); }));
}

}  // namespace
}  // namespace sallyport::agent
