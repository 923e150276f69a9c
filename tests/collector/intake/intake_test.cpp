// SPDX-License-Identifier: Apache-2.0
//
// The whole door: a real broker with mutual TLS, a real store, terminals with real keys.
#include "collector/intake/intake.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>

#include "collector/store/event_log.hpp"
#include "protocol/acknowledgement.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "tests/support/test_broker.hpp"
#include "tests/support/test_terminal.hpp"

namespace sallyport::intake {
namespace {

using testing::eventually;

// A terminal's connection: remembers the newest acknowledgement.
class Client {
public:
    Client(testing::TestBroker& broker, const testing::TestTerminal& terminal, const PublicKey& collector)
        : collector_(collector) {
        MqttHandlers handlers;
        handlers.connected = [this] { connected_ = true; };
        handlers.lost = [this](const std::string&) { connected_ = false; };
        handlers.received = [this](const MqttMessage& message) {
            auto ack = decode_acknowledgement(message.payload, collector_);
            const std::scoped_lock lock(mutex_);
            if (ack)
                acks_.push_back(*ack);
        };
        handlers.delivered = [](std::uint64_t, bool) {};
        connection_ = *MqttConnection::create(broker.client(terminal.name), handlers);
        ack_topic_ = terminal.topic(Channel::ack);
        connect();
    }
    void connect() {
        EXPECT_TRUE(eventually([this] {
            if (!connected_ && connection_->connect({ack_topic_}, std::nullopt))
                return eventually([this] { return connected_.load(); }, std::chrono::seconds(2));
            return connected_.load();
        }));
    }
    void publish(const std::string& topic, const std::string& payload) {
        EXPECT_TRUE(eventually([&] { return connection_->publish({topic, payload, 1, false}).ok(); }));
    }
    std::uint64_t acknowledged() {
        const std::scoped_lock lock(mutex_);
        return acks_.empty() ? 0 : acks_.back().seq;
    }
    std::size_t acks() {
        const std::scoped_lock lock(mutex_);
        return acks_.size();
    }

private:
    PublicKey collector_;
    std::string ack_topic_;
    std::atomic<bool> connected_ = false;
    std::mutex mutex_;
    std::vector<Acknowledgement> acks_;
    std::unique_ptr<MqttConnection> connection_;
};

class IntakeTest : public ::testing::Test {
protected:
    IntakeTest() {
        spdlog::set_level(spdlog::level::off);
        writer_ = *store::Writer::open(folder_ / "store.db");
        EXPECT_TRUE(writer_->run([this](Database& db) { return store::add_key(db, terminal_.key(clock_.now())); }));
        start();
    }

    void start() {
        IntakeOptions options{"CA0300000", broker_.client("collector-receive"), broker_.client("collector-send")};
        options.receive.persistent_session = true;
        auto started = Intake::start(options, signing_key_, *writer_, clock_, [] { return std::vector<ExpectedTerminal>(); },
                                     [this] { ++stored_; });
        ASSERT_TRUE(started) << started.error().message();
        intake_ = std::move(started).value();
    }

    std::vector<store::StoredEvent> events(std::string_view terminal) {
        auto reader = *writer_->reader();
        std::vector<store::StoredEvent> of_terminal;
        for (auto& event : *store::read_events_after(reader, 0, 100000))
            if (event.terminal_id == terminal)
                of_terminal.push_back(std::move(event));
        return of_terminal;
    }
    bool told(std::string_view what) {
        for (const auto& event : events("collector"))
            if (event.line->find(what) != std::string::npos)
                return true;
        return false;
    }

    testing::TemporaryFolder folder_;
    testing::TestBroker broker_;
    LinuxClock clock_;
    SigningKey signing_key_ = *SigningKey::generate();
    testing::TestTerminal terminal_;
    std::atomic<int> stored_ = 0;
    std::unique_ptr<store::Writer> writer_;
    std::unique_ptr<Intake> intake_;
};

// Until the collector's subscription stands, messages go nowhere: the terminal sends again, as its spool would.
TEST_F(IntakeTest, GivenBatchesWhenPublishedThenEachIsStoredOnceAndAcknowledgedAfterTheCommit) {
    Client client(broker_, terminal_, signing_key_.public_key());
    std::vector<std::string> messages;
    for (int i = 0; i < 20; ++i)
        messages.push_back(terminal_.batch(5));
    EXPECT_TRUE(eventually([&] {
        for (const std::string& message : messages)
            client.publish(terminal_.topic(), message);
        return eventually([&] { return client.acknowledged() == 100; }, std::chrono::seconds(1));
    }));
    EXPECT_EQ(events("T-1").size(), 100U);
    EXPECT_GT(stored_, 0);
}

TEST_F(IntakeTest, GivenTheBrokerIsKilledWhenItReturnsThenTheRestArrivesAndNothingTwice) {
    Client client(broker_, terminal_, signing_key_.public_key());
    std::vector<std::string> messages;
    for (int i = 0; i < 40; ++i)
        messages.push_back(terminal_.batch(2));
    EXPECT_TRUE(eventually([&] {
        client.publish(terminal_.topic(), messages[0]);
        return eventually([&] { return client.acknowledged() >= 2; }, std::chrono::seconds(1));
    }));
    broker_.kill();
    broker_.start();
    client.connect();
    EXPECT_TRUE(eventually([&] {
        for (const std::string& message : messages)
            client.publish(terminal_.topic(), message);
        return eventually([&] { return client.acknowledged() == 80; }, std::chrono::seconds(1));
    }));
    EXPECT_EQ(events("T-1").size(), 80U);
}

TEST_F(IntakeTest, GivenABirthWhenItComesThenTheAnswerSaysWhereWeStand) {
    Client client(broker_, terminal_, signing_key_.public_key());
    const std::string message = terminal_.batch(7);
    EXPECT_TRUE(eventually([&] {
        client.publish(terminal_.topic(), message);
        return eventually([&] { return client.acknowledged() == 7; }, std::chrono::seconds(1));
    }));
    const auto before = client.acks();
    client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::birth, clock_.now()));
    EXPECT_TRUE(eventually([&] { return client.acks() > before; }));
    EXPECT_EQ(client.acknowledged(), 7U);
    EXPECT_TRUE(eventually([&] { return told("\"state\":\"alive\""); }));
}

TEST_F(IntakeTest, GivenAForgedStatusWhenItComesThenItIsNoSignOfLifeAndIsTold) {
    Client client(broker_, terminal_, signing_key_.public_key());
    testing::TestTerminal thief("T-1");
    EXPECT_TRUE(eventually([&] {
        client.publish(terminal_.topic(Channel::status), thief.status(StatusKind::birth, clock_.now()));
        return eventually([&] { return told("bad_status"); }, std::chrono::seconds(1));
    }));
    EXPECT_FALSE(told("\"state\":\"alive\""));
}

TEST_F(IntakeTest, GivenARetainedStatusWhenWeStartThenItIsNoSignOfLife) {
    intake_.reset();
    auto sender = *MqttConnection::create(broker_.client("T-1"), MqttHandlers{[] {}, [](const std::string&) {},
                                                                             [](const MqttMessage&) {}, [](std::uint64_t, bool) {}});
    ASSERT_TRUE(sender->connect({}, std::nullopt));
    ASSERT_TRUE(eventually([&] {
        return sender->publish({terminal_.topic(Channel::status), terminal_.status(StatusKind::heartbeat, clock_.now()), 1, true}).ok();
    }));
    start();
    Client client(broker_, terminal_, signing_key_.public_key());
    const std::string message = terminal_.batch(1);
    EXPECT_TRUE(eventually([&] {
        client.publish(terminal_.topic(), message);
        return eventually([&] { return client.acknowledged() == 1; }, std::chrono::seconds(1));
    }));
    EXPECT_FALSE(told("\"state\":\"alive\""));
}

TEST_F(IntakeTest, GivenMessagesOfAnUnknownTerminalWhenTheyFloodThenOneEntryIsWrittenAndOthersAreServed) {
    testing::TestTerminal stranger("T-9");
    Client rogue(broker_, stranger, signing_key_.public_key());
    Client client(broker_, terminal_, signing_key_.public_key());
    const std::string bad = stranger.batch(1);
    const std::string good = terminal_.batch(1);
    EXPECT_TRUE(eventually([&] {
        for (int i = 0; i < 50; ++i)
            rogue.publish(stranger.topic(), bad);
        client.publish(terminal_.topic(), good);
        return eventually([&] { return client.acknowledged() == 1; }, std::chrono::seconds(1));
    }));
    EXPECT_TRUE(eventually([&] { return told("unknown_terminal"); }));
    EXPECT_EQ(events("T-9").size(), 0U);
    EXPECT_LE(events("collector").size(), 3U);
}

}  // namespace
}  // namespace sallyport::intake
