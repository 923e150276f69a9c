// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/clets_client_watch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "agent/sensors/host/host_sensor.hpp"
#include "tests/agent/sensors/host/watch_stage.hpp"

namespace sallyport::testing {
namespace {

class CletsClient : public WatchStage {
protected:
    CletsClient() {
        machine_.write("etc/passwd", "op1:x:1001:1001::/home/op1:/bin/sh\nop2:x:1002:1002::/home/op2:/bin/sh\n");
        machine_.write("opt/clets/client", "a program\n");
        use({});
    }
    void use(const std::string& desktop_id) {
        watch_ = agent::make_clets_client_watch(
            {.executable = "/opt/clets/client", .desktop_id = desktop_id, .root = machine_.root()});
    }
    void process(int id, const std::string& line, const std::string& session, const std::string& uid,
                 const std::string& cgroup = "") {
        const std::string folder = "proc/" + std::to_string(id);
        machine_.write(folder + "/cmdline", line);
        machine_.write(folder + "/sessionid", session);
        machine_.write(folder + "/status", "Name:\tclient\nUid:\t" + uid + "\t" + uid + "\n");
        machine_.write(folder + "/cgroup", "0::" + cgroup + "\n");
    }
    static std::string line(const std::string& first, const std::string& second = "") {
        return first + '\0' + second + '\0';
    }
};

TEST_F(CletsClient, GivenASessionWhenTheClientStartsAndItsLastProcessEndsThenBothAreToldWithWhoseItIs) {
    process(1, line("/sbin/init"), "4294967295", "0");
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.seen().empty());
    EXPECT_TRUE(followed_.files.contains(path("opt/clets/client")));
    process(41, line("/opt/clets/client", "--quiet"), "3", "1001");
    process(42, line("/opt/clets/client"), "3", "1001");
    ASSERT_TRUE(look());
    auto seen = witness_.of("clets.client");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(text_of(seen[0].body, "state"), "started");
    EXPECT_EQ(seen[0].session_id, "3");
    EXPECT_EQ(seen[0].operator_account, "op1");
    EXPECT_EQ(seen[0].occurred_at, clock_.now());
    EXPECT_EQ(followed_.processes, (std::set<std::int64_t>{41, 42}));
    machine_.remove("proc/41");
    ASSERT_TRUE(look());
    EXPECT_EQ(witness_.of("clets.client").size(), 1U);
    machine_.remove("proc/42");
    ASSERT_TRUE(look());
    seen = witness_.of("clets.client");
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(text_of(seen[1].body, "state"), "stopped");
    EXPECT_EQ(seen[1].operator_account, "op1");
    EXPECT_TRUE(witness_.await_health("clets_client", SensorState::ok));
}

TEST_F(CletsClient, GivenAScriptOrAProgramFoundByItsNameThenItIsTheClientAndOthersAreNot) {
    process(41, line("/usr/bin/python3", "/opt/clets/client"), "3", "1001");
    process(42, line("client"), "4", "1002");
    process(43, line("/home/op1/client"), "5", "1001");
    process(44, line("/usr/bin/less", "/opt/clets/client.conf"), "6", "1001");
    ASSERT_TRUE(look());
    EXPECT_EQ(witness_.of("clets.client").size(), 2U);
    EXPECT_FALSE(witness_.of("clets.client").at(0).occurred_at) << "it ran before anybody looked";
}

TEST_F(CletsClient, GivenADesktopIdThenOnlyWhatWasStartedUnderItCounts) {
    use("org.example.Clets");
    process(41, line("/opt/clets/client"), "3", "1001", "/user.slice/app.slice/app-gnome-firefox-41.scope");
    process(42, line("/opt/clets/client"), "4", "1002",
            "/user.slice/app.slice/app-gnome-org.example.Clets-42.scope");
    ASSERT_TRUE(look());
    const auto seen = witness_.of("clets.client");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].session_id, "4");
}

TEST_F(CletsClient, GivenAClientThatIsNotInstalledThenTheSensorIsAbsent) {
    machine_.remove("opt");
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.await_health("clets_client", SensorState::absent, "client_not_installed"));
}

// The whole way on the real kernel: no time passes in between, it is the kernel that tells.
TEST(CletsClientForReal, GivenARealProgramWhenItRunsAndEndsThenBothAreToldWithoutPolling) {
    TemporaryFolder folder;
    const auto program = folder / "client";
    std::filesystem::copy_file("/bin/cat", program);
    agent::HostWatches watches;
    watches.push_back(agent::make_clets_client_watch({.executable = program, .desktop_id = {}}));
    Witness witness;
    RunningSensor sensor(agent::make_host_sensor(std::move(watches)), witness);
    sensor.start();
    ASSERT_TRUE(witness.await_health("clets_client", SensorState::ok));
    ASSERT_TRUE(witness.await_health("host", SensorState::ok));
    int in[2];
    ASSERT_EQ(pipe(in), 0);
    const auto child = fork();
    if (child == 0) {
        dup2(in[0], STDIN_FILENO);
        close(in[1]);
        execl(program.c_str(), program.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    close(in[0]);
    EXPECT_TRUE(witness.await("clets.client", "state", "started"));
    close(in[1]);
    waitpid(child, nullptr, 0);
    EXPECT_TRUE(witness.await("clets.client", "state", "stopped"));
    EXPECT_TRUE(sensor.stop());
}

}  // namespace
}  // namespace sallyport::testing
