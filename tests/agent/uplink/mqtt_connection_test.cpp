// SPDX-License-Identifier: Apache-2.0
//
// MqttConnection against a real mosquitto over mutual TLS.
#include "protocol/adapters/mqtt_connection.hpp"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "tests/support/test_broker.hpp"

namespace sallyport {
namespace {

using testing::eventually;
using testing::TestBroker;

// A client that writes down everything it is told.
class Client {
public:
    explicit Client(MqttOptions options) {
        MqttHandlers handlers;
        handlers.connected = [this] { note([this] { ++connected_; }); };
        handlers.lost = [this](const std::string& why) { note([&] { lost_.push_back(why); }); };
        handlers.received = [this](MqttMessage message) { note([&] { received_.push_back(std::move(message)); }); };
        handlers.delivered = [this](std::uint64_t token, bool accepted) { note([&] { delivered_[token] = accepted; }); };
        auto made = MqttConnection::create(std::move(options), std::move(handlers));
        if (made)
            connection_ = std::move(*made);
    }
    ~Client() { connection_.reset(); }

    bool connect(const std::vector<std::string>& filters = {}, const std::optional<MqttMessage>& will = {}) {
        const int before = connected();
        return connection_->connect(filters, will).ok() && eventually([&] { return connected() > before; });
    }
    MqttConnection& operator*() { return *connection_; }
    MqttConnection* operator->() { return connection_.get(); }
    void drop() { connection_.reset(); }

    int connected() { return read(connected_); }
    std::vector<std::string> lost() { return read(lost_); }
    std::vector<MqttMessage> received() { return read(received_); }
    std::map<std::uint64_t, bool> delivered() { return read(delivered_); }

private:
    template <class Action>
    void note(Action action) {
        const std::lock_guard lock(mutex_);
        action();
    }
    template <class T>
    T read(const T& value) {
        const std::lock_guard lock(mutex_);
        return value;
    }
    std::mutex mutex_;
    int connected_ = 0;
    std::vector<std::string> lost_;
    std::vector<MqttMessage> received_;
    std::map<std::uint64_t, bool> delivered_;
    std::unique_ptr<MqttConnection> connection_;
};

TEST(MqttConnection, GivenASubscriberWhenManyMessagesArePublishedThenAllArriveInOrderAndAreDelivered) {
    TestBroker broker;
    Client subscriber(broker.client("reader"));
    Client publisher(broker.client("writer"));
    ASSERT_TRUE(subscriber.connect({"test/#"}));
    ASSERT_TRUE(publisher.connect());
    constexpr std::size_t kCount = 3000;
    for (std::size_t i = 0; i < kCount; ++i) {
        for (;;) {
            auto token = publisher->publish({"test/one", std::to_string(i), 1, false});
            if (token) break;
            ASSERT_EQ(token.error().code(), Errc::exhausted) << token.error().message();
            // The buffer empties with PUBACKs; asking without a pause would keep Paho from reading them.
            const std::size_t before = publisher.delivered().size();
            ASSERT_TRUE(eventually([&] { return publisher.delivered().size() > before; }));
        }
    }
    ASSERT_TRUE(eventually([&] { return subscriber.received().size() == kCount; })) << subscriber.received().size();
    ASSERT_TRUE(eventually([&] { return publisher.delivered().size() == kCount; })) << publisher.delivered().size();
    const auto received = subscriber.received();
    for (std::size_t i = 0; i < kCount; ++i)
        ASSERT_EQ(received[i].payload, std::to_string(i));
}

TEST(MqttConnection, GivenATopicThatIsNotAllowedWhenPublishedThenTheDeliveryIsNotAccepted) {
    TestBroker broker("user writer\ntopic write allowed/#\n");
    Client publisher(broker.client("writer"));
    ASSERT_TRUE(publisher.connect());
    auto good = publisher->publish({"allowed/x", "1", 1, false});
    auto bad = publisher->publish({"forbidden/x", "1", 1, false});
    ASSERT_TRUE(good && bad);
    ASSERT_TRUE(eventually([&] { return publisher.delivered().size() == 2; }));
    EXPECT_TRUE(publisher.delivered()[*good]);
    EXPECT_FALSE(publisher.delivered()[*bad]);
}

TEST(MqttConnection, GivenABrokerThatIsKilledWhenItIsBackThenTheSameConnectionConnectsAgain) {
    TestBroker broker;
    Client client(broker.client("t1"));
    ASSERT_TRUE(client.connect({"test/#"}));
    broker.kill();
    ASSERT_TRUE(eventually([&] { return client.lost().size() == 1; }));
    EXPECT_EQ(client->publish({"test/x", "1", 1, false}).error().code(), Errc::unavailable);
    auto attempt = client->connect({"test/#"}, std::nullopt);
    ASSERT_TRUE(attempt) << attempt.error().message();
    ASSERT_TRUE(eventually([&] { return client.lost().size() == 2; }));
    EXPECT_NE(client.lost()[1].find("127.0.0.1:" + std::to_string(broker.port())), std::string::npos)
        << client.lost()[1];
    broker.start();
    ASSERT_TRUE(client.connect({"test/#"}));
    ASSERT_TRUE(client->publish({"test/x", "again", 1, false}));
    ASSERT_TRUE(eventually([&] { return client.received().size() == 1; }));
}

TEST(MqttConnection, GivenAWillWhenTheConnectionBreaksThenTheBrokerSpeaksItAndNotAfterAnOrderlyEnd) {
    TestBroker broker;
    Client reader(broker.client("reader"));
    ASSERT_TRUE(reader.connect({"status/#"}));
    {
        Client orderly(broker.client("t1"));
        ASSERT_TRUE(orderly.connect({}, MqttMessage{"status/t1", "will", 1, true}));
        ASSERT_TRUE(orderly->publish({"status/t1", "bye", 1, true}));
        ASSERT_TRUE(eventually([&] { return orderly.delivered().size() == 1; }));
        orderly->disconnect(std::chrono::seconds(2));
    }
    Client first(broker.client("t2"));
    ASSERT_TRUE(first.connect({}, MqttMessage{"status/t2", "will", 1, true}));
    Client second(broker.client("t2"));  // the same identity takes the connection over
    ASSERT_TRUE(second.connect());
    ASSERT_TRUE(eventually([&] { return reader.received().size() == 2; }));
    EXPECT_EQ(reader.received()[0].payload, "bye");
    EXPECT_EQ(reader.received()[1].payload, "will");
    EXPECT_TRUE(eventually([&] { return first.lost().size() == 1; }));
}

TEST(MqttConnection, GivenABrokerOfAnotherAuthorityWhenConnectingThenTheSentenceNamesPlaceAndReason) {
    TestBroker broker;
    TestBroker other;
    MqttOptions options = broker.client("t1");
    options.ca_file = other.folder() / "ca.pem";
    Client client(options);
    ASSERT_TRUE(client->connect({}, std::nullopt));
    ASSERT_TRUE(eventually([&] { return client.lost().size() == 1; }));
    EXPECT_NE(client.lost()[0].find("127.0.0.1:" + std::to_string(broker.port())), std::string::npos);
    EXPECT_NE(client.lost()[0].find("certificate verify failed"), std::string::npos) << client.lost()[0];
}

TEST(MqttConnection, GivenACertificateTheBrokerDoesNotKnowWhenConnectingThenItIsLost) {
    TestBroker broker;
    TestBroker other;
    MqttOptions options = other.client("t1");
    options.port = broker.port();
    options.ca_file = broker.folder() / "ca.pem";
    Client client(options);
    ASSERT_TRUE(client->connect({}, std::nullopt));
    ASSERT_TRUE(eventually([&] { return client.lost().size() == 1; }));
    EXPECT_EQ(client.connected(), 0);
    EXPECT_NE(client.lost()[0].find("127.0.0.1:" + std::to_string(broker.port())), std::string::npos);
}

TEST(MqttConnection, GivenAMissingKeyFileWhenCreatedThenTheFileIsNamed) {
    TestBroker broker;
    MqttOptions options = broker.client("t1");
    options.key_file = broker.folder() / "absent.key";
    auto made = MqttConnection::create(options, {});
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message().find("absent.key"), std::string::npos);
}

TEST(MqttConnection, GivenAPersistentSessionWhenItWasAwayThenWhatWasSentMeanwhileArrives) {
    TestBroker broker;
    Client sender(broker.client("writer"));
    ASSERT_TRUE(sender.connect());
    MqttOptions options = broker.client("collector-receive");
    options.persistent_session = true;
    {
        Client receiver(options);
        ASSERT_TRUE(receiver.connect({"test/#"}));
        receiver->disconnect(std::chrono::seconds(2));
    }
    ASSERT_TRUE(sender->publish({"test/x", "meanwhile", 1, false}));
    ASSERT_TRUE(eventually([&] { return sender.delivered().size() == 1; }));
    Client receiver(options);
    ASSERT_TRUE(receiver.connect({"test/#"}));
    ASSERT_TRUE(eventually([&] { return receiver.received().size() == 1; }));
}

}  // namespace
}  // namespace sallyport
