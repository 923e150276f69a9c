// SPDX-License-Identifier: Apache-2.0
#include "agent/self_watch.hpp"

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "agent/service/linux_host.hpp"
#include "agent/service/linux_own_state.hpp"
#include "protocol/crypto.hpp"
#include "tests/agent/core/core_fixture.hpp"
#include "tests/support/running_sensor.hpp"

namespace sallyport::agent {
namespace {

const std::string kProgram(64, 'a');
const std::string kConfiguration(64, 'c');

class ScriptedState final : public OwnStateReader {
public:
    ScriptedState(const OwnState& state, const bool& traced) : state_(state), traced_(traced) {}
    OwnState read() override { return state_; }
    bool is_traced() const override { return traced_; }
    std::vector<std::filesystem::path> files() const override { return {"/etc/sallyport/agent.yml"}; }

private:
    const OwnState& state_;
    const bool& traced_;
};

class NoFollowing final : public Following {
public:
    void file(const std::filesystem::path&, Of) override {}
    void process(std::int64_t) override {}
};

class SelfWatchTest : public CoreFixture {
protected:
    SelfWatchTest() { start(); }
    void start() {
        SelfWatchOptions options{kProgram, kConfiguration, instance_, false, memory_ / "self.memory", [this] { return status_; }};
        watch_ = make_self_watch(std::move(options), std::make_unique<ScriptedState>(state_, traced_), *recorder_);
    }
    void look() { ASSERT_TRUE(watch_->look({witness_, witness_, clock_}, following_)); }
    void look_after(std::chrono::milliseconds pause) {
        clock_.advance(pause);
        look();
    }
    std::vector<std::string> tampers() {
        std::vector<std::string> kinds;
        for (const auto& seen : witness_.of("agent.tamper"))
            kinds.emplace_back(text_of(seen.body, "kind"));
        return kinds;
    }
    std::string last_check() { return write_json(witness_.of("agent.selfcheck").back().body); }

    using Kinds = std::vector<std::string>;
    static constexpr std::chrono::minutes kMinute{1};

    testing::TemporaryFolder memory_;
    testing::Witness witness_;
    NoFollowing following_;
    OwnState state_{kProgram, kConfiguration, "8:77", true, {{"/var/lib/sallyport/spool.db", "384:990:990"}}};
    bool traced_ = false;
    std::string instance_ = std::string(32, '1');
    StatusMessage status_;
    std::unique_ptr<HostWatch> watch_;
};

TEST_F(SelfWatchTest, GivenAllIsWellThenItIsCheckedAtTheStartAndEveryHour) {
    look();
    EXPECT_EQ(last_check(), R"({"result":"pass"})");
    for (int minute = 0; minute < 60; ++minute)
        look_after(kMinute);
    EXPECT_EQ(witness_.of("agent.selfcheck").size(), 2U);
    EXPECT_TRUE(tampers().empty());
    EXPECT_TRUE(witness_.await_health("self", SensorState::ok));
}

TEST_F(SelfWatchTest, GivenAProgramThatIsReplacedThenThatIsTamperingOnceItHasLastedForAMinute) {
    look();
    state_.program_sha256 = std::string(64, 'f');
    look_after(std::chrono::seconds(10));
    EXPECT_TRUE(tampers().empty()) << "an upgrade starts the new one at once";
    look_after(kMinute);
    look_after(kMinute);
    EXPECT_EQ(tampers(), Kinds{"binary_changed"});
    look_after(std::chrono::hours(1));
    EXPECT_EQ(last_check(), R"({"result":"fail","failed_items":["binary_changed"]})");
    state_.program_sha256.reset();
    look_after(kMinute);
    EXPECT_EQ(tampers(), Kinds{"binary_changed"}) << "still the same";
}

TEST_F(SelfWatchTest, GivenAConfigurationThatIsEditedThenThatIsTamperingAndPutBackItIsNot) {
    look();
    state_.configuration_sha256 = std::string(64, 'f');
    look_after(kMinute);
    state_.configuration_sha256 = kConfiguration;
    look_after(kMinute);
    EXPECT_TRUE(tampers().empty());
    state_.configuration_sha256.reset();
    look_after(kMinute);
    look_after(kMinute);
    EXPECT_EQ(tampers(), Kinds{"config_changed"});
}

TEST_F(SelfWatchTest, GivenTheSpoolsFileGoneOrAnotherThenThatIsTampering) {
    look();
    state_.spool_file = "8:78";
    look_after(kMinute);
    EXPECT_EQ(tampers(), Kinds{"log_deleted"});
}

TEST_F(SelfWatchTest, GivenAnotherSpoolAtTheStartThenThatIsTamperingUnlessItNamesTheOneBefore) {
    look();
    instance_ = std::string(32, '2');
    start();
    look();
    EXPECT_EQ(tampers(), Kinds{"log_deleted"});
    start();
    look();
    EXPECT_EQ(tampers().size(), 1U) << "told once, remembered since";
}

TEST_F(SelfWatchTest, GivenOtherRightsNowOrSinceTheRunBeforeThenThatIsTampering) {
    look();
    state_.rights["/var/lib/sallyport/spool.db"] = "438:990:990";
    start();
    look();
    EXPECT_EQ(tampers(), Kinds{"permission_changed"});
    start();
    look();
    EXPECT_EQ(tampers().size(), 1U);
    state_.rights["/var/lib/sallyport/spool.db"] = "384:0:0";
    look_after(kMinute);
    EXPECT_EQ(tampers().size(), 2U);
}

TEST_F(SelfWatchTest, GivenAServiceThatIsDisabledOrATracerThenThatIsTampering) {
    look();
    state_.service_enabled = false;
    traced_ = true;
    look_after(kMinute);
    EXPECT_EQ(tampers(), (Kinds{"debugger", "service_disabled"}));
    traced_ = false;
    look_after(kMinute);
    traced_ = true;
    look_after(kMinute);
    EXPECT_EQ(tampers().back(), "debugger");
    EXPECT_EQ(tampers().size(), 3U);
}

TEST_F(SelfWatchTest, GivenASensorThatIsDegradedThenTheCheckNamesItAndOneThatIsAbsentIsNoFault) {
    status_.sensors = {{"usb", SensorState::degraded}, {"chassis", SensorState::absent}};
    look();
    EXPECT_EQ(last_check(), R"({"result":"fail","failed_items":["sensor/usb"]})");
}

TEST_F(SelfWatchTest, GivenASinkThatRefusesThenWhatWasFoundIsToldLater) {
    look();
    state_.spool_file.reset();
    witness_.refuse(true);
    EXPECT_FALSE(watch_->look({witness_, witness_, clock_}, following_));
    witness_.refuse(false);
    look();
    EXPECT_EQ(tampers(), Kinds{"log_deleted"});
}

TEST_F(SelfWatchTest, GivenStirsThenTheClockAndItsOwnFilesAreReasonsToLook) {
    EXPECT_TRUE(watch_->is_stirred_by({Stir::Kind::clock_set, {}}));
    EXPECT_TRUE(watch_->is_stirred_by({Stir::Kind::file, "/etc/sallyport/agent.yml"}));
    EXPECT_FALSE(watch_->is_stirred_by({Stir::Kind::file, "/var/log/btmp"}));
    EXPECT_FALSE(watch_->is_stirred_by({Stir::Kind::device, "drm"}));
}

// --- the system itself -------------------------------------------------------------------------------------------

class LinuxOwnStateTest : public ::testing::Test {
protected:
    LinuxOwnStateTest() {
        std::ofstream(folder_ / "agent.yml") << "one";
        std::ofstream(folder_ / "spool.db") << "lines";
    }
    std::unique_ptr<OwnStateReader> reader() {
        return make_linux_own_state({folder_ / "agent.yml", folder_ / "spool.db", {folder_ / "spool.db"}}, folder_.path());
    }
    void unit(const std::string& folder, const std::string& target) {
        std::filesystem::create_directories(folder_ / folder);
        std::filesystem::create_symlink(target, folder_ / folder / "sallyport-agent.service");
    }
    testing::TemporaryFolder folder_;
};

TEST_F(LinuxOwnStateTest, GivenItsFilesThenTheyAreReadAsTheyAreNow) {
    auto state = reader();
    const OwnState before = state->read();
    EXPECT_EQ(before.program_sha256, *program_sha256());
    EXPECT_EQ(before.configuration_sha256, to_hex(sha256(bytes_of("one"))));
    EXPECT_FALSE(before.service_enabled) << "a test is no service";
    std::ofstream(folder_ / "agent.yml") << "two";
    std::filesystem::permissions(folder_ / "spool.db", std::filesystem::perms::all);
    const OwnState after = state->read();
    EXPECT_EQ(after.configuration_sha256, to_hex(sha256(bytes_of("two"))));
    EXPECT_EQ(after.spool_file, before.spool_file);
    EXPECT_NE(after.rights, before.rights);
    std::filesystem::remove(folder_ / "spool.db");
    EXPECT_FALSE(state->read().spool_file);
}

TEST_F(LinuxOwnStateTest, GivenAServiceThenItIsEnabledWhileATargetWantsItAndNothingMasksIt) {
    std::filesystem::create_directories(folder_ / "proc/self");
    std::ofstream(folder_ / "proc/self/cgroup") << "0::/system.slice/sallyport-agent.service\n";
    EXPECT_EQ(reader()->read().service_enabled, false);
    unit("etc/systemd/system/multi-user.target.wants", "/lib/systemd/system/sallyport-agent.service");
    EXPECT_EQ(reader()->read().service_enabled, true);
    unit("etc/systemd/system", "/dev/null");
    EXPECT_EQ(reader()->read().service_enabled, false);
}

TEST_F(LinuxOwnStateTest, GivenATracerThenItIsSeen) {
    EXPECT_FALSE(reader()->is_traced());
    int answer[2];
    ASSERT_EQ(pipe(answer), 0);
    const auto child = fork();
    if (child == 0) {
        const bool allowed = ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0;
        const char said = !allowed ? '?' : reader()->is_traced() ? 'y' : 'n';
        (void)!write(answer[1], &said, 1);
        _exit(0);
    }
    char said = 0;
    ASSERT_EQ(read(answer[0], &said, 1), 1);
    close(answer[0]);
    close(answer[1]);
    waitpid(child, nullptr, 0);
    if (said == '?') GTEST_SKIP() << "tracing is not allowed here";
    EXPECT_EQ(said, 'y');
}

}  // namespace
}  // namespace sallyport::agent
