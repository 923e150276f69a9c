// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong around the door: a full disk, a full writer, a restart, a clone, a collector killed in mid-commit.
#include <fcntl.h>

#include <random>

#include "protocol/adapters/linux_clock.hpp"
#include "tests/collector/intake/intake_fixture.hpp"

namespace sallyport::intake {
namespace {

using namespace std::chrono_literals;

using IntakeFaultTest = IntakeTest;

Record shutdown_body() { return {{"reason", "shutdown"}}; }

TEST_F(IntakeFaultTest, GivenAShutdownAndALastWillBehindItWhenTheyComeTogetherThenItIsNotOffline) {
    Client client(broker_, terminal_, signing_key_.public_key());
    deliver(client, terminal_.batch(1), 1);
    client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::birth, clock_.now()));
    ASSERT_TRUE(eventually([&] { return told("\"state\":\"alive\""); }));
    const Event last = testing::event("device.shutdown", terminal_.name, terminal_.instance, terminal_.next_seq, shutdown_body());
    client.publish(terminal_.topic(), terminal_.batch({terminal_.line(last)}));
    client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::will, clock_.now()));
    EXPECT_TRUE(eventually([&] { return told("\"state\":\"shutdown\""); }));
    EXPECT_FALSE(told("\"state\":\"offline\""));
}

TEST_F(IntakeFaultTest, GivenABatchInWhichNothingFitsTheSchemaWhenItComesThenTheTerminalIsNotBlocked) {
    Client client(broker_, terminal_, signing_key_.public_key());
    std::vector<std::string> lines(kBatchLinesMax, "{\"" + std::string(70, 'x') + "\":1}");
    lines[1] = "{\"\":1}";
    lines[2] = "";
    lines[3] = R"({"subject name":"DOE"})";
    deliver(client, terminal_.batch(lines), kBatchLinesMax);
    EXPECT_TRUE(eventually([&] { return times_told("\"server.tombstone\"") == static_cast<int>(kBatchLinesMax); }));
    deliver(client, terminal_.batch(3), kBatchLinesMax + 3);
}

TEST_F(IntakeFaultTest, GivenARestartWhenATerminalSaysWhatWeHaveAlreadyThenThereIsNoGap) {
    Client client(broker_, terminal_, signing_key_.public_key());
    deliver(client, terminal_.batch(9), 9);
    intake_.reset();
    start();
    ASSERT_TRUE(eventually([&] {
        client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::birth, clock_.now()));
        return eventually([&] { return told("\"state\":\"alive\""); }, 1s);
    }));
    clock_.advance(61s);
    terminal_.next_seq += 4;  // announced, and never sent
    client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::heartbeat, clock_.now()));
    EXPECT_TRUE(eventually([&] {
        clock_.advance(1s);
        return told("\"server.gap\"");
    }));
    EXPECT_EQ(times_told("\"server.gap\""), 1);
    EXPECT_TRUE(told("\"first_seq\":10,\"last_seq\":13"));
}

TEST_F(IntakeFaultTest, GivenACloneThatInsistsWhenItSendsItsHistoryThenTheForkIsToldOnce) {
    Client client(broker_, terminal_, signing_key_.public_key());
    testing::TestTerminal clone = terminal_;
    deliver(client, terminal_.batch(3), 3);
    const std::string other = clone.batch(2);
    for (int i = 0; i < 30; ++i)
        client.publish(terminal_.topic(), other);
    deliver(client, terminal_.batch(2), 5);
    EXPECT_EQ(times_told("\"server.fork\""), 1);
    EXPECT_EQ(events("T-1").size(), 5U);
}

TEST_F(IntakeFaultTest, GivenAFullDiskWhenThereIsRoomAgainThenNothingIsMissingAndTheFailureIsTold) {
    Client client(broker_, terminal_, signing_key_.public_key());
    deliver(client, terminal_.batch(2), 2);
    const auto limit = [&](const std::string& pages) {
        return writer_->run([&](Database& db) { return db.execute("PRAGMA max_page_count = " + pages); });
    };
    ASSERT_TRUE(limit("1"));  // SQLite takes the pages there are as the least
    const std::string big = terminal_.batch(200);
    for (int i = 0; i < 3; ++i)
        client.publish(terminal_.topic(), big);
    EXPECT_FALSE(eventually([&] { return client.acknowledged() > 2; }, 1s)) << "acknowledged what is not stored";
    EXPECT_EQ(events("T-1").size(), 2U);
    ASSERT_TRUE(limit("1000000"));
    EXPECT_TRUE(eventually([&] { return told("\"store.failure\""); }));
    EXPECT_TRUE(told("\"reason\":\"exhausted\""));
    deliver(client, big, 202);
    EXPECT_EQ(events("T-1").size(), 202U);
}

TEST_F(IntakeFaultTest, GivenAWriterThatIsFullWhenItGoesOnThenAllIsTakenAndNobodyWaitsForEver) {
    intake_.reset();
    writer_.reset();
    writer_ = *store::Writer::open(store_, store::Writer::Limits{.jobs_waiting_max = 3});
    start();
    Client client(broker_, terminal_, signing_key_.public_key());
    deliver(client, terminal_.batch(1), 1);
    std::promise<void> gate;
    ASSERT_TRUE(writer_->submit([opened = gate.get_future().share()](Database&) { opened.wait(); return Result<void>(); },
                                nullptr, 1));
    for (int i = 0; i < 15; ++i) {  // twice what an agent has on its way; a lane holds it
        client.publish(terminal_.topic(), terminal_.batch(5));
        client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::heartbeat, clock_.now()));
    }
    EXPECT_FALSE(eventually([&] { return client.acknowledged() > 1; }, 300ms));
    gate.set_value();
    EXPECT_TRUE(eventually([&] { return client.acknowledged() == 76; }));
    EXPECT_EQ(events("T-1").size(), 76U);
}

TEST_F(IntakeFaultTest, GivenATerminalThatFloodsAFullWriterWhenItGoesOnThenAnotherIsServedAndTheFloodIsTakenWhenSentAgain) {
    intake_.reset();
    writer_.reset();
    writer_ = *store::Writer::open(store_, store::Writer::Limits{.jobs_waiting_max = 3});
    testing::TestTerminal quiet("T-2");
    ASSERT_TRUE(writer_->run([&](Database& db) { return store::add_key(db, quiet.key(clock_.now())); }));
    start();
    Client loud_client(broker_, terminal_, signing_key_.public_key());
    Client quiet_client(broker_, quiet, signing_key_.public_key());
    deliver(loud_client, terminal_.batch(1), 1);
    std::promise<void> gate;
    ASSERT_TRUE(writer_->submit([opened = gate.get_future().share()](Database&) { opened.wait(); return Result<void>(); },
                                nullptr, 1));
    std::vector<std::string> flood;
    for (int i = 0; i < 60; ++i)
        flood.push_back(terminal_.batch(5));
    for (const std::string& message : flood)
        loud_client.publish(terminal_.topic(), message);
    quiet_client.publish(quiet.topic(), quiet.batch(2));
    gate.set_value();
    EXPECT_TRUE(eventually([&] { return quiet_client.acknowledged() == 2; }));
    for (std::size_t i = 0; i < flood.size(); ++i) {
        const std::uint64_t last = 1 + 5 * (i + 1);
        if (loud_client.acknowledged() < last)
            deliver(loud_client, flood[i], last);
    }
    EXPECT_EQ(events("T-1").size(), 301U);
    EXPECT_EQ(events("T-2").size(), 2U);
    EXPECT_FALSE(told("server.fork") || told("server.refusal"));
}

// --- kill -9 ----------------------------------------------------------------------------------------------------------

// The collector of the next test, in a process of its own that can be killed; it runs nowhere else.
TEST(IntakeProcess, DISABLED_Serve) {
    // Made here, as main() makes it: the threads of the two connections would race for it.
    (void)spdlog::default_logger();
    const auto variable = [](const char* name) { return std::string(std::getenv(name)); };
    const std::filesystem::path certificates = variable("INTAKE_CERTIFICATES");
    MqttOptions options;
    options.port = std::stoi(variable("INTAKE_PORT"));
    options.ca_file = certificates / "ca.pem";
    const auto named = [&](const std::string& name) {
        options.client_id = name;
        options.cert_file = certificates / (name + ".pem");
        options.key_file = certificates / (name + ".key");
        return options;
    };
    IntakeOptions intake_options{"CA0300000", named("collector-receive"), named("collector-send")};
    intake_options.receive.persistent_session = true;
    LinuxClock clock;
    auto writer = *store::Writer::open(variable("INTAKE_STORE"));
    auto intake = Intake::start(intake_options, *SigningKey::load_pem(variable("INTAKE_KEY")), *writer, clock,
                                [] { return std::vector<ExpectedTerminal>(); }, [] {});
    ASSERT_TRUE(intake);
    ::pause();
}

class ServingProcess {
public:
    ServingProcess(const testing::TestBroker& broker, const std::filesystem::path& store, const std::filesystem::path& key) {
        const std::vector<std::string> settings = {"INTAKE_CERTIFICATES=" + broker.folder().string(),
                                                   "INTAKE_PORT=" + std::to_string(broker.port()),
                                                   "INTAKE_STORE=" + store.string(), "INTAKE_KEY=" + key.string()};
        const std::vector<std::string> words = {"intake", "--gtest_filter=IntakeProcess.DISABLED_Serve",
                                                "--gtest_also_run_disabled_tests"};
        const auto pointers = [](const std::vector<std::string>& texts) {
            std::vector<char*> list;
            for (const std::string& text : texts)
                list.push_back(const_cast<char*>(text.c_str()));
            list.push_back(nullptr);
            return list;
        };
        auto arguments = pointers(words);
        auto environment = pointers(settings);
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            const int nowhere = ::open("/dev/null", O_WRONLY);
            ::dup2(nowhere, STDOUT_FILENO);
            ::execve("/proc/self/exe", arguments.data(), environment.data());
            ::_exit(127);
        }
    }
    ~ServingProcess() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    ServingProcess(const ServingProcess&) = delete;
    ServingProcess& operator=(const ServingProcess&) = delete;

private:
    pid_t process_ = -1;
};

TEST_F(IntakeFaultTest, GivenTheCollectorIsKilledWhileItStoresWhenItReturnsThenWhatWasAcknowledgedIsThereOnce) {
    intake_.reset();
    writer_.reset();
    const auto key = folder_ / "signing.key";
    ASSERT_TRUE(signing_key_.save_pem(key));
    Client client(broker_, terminal_, signing_key_.public_key());
    std::vector<std::string> messages;
    for (int i = 0; i < 300; ++i)
        messages.push_back(terminal_.batch(4));
    const auto send_from = [&](std::uint64_t seq) {
        for (std::size_t i = seq / 4; i < std::min<std::size_t>(messages.size(), seq / 4 + 20); ++i)
            client.publish(terminal_.topic(), messages[i]);
    };
    std::minstd_rand dice(20261124);
    for (int round = 0; round < 6; ++round) {
        const ServingProcess collector(broker_, store_, key);
        const auto from = client.acknowledged();
        ASSERT_TRUE(eventually([&] {
            send_from(client.acknowledged());
            return eventually([&] { return client.acknowledged() >= from + 40; }, 1s);
        }));
        send_from(client.acknowledged());
        std::this_thread::sleep_for(std::chrono::microseconds(dice() % 8000));  // anywhere in the next commits
    }
    writer_ = *store::Writer::open(store_);
    const auto stored = events("T-1");
    ASSERT_GE(stored.size(), client.acknowledged());
    for (std::size_t i = 0; i < stored.size(); ++i)
        EXPECT_EQ(stored[i].seq, i + 1);
    start();
    ASSERT_TRUE(eventually([&] {
        const auto before = client.acknowledged();
        send_from(before);
        static_cast<void>(eventually([&] { return client.acknowledged() >= std::min<std::uint64_t>(before + 80, 1200); }, 1s));
        return client.acknowledged() == 1200;
    }));
    const auto all = events("T-1");
    ASSERT_EQ(all.size(), 1200U);
    Digest head = chain_genesis(terminal_.name, terminal_.instance, terminal_.enrolled.public_key());
    for (const auto& event : all)
        head = chain_link(head, leaf_of(*event.line));
    EXPECT_EQ(head, terminal_.head);
}

}  // namespace
}  // namespace sallyport::intake
