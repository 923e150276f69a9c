// SPDX-License-Identifier: Apache-2.0
#include "tests/collector/intake/intake_fixture.hpp"

namespace sallyport::intake {
namespace {

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

// As after a restore: what was acknowledged once is not there any more, and the terminal has nothing new to say.
TEST_F(IntakeTest, GivenAQuietTerminalWhenItsHeartbeatAnnouncesWhatWeLackThenItIsToldWhereWeStand) {
    Client client(broker_, terminal_, signing_key_.public_key());
    deliver(client, terminal_.batch(3), 3);
    (void)terminal_.batch(4);  // said, and lost with the store
    const auto before = client.acks();
    client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::heartbeat, clock_.now()));
    EXPECT_TRUE(eventually([&] { return client.acks() > before; })) << "heard for the first time";
    EXPECT_EQ(client.acknowledged(), 3U);
    const auto again = client.acks();
    client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::heartbeat, clock_.now()));
    EXPECT_TRUE(eventually([&] { return client.acks() > again; })) << "still lacking a heartbeat later";
}

TEST_F(IntakeTest, GivenAHeartbeatThatAnnouncesNothingNewThenItIsNotAnswered) {
    Client client(broker_, terminal_, signing_key_.public_key());
    EXPECT_TRUE(eventually([&] {
        client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::heartbeat, clock_.now()));
        return eventually([&] { return told("\"state\":\"alive\""); }, std::chrono::seconds(1));
    }));
    client.publish(terminal_.topic(Channel::status), terminal_.status(StatusKind::birth, clock_.now()));
    EXPECT_TRUE(eventually([&] { return client.acks() > 0; }));
    EXPECT_EQ(client.acks(), 1U) << "the birth's alone";
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

TEST_F(IntakeTest, GivenLinesOfAnotherRoomWhenToldThenTheyAndWhatComesWithThemAreOneTransaction) {
    const std::vector<Notice> notices(3, {"sweep.done", Record{{"day", "2026-11-23"}, {"lines", 0}}, clock_.now()});
    const auto failed = intake_->tell(notices, [](Database&) { return Result<void>(Error(Errc::conflict, "no")); });
    EXPECT_FALSE(failed);
    EXPECT_EQ(times_told("sweep.done"), 0);
    const int stored = stored_;
    const auto done = intake_->tell(notices, [this](Database& database) {
        return store::add_key(database, terminal_.key(clock_.now()));
    });
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(times_told("sweep.done"), 3);
    EXPECT_EQ(events("collector").back().event_time, clock_.now());
    EXPECT_GT(stored_, stored);
    EXPECT_FALSE(intake_->tell({{"sweep.done", Record{{"name", "Ann"}}, {}}}, [](Database&) { return Result<void>(); }));
}

}  // namespace
}  // namespace sallyport::intake
