// SPDX-License-Identifier: Apache-2.0
//
// The one thread that all watches share: on a scripted kernel, and on the real one.
#include "agent/sensors/host/host_sensor.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "agent/sensors/host/host_source.hpp"
#include "agent/sensors/host/linux_host_source.hpp"
#include "tests/support/cued_drill.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/running_sensor.hpp"
#include "tests/support/test_broker.hpp"

namespace sallyport {
namespace {

using agent::Following;
using agent::HostWatches;
using agent::Stir;
using std::chrono::milliseconds;
using testing::ManualClock;
using testing::Witness;

// Notes when it looked; looks each minute and two seconds after a `drm` event.
class NotingWatch final : public agent::HostWatch {
public:
    NotingWatch(std::string name, std::vector<std::uint64_t>& looks) : name_(std::move(name)), looks_(looks) {}
    std::string_view name() const override { return name_; }
    Result<void> look(const agent::SensorContext& context, Following& following) override {
        looks_.push_back(context.clock.monotonic().count());
        if (on_look) on_look(following);
        if (fails) return Error(Errc::unavailable, "no such luck");
        return {};
    }
    bool is_stirred_by(const Stir& stir) const override { return stir.what == "drm" || stir.kind == Stir::Kind::file; }
    milliseconds settles_after() const override { return milliseconds(2000); }
    milliseconds looks_every() const override { return std::chrono::minutes(1); }

    bool fails = false;
    std::function<void(Following&)> on_look;

private:
    const std::string name_;
    std::vector<std::uint64_t>& looks_;
};

// Instead of sleeping, the next of the script happens and the clock moves on; then it is over.
class ScriptedSource final : public agent::HostSource {
public:
    struct Step {
        milliseconds after{};  // -1 ms: the whole pause
        std::vector<Stir> stirs;
    };
    ScriptedSource(std::vector<Step> steps, ManualClock& clock, std::stop_source& stop)
        : steps_(std::move(steps)), clock_(clock), stop_(stop) {}
    Result<void> open() override { return {}; }
    Result<std::vector<Stir>> wait(std::stop_token, milliseconds pause) override {
        if (next_ == steps_.size()) {
            stop_.request_stop();
            return std::vector<Stir>();
        }
        const Step& step = steps_[next_++];
        clock_.advance(step.after < milliseconds(0) ? pause : std::min(step.after, pause));
        return step.stirs;
    }
    void file(const std::filesystem::path&, Of) override {}
    void process(std::int64_t) override {}

private:
    std::vector<Step> steps_;
    ManualClock& clock_;
    std::stop_source& stop_;
    std::size_t next_ = 0;
};

class HostSensor : public ::testing::Test {
protected:
    static constexpr milliseconds kWholePause{-1};

    NotingWatch& add(const std::string& name, std::vector<std::uint64_t>& looks) {
        auto watch = std::make_unique<NotingWatch>(name, looks);
        NotingWatch& added = *watch;
        watches_.push_back(std::move(watch));
        return added;
    }
    void run(std::vector<ScriptedSource::Step> steps) {
        std::stop_source stop;
        auto sensor = agent::make_host_sensor(std::move(watches_),
                                              std::make_unique<ScriptedSource>(std::move(steps), clock_, stop));
        EXPECT_TRUE(sensor->run(stop.get_token(), {witness_, witness_, clock_, drill_}));
    }
    [[nodiscard]] std::uint64_t start() const { return ManualClock().monotonic().count(); }

    ManualClock clock_;
    Witness witness_;
    testing::CuedDrill drill_;
    HostWatches watches_;
    std::vector<std::uint64_t> first_, second_;
};

TEST_F(HostSensor, GivenTwoWatchesWhenNothingHappensThenTheyLookAtTheStartAndTogetherEachMinute) {
    add("one", first_);
    add("two", second_);
    run({{kWholePause, {}}, {kWholePause, {}}});
    ASSERT_EQ(first_.size(), 3U);
    EXPECT_EQ(first_, second_) << "one wake-up serves both";
    EXPECT_EQ(first_[1] % 60'000, 0U);
    EXPECT_EQ(first_[2], first_[1] + 60'000);
    EXPECT_LE(first_[1], start() + 60'000);
}

TEST_F(HostSensor, GivenSeveralEventsOfOneCauseWhenTheyCameThenItIsLookedAtOnceAfterTheyHaveSettled) {
    add("one", first_);
    const Stir drm{Stir::Kind::device, "drm"}, other{Stir::Kind::device, "block"};
    run({{milliseconds(10), {other}}, {milliseconds(10), {drm, drm}}, {milliseconds(500), {drm}}, {kWholePause, {}}});
    ASSERT_EQ(first_.size(), 2U);
    EXPECT_EQ(first_[1], start() + 20 + 2000);
}

TEST_F(HostSensor, GivenAWatchThatFailsThenItIsDegradedUnderItsNameAndTheOthersGoOn) {
    add("broken", first_).fails = true;
    add("sound", second_);
    run({{kWholePause, {}}, {kWholePause, {}}});
    EXPECT_TRUE(witness_.await_health("broken", SensorState::degraded, "source_unavailable"));
    EXPECT_EQ(second_.size(), 3U);
}

TEST_F(HostSensor, GivenAKernelThatToldMoreThanWasReadThenItIsAGapAndEverythingIsLookedAtAgain) {
    add("one", first_);
    run({{milliseconds(10), {{Stir::Kind::missed, {}}}}, {kWholePause, {}}});
    EXPECT_EQ(first_.size(), 2U);
    const auto gaps = witness_.of("agent.gap");
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(text_of(gaps[0].body, "reason"), "kernel_buffer_overrun");
    EXPECT_EQ(text_of(gaps[0].body, "sensor"), "host");
}

TEST_F(HostSensor, GivenADrillThenEachWatchThatWasAskedLooksAndSaysSo) {
    add("chassis", first_);
    add("network", second_);
    drill_.begin({"chassis"});
    run({});
    EXPECT_EQ(first_.size(), 2U);
    EXPECT_EQ(second_.size(), 1U);
    EXPECT_EQ(drill_.answers(), (std::map<std::string, std::string>{{"chassis", "looked"}}));
}

// --- the real kernel ---------------------------------------------------------------------------------------------

class LinuxHost : public ::testing::Test {
protected:
    void SetUp() override {
        const auto opened = source_->open();
        if (!opened) GTEST_SKIP() << opened.error().message();
    }
    // The next stir of that kind; empty when none came within ten seconds.
    std::string await(Stir::Kind kind) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (std::chrono::steady_clock::now() < until) {
            auto stirs = source_->wait({}, milliseconds(1000));
            if (!stirs) return {};
            for (const Stir& stir : *stirs)
                if (stir.kind == kind) return stir.what;
        }
        return {};
    }

    testing::TemporaryFolder folder_;
    std::unique_ptr<agent::HostSource> source_ = agent::make_linux_host_source();
};

TEST_F(LinuxHost, GivenAFileThatIsNotThereYetWhenItIsMadeAndChangedAndReplacedThenEachIsTold) {
    const auto file = folder_ / "followed";
    source_->file(file, Following::Of::changes);
    (void)source_->wait({}, milliseconds(0));
    std::ofstream(file) << "one";
    (void)source_->wait({}, milliseconds(0));
    std::ofstream(file) << "two";
    EXPECT_EQ(await(Stir::Kind::file), file.string());
    std::filesystem::remove(file);
    EXPECT_EQ(await(Stir::Kind::file), file.string());
    std::ofstream(file) << "three";
    (void)source_->wait({}, milliseconds(100));
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    EXPECT_EQ(await(Stir::Kind::file), file.string());
}

TEST_F(LinuxHost, GivenAProgramsFileWhenSomebodyReadsItThenItIsToldOnlyToWhoAskedForThat) {
    const auto program = folder_ / "program", other = folder_ / "other";
    std::ofstream(program) << "#!/bin/sh\n";
    std::ofstream(other) << "x";
    source_->file(program, Following::Of::opening);
    source_->file(other, Following::Of::changes);
    (void)source_->wait({}, milliseconds(100));
    std::string line;
    std::getline(std::ifstream(other) >> std::ws, line);
    std::getline(std::ifstream(program) >> std::ws, line);
    EXPECT_EQ(await(Stir::Kind::file), program.string());
}

TEST_F(LinuxHost, GivenAProcessWhenItEndsThenItIsTold) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const auto child = fork();
    if (child == 0) {
        char byte = 0;
        close(pipe_ends[1]);
        (void)!read(pipe_ends[0], &byte, 1);
        _exit(0);
    }
    source_->process(child);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    EXPECT_EQ(await(Stir::Kind::process_ended), std::to_string(child));
    waitpid(child, nullptr, 0);
}

TEST_F(LinuxHost, GivenASleepOfAnHourWhenAskedToStopThenItEndsAtOnce) {
    std::stop_source stop;
    std::jthread asks([&] { stop.request_stop(); });
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(source_->wait(stop.get_token(), std::chrono::hours(1)));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

// Writing to an `uevent` file makes the kernel tell of the device again: the same way as for one that was plugged.
TEST_F(LinuxHost, GivenTheRealKernelWhenItTellsOfADeviceThenItsSubsystemIsTold) {
    std::ofstream uevent("/sys/class/mem/null/uevent");
    if (!(uevent << "change" << std::flush)) GTEST_SKIP() << "the kernel's uevent files cannot be written here";
    EXPECT_EQ(await(Stir::Kind::device), "mem");
}

}  // namespace
}  // namespace sallyport
