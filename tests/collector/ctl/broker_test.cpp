// SPDX-License-Identifier: Apache-2.0
//
// A real mosquitto under the configuration that `sallyportctl broker config` wrote.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <set>

#include "tests/collector/ctl/control.hpp"

namespace sallyport::ctl {
namespace {

using ::testing::HasSubstr;
using sallyport::testing::eventually;

// One client, and what became of it.
class Client {
public:
    explicit Client(MqttOptions options, std::vector<std::string> topics = {}) {
        MqttHandlers handlers;
        handlers.connected = [this] { note([this] { connected_ = true; }); };
        handlers.lost = [this](const std::string&) { note([this] { lost_ = true; }); };
        handlers.received = [this](const MqttMessage& message) { note([&] { received_.insert(message.topic); }); };
        handlers.delivered = [this](std::uint64_t token, bool accepted) {
            note([&] { (accepted ? accepted_ : refused_).insert(token); });
        };
        connection_ = *MqttConnection::create(std::move(options), std::move(handlers));
        EXPECT_TRUE(connection_->connect(std::move(topics), std::nullopt));
    }

    bool connects() {
        EXPECT_TRUE(eventually([this] { return connected() || lost(); }));
        return connected() && !lost();
    }
    bool accepted(const std::string& topic, bool retained = false) {
        const auto token = connection_->publish({topic, "x", 1, retained});
        if (!token)
            return false;
        EXPECT_TRUE(eventually([&] { return has(accepted_, *token) || has(refused_, *token) || lost(); }));
        return has(accepted_, *token);
    }
    bool receives(const std::string& topic) {
        return eventually([&] { return has(received_, topic); });
    }
    bool received(const std::string& topic) { return has(received_, topic); }
    bool loses_connection() {
        return eventually([this] { return lost(); });
    }
    bool connected() { return read(connected_); }
    bool lost() { return read(lost_); }

private:
    template <class Act>
    void note(Act act) {
        const std::lock_guard lock(mutex_);
        act();
    }
    bool read(const bool& flag) {
        const std::lock_guard lock(mutex_);
        return flag;
    }
    template <class Set, class Item>
    bool has(const Set& set, const Item& item) {
        const std::lock_guard lock(mutex_);
        return set.contains(item);
    }

    std::mutex mutex_;
    bool connected_ = false, lost_ = false;
    std::set<std::string> received_;
    std::set<std::uint64_t> accepted_, refused_;
    std::unique_ptr<MqttConnection> connection_;  // last: ends before what its callbacks touch
};

class Broker : public sallyport::testing::Control {
protected:
    void SetUp() override {
        establish_agency();
        register_terminals(2);
        for (const std::string number : {"1", "2"}) {
            make_request("t" + number, "T-" + number);
            ASSERT_EQ(enrol("T-" + number, "t" + number).code, 0);
        }
        done("broker config --dir broker --port " + std::to_string(port_));
        start();
    }
    ~Broker() override {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            ::waitpid(process_, nullptr, 0);
        }
    }

    void start() {
        std::string command = "exec $(command -v mosquitto || echo /usr/sbin/mosquitto) -c '" +
                              path("broker/mosquitto.conf").string() + "' >'" + path("mosquitto.log").string() + "' 2>&1";
        char name[] = "sh", option[] = "-c";
        char* arguments[] = {name, option, command.data(), nullptr};
        ASSERT_EQ(::posix_spawnp(&process_, name, nullptr, nullptr, arguments, environ), 0);
        ASSERT_TRUE(eventually([this] {
            return shell("openssl s_client -connect 127.0.0.1:" + std::to_string(port_) + " -CAfile ca/ca.crt </dev/null")
                       .out.find("Verify return code: 0 (ok)") != std::string::npos;
        })) << content(path("mosquitto.log"));
    }

    MqttOptions options(const std::string& certificate, const std::string& client_id) {
        MqttOptions options;
        options.port = port_;
        options.client_id = client_id;
        options.ca_file = path("ca/ca.crt");
        options.cert_file = path(certificate + ".crt");
        options.key_file = path(certificate + ".key");
        return options;
    }
    static std::string topic(const std::string& terminal, const std::string& channel) {
        return std::string("sallyport/1/") + kOri + "/" + terminal + "/" + channel;
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

    const int port_ = free_port();
    pid_t process_ = 0;
};

TEST_F(Broker, GivenAnEnrolledTerminalThenItsOwnTopicsWorkBothWays) {
    Client receiver(options("ca/collector-receive", "collector-receive"), {"sallyport/1/+/+/events", "sallyport/1/+/+/status"});
    Client sender(options("ca/collector-send", "collector-send"));
    Client terminal(options("t1", "T-1"), {topic("T-1", "ack"), topic("T-1", "config")});
    ASSERT_TRUE(receiver.connects() && sender.connects() && terminal.connects()) << content(path("mosquitto.log"));
    EXPECT_TRUE(terminal.accepted(topic("T-1", "events")));
    EXPECT_TRUE(terminal.accepted(topic("T-1", "status"), true));
    EXPECT_TRUE(receiver.receives(topic("T-1", "events")));
    EXPECT_TRUE(receiver.receives(topic("T-1", "status")));
    EXPECT_TRUE(sender.accepted(topic("T-1", "ack")));
    EXPECT_TRUE(sender.accepted(topic("T-1", "config"), true));
    EXPECT_TRUE(terminal.receives(topic("T-1", "ack")));
    EXPECT_TRUE(terminal.receives(topic("T-1", "config")));
}

// Another host looks at the heads of the evidence log (docs/guide-watch.md), and at nothing else.
TEST_F(Broker, GivenTheWatchThenItReadsHeadsAndNothingElse) {
    Client sender(options("ca/collector-send", "collector-send"));
    Client terminal(options("t1", "T-1"), {topic("T-1", "ack")});
    const std::string head = std::string("sallyport/1/") + kOri + "/head";
    Client watch(options("ca/watch", "watch"), {head, "#", "$SYS/#", topic("T-1", "events"), topic("T-1", "ack")});
    ASSERT_TRUE(sender.connects() && terminal.connects() && watch.connects());
    EXPECT_TRUE(terminal.accepted(topic("T-1", "events")));
    EXPECT_TRUE(sender.accepted(topic("T-1", "ack")));
    EXPECT_TRUE(sender.accepted(head, true));
    EXPECT_TRUE(watch.receives(head));
    EXPECT_FALSE(watch.received(topic("T-1", "events")));
    EXPECT_FALSE(watch.received(topic("T-1", "ack")));
    EXPECT_FALSE(watch.accepted(head, true));
    EXPECT_FALSE(watch.accepted(topic("T-1", "events")));
}

TEST_F(Broker, GivenATopicOfAnotherThenItIsNeitherWrittenNorRead) {
    Client sender(options("ca/collector-send", "collector-send"));
    Client receiver(options("ca/collector-receive", "collector-receive"), {"#"});
    Client terminal(options("t1", "T-1"), {"#", topic("T-2", "ack"), topic("T-1", "ack")});
    ASSERT_TRUE(sender.connects() && receiver.connects() && terminal.connects());
    for (const auto* channel : {"events", "status", "ack", "config"})
        EXPECT_FALSE(terminal.accepted(topic("T-2", channel))) << channel;
    EXPECT_FALSE(terminal.accepted(topic("T-1", "ack")));     // its own, but the collector's to write
    EXPECT_FALSE(terminal.accepted(topic("T-1", "config")));
    EXPECT_FALSE(terminal.accepted("sallyport/1/CA0010001/T-1/events"));  // another agency
    EXPECT_FALSE(sender.accepted(topic("T-1", "events")));
    EXPECT_FALSE(receiver.accepted(topic("T-1", "ack")));
    // What is for T-2 does not reach T-1: its own message, sent later, does.
    EXPECT_TRUE(sender.accepted(topic("T-2", "ack")));
    EXPECT_TRUE(sender.accepted(topic("T-1", "ack")));
    EXPECT_TRUE(terminal.receives(topic("T-1", "ack")));
    EXPECT_FALSE(terminal.received(topic("T-2", "ack")));
    EXPECT_FALSE(receiver.received(topic("T-2", "ack")));
}

TEST_F(Broker, GivenABorrowedClientIdThenTheCertificatesNameCounts) {
    Client real(options("t2", "T-2"));
    ASSERT_TRUE(real.connects());
    Client liar(options("t1", "T-2"));
    ASSERT_TRUE(liar.connects());
    EXPECT_FALSE(liar.accepted(topic("T-2", "events")));
    EXPECT_TRUE(liar.accepted(topic("T-1", "events")));
    EXPECT_TRUE(real.accepted(topic("T-2", "events")));  // not thrown out by the liar
    Client again(options("t1", "someone-else"));
    ASSERT_TRUE(again.connects());
    EXPECT_TRUE(liar.loses_connection());  // one certificate, one connection
}

TEST_F(Broker, GivenNoCertificateOrOneOfAnotherAuthorityThenRefused) {
    const auto without = shell("openssl s_client -connect 127.0.0.1:" + std::to_string(port_) +
                               " -CAfile ca/ca.crt -ign_eof </dev/null 2>&1");
    EXPECT_THAT(without.out, HasSubstr("certificate required"));
    done("ca init --dir foreign");
    Client foreign(options("foreign/collector-receive", "collector-receive"), {"sallyport/1/+/+/events"});
    EXPECT_FALSE(foreign.connects());
}

TEST_F(Broker, GivenTls12ThenRefused) {
    const auto old = shell("openssl s_client -tls1_2 -connect 127.0.0.1:" + std::to_string(port_) +
                           " -CAfile ca/ca.crt -cert t1.crt -key t1.key </dev/null 2>&1");
    EXPECT_NE(old.code, 0);
    EXPECT_THAT(old.out, HasSubstr("protocol version"));
}

// Within seconds, and by nothing but files: `sallyportctl` sends the broker no signal.
TEST_F(Broker, GivenARevocationThenTheRunningSessionEndsAndAReconnectIsRefused) {
    Client other(options("t2", "T-2"));
    Client silent(options("t1", "T-1"), {topic("T-1", "ack")});
    ASSERT_TRUE(other.connects() && silent.connects());
    EXPECT_TRUE(silent.accepted(topic("T-1", "events")));
    done("terminals revoke T-1 --reason stolen");
    const auto revoked = std::chrono::steady_clock::now();
    EXPECT_TRUE(silent.loses_connection()) << content(path("mosquitto.log"));  // though it says nothing more
    EXPECT_LT(std::chrono::steady_clock::now() - revoked, std::chrono::seconds(5));
    EXPECT_THAT(content(path("mosquitto.log")), HasSubstr("the session of T-1 is ended: its certificate is revoked"));
    // No moment in which it could slip in again: whether the list was read by then or not, it gets nothing through.
    for (int i = 0; i < 2; ++i) {
        Client again(options("t1", "T-1"));
        EXPECT_FALSE(again.connects() && again.accepted(topic("T-1", "events")));
    }
    EXPECT_TRUE(eventually([&] { return !Client(options("t1", "T-1")).connects(); })) << content(path("mosquitto.log"));
    EXPECT_TRUE(other.connected() && other.accepted(topic("T-2", "events")));
    Client still(options("t2", "T-2"));
    EXPECT_TRUE(still.connects());
    EXPECT_TRUE(still.accepted(topic("T-2", "events")));
}

TEST_F(Broker, GivenAKeyThatReplacesAnotherThenTheNewSessionStandsAndTheOldOneEnds) {
    Client old(options("t1", "T-1"), {topic("T-1", "ack")});
    ASSERT_TRUE(old.connects());
    make_request("new", "T-1");
    ASSERT_EQ(enrol("T-1", "new", "--replace").code, 0);
    EXPECT_TRUE(old.loses_connection());
    EXPECT_TRUE(eventually([&] {
        Client fresh(options("new", "T-1"));
        return fresh.connects() && fresh.accepted(topic("T-1", "events"));
    })) << content(path("mosquitto.log"));
}

TEST_F(Broker, GivenAListThatCannotBeReadThenTheOneBeforeStaysInForceAndTheLogSaysSo) {
    done("terminals revoke T-1 --reason stolen");
    EXPECT_TRUE(eventually([&] { return !Client(options("t1", "T-1")).connects(); }));
    write("ca/crl.pem", "no list at all");
    EXPECT_TRUE(eventually([&] {
        return content(path("mosquitto.log")).find("no list of revoked certificates can be read") != std::string::npos;
    }));
    EXPECT_FALSE(Client(options("t1", "T-1")).connects());
}

TEST_F(Broker, GivenNoGuardThenNoConfigurationIsWritten) {
    const auto ran = ctl("broker config --dir elsewhere --guard absent.so");
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("a revocation would not end a session"));
    EXPECT_FALSE(std::filesystem::exists(path("elsewhere/mosquitto.conf")));
}

TEST_F(Broker, GivenATerminalRegisteredLaterThenTheRunningBrokerLearnsOfIt) {
    register_terminals(3);
    make_request("t3", "T-3");
    ASSERT_EQ(enrol("T-3", "t3").code, 0);
    EXPECT_TRUE(eventually([&] {
        Client terminal(options("t3", "T-3"));
        return terminal.connects() && terminal.accepted(topic("T-3", "events"));
    })) << content(path("mosquitto.log"));
}

}  // namespace
}  // namespace sallyport::ctl
