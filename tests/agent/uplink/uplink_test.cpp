// SPDX-License-Identifier: Apache-2.0
//
// The uplink against a real broker: nothing is lost, nothing is out of order, and nobody else's word counts.
#include "agent/uplink/uplink.hpp"

#include <gtest/gtest.h>

#include "protocol/chain.hpp"
#include "tests/agent/uplink/test_collector.hpp"
#include "tests/support/event_factory.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::agent {
namespace {

using testing::eventually;
using testing::TestBroker;
using testing::TestCollector;

class UplinkToBroker : public ::testing::Test {
protected:
    explicit UplinkToBroker(const std::string& access = {}) : broker_(access) {
        options_.ori = testing::kOri;
        options_.broker = broker_.client("T-1");
        options_.shortest_pause = std::chrono::milliseconds(50);
        options_.longest_pause = std::chrono::milliseconds(400);
        options_.resend_after = std::chrono::milliseconds(1500);
        enrolled_ = *SigningKey::load_pem(options_.broker.key_file);
        spool_ = *Spool::open(broker_.folder() / "spool.db", "T-1", enrolled_->public_key(), clock_);
    }
    ~UplinkToBroker() override { stop(); }

    void start() {
        uplink_ = std::make_unique<Uplink>(
            options_, *spool_, collector_key_.public_key(), batch_key_,
            *BatchKeyCertificate::issue(*enrolled_, "T-1", spool_->instance(), batch_key_.public_key()), clock_, [] {
                StatusMessage status;
                status.boot_id = std::string(32, '1');
                status.agent_version = "0.1.0";
                status.sensors["usb"] = SensorState::ok;
                return status;
            });
        thread_ = std::jthread([this](const std::stop_token& stop) { EXPECT_TRUE(uplink_->run(stop)); });
    }
    void stop() {
        thread_ = {};
        uplink_.reset();
    }
    void add(int count) {
        for (int i = 0; i < count; ++i) {
            auto added = spool_->append("usb.attach", [&](std::uint64_t seq) {
                return encode_event(testing::usb_attach("T-1", spool_->instance(), seq));
            });
            ASSERT_TRUE(added);
            if (uplink_) uplink_->wake();
        }
    }
    std::unique_ptr<TestCollector> collector() {
        return std::make_unique<TestCollector>(broker_, collector_key_, enrolled_->public_key());
    }
    void expect_all(TestCollector& collector, std::size_t count) {
        ASSERT_TRUE(eventually([&] { return collector.lines().size() >= count && spool_->depth() == 0; }))
            << collector.lines().size() << " of " << count << ", depth " << spool_->depth() << ", "
            << uplink_->state().trouble;
        const auto lines = collector.lines();
        ASSERT_EQ(lines.size(), count);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            auto event = decode_event(lines[i]);
            ASSERT_TRUE(std::holds_alternative<Event>(event));
            ASSERT_EQ(std::get<Event>(event).seq, i + 1);
        }
        EXPECT_TRUE(collector.faults().empty()) << collector.faults()[0];
    }

    TestBroker broker_;
    testing::ManualClock clock_;
    UplinkOptions options_;
    std::optional<SigningKey> enrolled_;
    SigningKey collector_key_ = *SigningKey::generate();
    SigningKey batch_key_ = *SigningKey::generate();
    std::unique_ptr<Spool> spool_;
    std::unique_ptr<Uplink> uplink_;
    std::jthread thread_;
};

// A renewal puts another certificate in the place of the old one.
TEST_F(UplinkToBroker, GivenAnotherCertificateWhenAHeartbeatIsDueThenItComesBackUnderItAndNothingIsLost) {
    options_.heartbeat = std::chrono::seconds(1);
    auto collector = this->collector();
    start();
    add(10);
    expect_all(*collector, 10);
    const auto births = [&] {
        const auto statuses = collector->statuses();
        return std::count_if(statuses.begin(), statuses.end(), [](const auto& one) { return one.kind == StatusKind::birth; });
    };
    EXPECT_EQ(births(), 1);
    std::filesystem::last_write_time(options_.broker.cert_file, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
    add(10);
    EXPECT_TRUE(eventually([&] { return births() == 2; }));
    add(10);
    expect_all(*collector, 30);
    const auto statuses = collector->statuses();
    EXPECT_TRUE(std::none_of(statuses.begin(), statuses.end(), [](const auto& one) { return one.kind == StatusKind::will; }))
        << "it left in order";
    EXPECT_EQ(births(), 2) << "once";
}

TEST_F(UplinkToBroker, GivenABacklogWhenConnectedThenItGoesInBatchesAfterTheBirthAndIsAcknowledged) {
    auto collector = this->collector();
    add(1000);
    start();
    expect_all(*collector, 1000);
    EXPECT_LE(collector->batches(), 20);  // small ones first, then about 190 lines each
    ASSERT_FALSE(collector->statuses().empty());
    const StatusMessage birth = collector->statuses()[0];
    EXPECT_EQ(birth.kind, StatusKind::birth);
    EXPECT_EQ(birth.seq, 1000U);
    EXPECT_EQ(birth.head, spool_->last().head);
    EXPECT_EQ(birth.queue_depth, 1000U);
    EXPECT_EQ(birth.sensors.at("usb"), SensorState::ok);
    EXPECT_TRUE(uplink_->state().connected);
}

TEST_F(UplinkToBroker, GivenAQuietTerminalWhenOneEventComesThenItIsSentAtOnce) {
    auto collector = this->collector();
    start();
    ASSERT_TRUE(eventually([&] { return collector->statuses().size() == 1; }));
    add(1);
    ASSERT_TRUE(eventually([&] { return spool_->depth() == 0; }, std::chrono::milliseconds(1000)));
    expect_all(*collector, 1);
}

TEST_F(UplinkToBroker, GivenABrokerThatIsKilledMidStreamWhenItIsBackThenEveryEventArrivesOnceInOrder) {
    auto collector = this->collector();
    start();
    std::jthread writer([this] { add(3000); });
    for (int round = 1; round <= 3; ++round) {
        ASSERT_TRUE(eventually([&] { return collector->lines().size() > static_cast<std::size_t>(round) * 200; }));
        broker_.kill();
        ASSERT_TRUE(eventually([&] { return !collector->connected() && !uplink_->state().connected; }));
        broker_.start();
        collector->connect();
    }
    writer.join();
    expect_all(*collector, 3000);
}

TEST_F(UplinkToBroker, GivenAnAgentThatStopsWhenItStartsAnewThenItGoesOnWhereTheCollectorIs) {
    auto collector = this->collector();
    start();
    add(100);
    expect_all(*collector, 100);
    stop();
    add(50);
    batch_key_ = *SigningKey::generate();  // a later run has a key of its own, certified anew
    start();
    expect_all(*collector, 150);
    EXPECT_EQ(collector->duplicates(), 0);
}

TEST_F(UplinkToBroker, GivenBatchesThatVanishWhenNothingMovesThenTheyAreSentAgain) {
    auto collector = this->collector();
    start();
    ASSERT_TRUE(eventually([&] { return collector->statuses().size() == 1; }));
    collector->lose(2);
    add(500);
    expect_all(*collector, 500);
}

TEST_F(UplinkToBroker, GivenACollectorThatIsSilentAtBirthWhenTheWaitIsOverThenSendingStartsAllTheSame) {
    options_.acknowledgement_wait = std::chrono::milliseconds(100);
    auto collector = this->collector();
    collector->answer(false);
    add(10);
    start();
    ASSERT_TRUE(eventually([&] { return collector->lines().size() == 10; }));
    EXPECT_EQ(spool_->depth(), 10U);  // delivered is not acknowledged
    collector->answer(true);
    expect_all(*collector, 10);
}

TEST_F(UplinkToBroker, GivenAForgedAcknowledgementWhenItComesThenNothingIsDeleted) {
    auto collector = this->collector();
    collector->answer(false);
    add(10);
    start();
    ASSERT_TRUE(eventually([&] { return uplink_->state().connected; }));
    const SigningKey forger = *SigningKey::generate();
    collector->send("T-1", *encode_acknowledgement({"T-1", spool_->instance(), 10, spool_->last().head}, forger));
    ASSERT_TRUE(eventually([&] { return uplink_->state().trouble.find("not signed by the collector") != std::string::npos; }));
    EXPECT_EQ(spool_->depth(), 10U);
    // Rightly signed, with a head that is not ours.
    collector->send("T-1", *encode_acknowledgement({"T-1", spool_->instance(), 10, Digest{}}, collector_key_));
    ASSERT_TRUE(eventually([&] { return uplink_->state().trouble.find("nothing deleted") != std::string::npos; }));
    EXPECT_EQ(spool_->depth(), 10U);
    collector->send("T-1", "{\"v\":1");
    ASSERT_TRUE(eventually([&] { return uplink_->state().trouble.find("json") != std::string::npos; }));
    // Of another instance, and of another terminal: not ours to judge. The right one after it shows both were read.
    collector->send("T-1", *encode_acknowledgement({"T-1", std::string(32, 'a'), 10, spool_->last().head}, collector_key_));
    collector->send("T-1", *encode_acknowledgement({"T-2", spool_->instance(), 10, spool_->last().head}, collector_key_));
    collector->send("T-1", *encode_acknowledgement({"T-1", spool_->instance(), 4, *spool_->head_at(4)}, collector_key_));
    ASSERT_TRUE(eventually([&] { return spool_->depth() < 10; }));
    EXPECT_EQ(spool_->acknowledged(), 4U);
}

TEST_F(UplinkToBroker, GivenARestoredCollectorWhenItIsBehindThenAcknowledgedLinesAreSentAgain) {
    {
        auto collector = this->collector();
        start();
        add(60);
        expect_all(*collector, 60);
    }
    auto restored = std::make_unique<TestCollector>(broker_, collector_key_, enrolled_->public_key(), "collector-2");
    stop();
    start();
    expect_all(*restored, 60);
}

TEST_F(UplinkToBroker, GivenAConnectionThatBreaksWhenNobodySaidGoodbyeThenTheBrokerSpeaksTheSignedWill) {
    auto collector = this->collector();
    add(3);
    start();
    ASSERT_TRUE(eventually([&] { return uplink_->state().connected; }));
    // The same certificate from elsewhere evicts us: the connection ends without a goodbye.
    auto intruder = *MqttConnection::create(broker_.client("T-1"), {});
    ASSERT_TRUE(intruder->connect({}, std::nullopt));
    ASSERT_TRUE(eventually([&] {
        for (const StatusMessage& status : collector->statuses())
            if (status.kind == StatusKind::will && status.seq == 3) return true;
        return false;
    }));
}

TEST_F(UplinkToBroker, GivenAHeartbeatOfOneSecondWhenNothingHappensThenTheTerminalStillSaysThatItLives) {
    options_.heartbeat = std::chrono::seconds(1);
    auto collector = this->collector();
    start();
    ASSERT_TRUE(eventually([&] { return collector->statuses().size() >= 3; }));
    EXPECT_EQ(collector->statuses()[2].kind, StatusKind::heartbeat);
    EXPECT_EQ(collector->statuses()[2].heartbeat_s, 1U);
    EXPECT_EQ(spool_->last().seq, 0U);  // no event (decisions 18)
}

class UplinkNotAllowed : public UplinkToBroker {
protected:
    UplinkNotAllowed()
        : UplinkToBroker("user T-1\ntopic read sallyport/1/CA0190000/T-1/ack\nuser collector\ntopic readwrite #\n") {}
};

TEST_F(UplinkNotAllowed, GivenABrokerThatRefusesTheTopicWhenPublishingThenItIsSaidAndNothingIsDeleted) {
    add(5);
    start();
    ASSERT_TRUE(eventually([&] { return uplink_->state().trouble.find("does not let") != std::string::npos; }));
    EXPECT_EQ(spool_->depth(), 5U);
}

}  // namespace
}  // namespace sallyport::agent
