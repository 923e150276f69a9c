// SPDX-License-Identifier: Apache-2.0
//
// The whole door: a real broker with mutual TLS, a real store, terminals with real keys.
#pragma once

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>

#include "collector/intake/intake.hpp"
#include "collector/store/event_log.hpp"
#include "protocol/acknowledgement.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/test_broker.hpp"
#include "tests/support/test_terminal.hpp"

namespace sallyport::intake {

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
        if (std::getenv("SALLYPORT_TEST_LOG") == nullptr)
            spdlog::set_level(spdlog::level::off);
        writer_ = *store::Writer::open(store_);
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
    int times_told(std::string_view what) {
        int times = 0;
        for (const auto& event : events("collector"))
            times += event.line->find(what) != std::string::npos ? 1 : 0;
        return times;
    }
    bool told(std::string_view what) { return times_told(what) > 0; }
    // Sends it again and again, as a spool would: until our subscription stands, messages go nowhere.
    void deliver(Client& client, const std::string& message, std::uint64_t seq) {
        EXPECT_TRUE(eventually([&] {
            client.publish(terminal_.topic(), message);
            return eventually([&] { return client.acknowledged() >= seq; }, std::chrono::seconds(1));
        }));
    }

    testing::TemporaryFolder folder_;
    const std::filesystem::path store_ = folder_ / "store.db";
    testing::TestBroker broker_;
    testing::ManualClock clock_;
    SigningKey signing_key_ = *SigningKey::generate();
    testing::TestTerminal terminal_;
    std::atomic<int> stored_ = 0;
    std::unique_ptr<store::Writer> writer_;
    std::unique_ptr<Intake> intake_;
};

}  // namespace sallyport::intake
