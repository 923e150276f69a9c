// SPDX-License-Identifier: Apache-2.0
//
// `sallyportctl watch` as it runs on another host: against a real mosquitto under the configuration that sallyportctl
// wrote, and against the real collector.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>

#include <mutex>

#include "collector/evidence/checkpoint.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "protocol/adapters/sqlite_database.hpp"
#include "tests/collector/ctl/control.hpp"
#include "tests/collector/watch/own_log.hpp"

namespace sallyport::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class WatchCommand : public Control {
protected:
    void SetUp() override {
        establish_agency();
        done("broker config --dir broker --port " + std::to_string(broker_port_));
        ASSERT_TRUE(key_.save_pem(path("log.key")));
        ASSERT_EQ(shell("openssl ec -in log.key -pubout -out log.pub").code, 0);
        write("page", "#!/bin/sh\ncat >> '" + path("page.got").string() + "'\n");
        std::filesystem::permissions(path("page"), std::filesystem::perms(0700));
        configure("log.pub");
    }
    ~WatchCommand() override {
        for (const pid_t process : {broker_, collector_})
            stop(process);
    }

    void configure(const std::string& head_key, int stale_after_s = 1) {
        write("watch.yml",
              std::string("agency: {ori: ") + kOri + "}\n" +
                  "collector: {host: localhost, port: " + std::to_string(https_port_) + ", ca: ca/ca.crt}\n" +
                  "broker: {host: localhost, port: " + std::to_string(broker_port_) +
                  ", ca: ca/ca.crt, certificate: ca/watch.crt, key: ca/watch.key}\n" + "head_key: " + head_key +
                  "\nstate: state.json\nstale_after_s: " + std::to_string(stale_after_s) +
                  "\nlook_every_s: 1\nalarm: {command: [" + path("page").string() + "], syslog: false}\n");
    }
    Ran look() { return shell("'" SALLYPORTCTL "' watch --watch-config watch.yml --once"); }
    // Looks until it says that; what it said last.
    std::string look_until(const std::string& said, std::chrono::seconds patience = std::chrono::seconds(20)) {
        Ran ran;
        const bool said_it = eventually(
            [&] {
                ran = look();
                return ran.out.find(said) != std::string::npos;
            },
            patience);
        EXPECT_TRUE(said_it) << said << ": " << ran.out << ran.err;
        return ran.out;
    }

    bool believes_a_head() {
        return eventually([&] {
            (void)look();
            return content(path("state.json")).find("sallyport/CA0010000/1") != std::string::npos;
        });
    }
    // A collector with a line in its log, and a head over it: heads are signed once a minute, and at the end and the
    // beginning.
    void start_collector_with_a_head() {
        start_collector();
        register_terminals(1);
        ASSERT_TRUE(eventually([&] {
            auto database = Database::open(path("store.db"), Database::Access::read_only);
            auto query =
                database ? database->prepare("SELECT count(*) FROM event") : Result<Statement>(database.error());
            return query && query->step() && query->integer(0) > 0;
        })) << content(path("collector.log"));
        ::kill(collector_, SIGTERM);
        ::waitpid(collector_, nullptr, 0);
        start_collector();
    }

    pid_t start(const std::string& command, const std::string& log) {
        const std::string line = "cd '" + folder_.path().string() + "' && exec " + command + " >" + log + " 2>&1";
        const pid_t process = ::fork();
        if (process == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
            ::_exit(127);
        }
        return process;
    }
    static void stop(pid_t process) {
        if (process <= 0) return;
        ::kill(process, SIGKILL);
        ::waitpid(process, nullptr, 0);
    }
    void start_broker() {
        broker_ =
            start("$(command -v mosquitto || echo /usr/sbin/mosquitto) -c broker/mosquitto.conf", "mosquitto.log");
    }
    void start_collector() {
        write(
            "collector.yml",
            content(path("collector.yml")).substr(0, content(path("collector.yml")).find("broker:")) +
                "broker:\n  host: 127.0.0.1\n  port: " + std::to_string(broker_port_) +
                "\n  ca: ca/ca.crt\n  receive: {certificate: ca/collector-receive.crt, key: ca/collector-receive.key}\n"
                "  send: {certificate: ca/collector-send.crt, key: ca/collector-send.key}\n"
                "signing_key: ca/collector-signing.key\nrules: " SALLYPORT_SOURCE_DIR
                "/rules/physical-protection\n"
                "https: {port: " +
                std::to_string(https_port_) + ", certificate: ca/server.crt, key: ca/server.key, console: console}\n");
        std::filesystem::create_directories(path("console"));
        write("console/index.html", "<!doctype html>");
        collector_ = start(SALLYPORT_COLLECTOR " --config collector.yml", "collector.log");
    }

    // As the collector would: retained, with its own certificate.
    void publish_head(const std::string& checkpoint) {
        MqttOptions options;
        options.host = "localhost";
        options.port = broker_port_;
        options.client_id = "collector-send";
        options.ca_file = path("ca/ca.crt");
        options.cert_file = path("ca/collector-send.crt");
        options.key_file = path("ca/collector-send.key");
        std::mutex mutex;
        bool connected = false, delivered = false;
        MqttHandlers handlers;
        handlers.connected = [&] {
            const std::scoped_lock lock(mutex);
            connected = true;
        };
        handlers.lost = [](const std::string&) {};
        handlers.received = [](MqttMessage) {};
        handlers.delivered = [&](std::uint64_t, bool accepted) {
            const std::scoped_lock lock(mutex);
            delivered = accepted;
        };
        const auto is = [&](const bool& flag) {
            const std::scoped_lock lock(mutex);
            return flag;
        };
        auto connection = *MqttConnection::create(options, handlers);
        ASSERT_TRUE(eventually([&] {
            (void)connection->connect({}, std::nullopt);
            return eventually([&] { return is(connected); }, std::chrono::seconds(1));
        })) << content(path("mosquitto.log"));
        ASSERT_TRUE(connection->publish({std::string("sallyport/1/") + kOri + "/head", checkpoint, 1, true}));
        ASSERT_TRUE(eventually([&] { return is(delivered); }));
        connection->disconnect(std::chrono::seconds(1));
    }
    std::string head(const OwnLog& log) const {
        return log.head(key_, LinuxClock().now(), std::string("sallyport/") + kOri + "/1");
    }

    static int free_port() {
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(listener, reinterpret_cast<sockaddr*>(&address), size);
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
        ::close(listener);
        return ntohs(address.sin_port);
    }

    const int broker_port_ = free_port(), https_port_ = free_port();
    const SigningKey key_ = *SigningKey::generate();
    pid_t broker_ = 0, collector_ = 0;
};

TEST_F(WatchCommand, GivenNobodyAnswersWhenTheTimeIsOverThenItEndsWithOneAndTellsByTheHook) {
    const auto said = look_until("head_missing");
    EXPECT_THAT(said, HasSubstr("collector_silent: the collector does not answer (connect: "));
    EXPECT_THAT(said, HasSubstr("broker_silent"));
    EXPECT_EQ(look().code, 1);
    EXPECT_THAT(content(path("page.got")), HasSubstr("collector_silent"));
}

TEST_F(WatchCommand, GivenAHeadAtTheBrokerWhenItIsContradictedThenThatIsGraveUntilItIsAccepted) {
    start_broker();
    OwnLog log, other("false");
    publish_head(head(log.grow(5)));
    EXPECT_THAT(look_until("collector_silent"), Not(HasSubstr("broker_silent")));
    publish_head(head(other.grow(5, 2)));
    EXPECT_THAT(look_until("head_forked (GRAVE)"), HasSubstr("contradict each other"));
    EXPECT_THAT(content(path("page.got")), HasSubstr("THE EVIDENCE LOG IS IN DOUBT: head_forked"));
    publish_head(head(log));
    EXPECT_THAT(look().out, HasSubstr("head_forked (GRAVE)"));
    const auto accepted = shell("'" SALLYPORTCTL "' watch --watch-config watch.yml --accept 'a test'");
    EXPECT_EQ(accepted.code, 0) << accepted.err;
    publish_head(head(log));
    EXPECT_THAT(look().out, Not(HasSubstr("GRAVE")));
}

// The whole way: the collector signs a head, shows it over HTTPS and publishes it, and the watch finds one story; then
// it is killed.
TEST_F(WatchCommand, GivenTheRealCollectorWhenItIsKilledThenItIsSilentAndBeforeItWasWell) {
    start_broker();
    configure("ca/collector-signing.pub", 300);
    start_collector_with_a_head();
    EXPECT_TRUE(believes_a_head()) << content(path("state.json")) << content(path("collector.log"));
    EXPECT_EQ(look().code, 0);
    stop(collector_);
    collector_ = 0;
    configure("ca/collector-signing.pub");
    EXPECT_THAT(look_until("collector_silent"), Not(HasSubstr("broker_silent")));
}

// The collector's disk is put back to an earlier day: it goes on signing, from fewer leaves.
TEST_F(WatchCommand, GivenAStoreThatWasPutBackWhenTheCollectorGoesOnThenTheWatchSaysThatLeavesWereLost) {
    start_broker();
    configure("ca/collector-signing.pub", 300);
    start_collector_with_a_head();
    EXPECT_TRUE(believes_a_head()) << content(path("state.json")) << content(path("collector.log"));
    stop(collector_);
    for (const auto* file : {"store.db", "store.db-wal", "store.db-shm"})
        std::filesystem::remove(path(file));
    done("sites list");  // an empty store
    start_collector_with_a_head();
    EXPECT_THAT(look_until("(GRAVE)", std::chrono::seconds(90)),
                ::testing::AnyOf(HasSubstr("head_shrunk"), HasSubstr("head_forked"), HasSubstr("head_of_another_log")))
        << content(path("collector.log"));
}

TEST_F(WatchCommand, GivenAServerOfAnotherAuthorityWhenAskedThenItIsNotBelieved) {
    start_broker();
    start_collector();
    ASSERT_TRUE(eventually([&] { return content(path("collector.log")).find("ready") != std::string::npos; }));
    done("ca init --dir another");
    auto text = content(path("watch.yml"));
    text.replace(text.find("ca: ca/ca.crt"), 13, "ca: another/ca.crt");
    write("watch.yml", text);
    EXPECT_THAT(look_until("collector_silent"), HasSubstr("its certificate is not the collector's"));
}

TEST_F(WatchCommand, GivenAWrongCallOrConfigurationThenItSaysWhatAndEndsWithTwo) {
    EXPECT_EQ(shell("'" SALLYPORTCTL "' watch --watch-config absent.yml --once").code, 2);
    write("watch.yml", "agency: {ori: x}\n");
    const auto ran = look();
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, HasSubstr("watch.yml:1: 'ori' must be"));
    EXPECT_EQ(shell("'" SALLYPORTCTL "' watch --watch-config watch.yml --check-config").code, 1);
}

// As the service: looks until it is told to end, and tells what it saw.
TEST_F(WatchCommand, GivenTheLoopWhenItIsToldToEndThenItEndsInOrder) {
    const pid_t process = start("'" SALLYPORTCTL "' watch --watch-config watch.yml", "watch.log");
    EXPECT_TRUE(eventually([&] { return content(path("watch.log")).find("head_missing") != std::string::npos; }))
        << content(path("watch.log"));
    ::kill(process, SIGTERM);
    int status = 0;
    ASSERT_EQ(::waitpid(process, &status, 0), process);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace sallyport::testing
