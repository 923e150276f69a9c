// SPDX-License-Identifier: Apache-2.0
//
// A drill at the collector's door: ordered in the store, published to the terminal, answered by marked lines; and marks that
// nobody gave out.
#include "collector/store/drill_repository.hpp"
#include "protocol/terminal_config.hpp"
#include "tests/collector/intake/intake_fixture.hpp"

namespace sallyport::intake {
namespace {

class DrillAtTheDoor : public IntakeTest {
protected:
    // Ordered as sallyportctl does it.
    store::Drill order(std::vector<std::string> sensors) {
        store::Drill drill;
        drill.terminal_id = terminal_.name;
        drill.ori = terminal_.ori;
        drill.ordered_by = "spoc";
        drill.reason = "test";
        drill.order.nonce = random_id();
        drill.order.begins_at = clock_.now();
        drill.order.ends_at = clock_.now() + std::chrono::minutes(15);
        drill.order.sensors = std::move(sensors);
        drill.order.stick = DrillStick{"0951", "1666", std::string(64, 'd')};
        const auto added = writer_->run([&](Database& db) { return store::add_drill(db, drill, clock_.now()); });
        EXPECT_TRUE(added) << added.error().message();
        return drill;
    }
    store::Drill read(const std::string& nonce) {
        auto reader = *writer_->reader();
        return **store::find_drill(reader, nonce, clock_.now());
    }
    // Sends one line with that mark, behind the start.
    void send(Client& client, const std::string& type, Record body, const std::string& mark) {
        if (terminal_.next_seq == 1) deliver(client, terminal_.batch({terminal_.line(terminal_.start())}), 1);
        Event made = testing::event(type, terminal_.name, terminal_.instance, terminal_.next_seq, std::move(body), clock_.now());
        made.drill = mark;
        const auto seq = terminal_.next_seq;
        deliver(client, terminal_.batch({terminal_.line(made)}), seq);
    }
    static Record stick_body() { return testing::usb_stick_body().set("identity", "device"); }
};

TEST_F(DrillAtTheDoor, GivenAnOrderInTheStoreThenTheTerminalGetsItSignedAndRetained) {
    const store::Drill drill = order({"usb", "print"});
    std::optional<MqttMessage> got;
    std::mutex mutex;
    const auto take = [&] {
        const std::scoped_lock lock(mutex);
        return got;
    };
    MqttHandlers handlers;
    handlers.connected = [] {};
    handlers.lost = [](const std::string&) {};
    handlers.delivered = [](std::uint64_t, bool) {};
    handlers.received = [&](const MqttMessage& message) {
        const std::scoped_lock lock(mutex);
        got = message;
    };
    auto connection = *MqttConnection::create(broker_.client(terminal_.name), handlers);
    ASSERT_TRUE(connection->connect({terminal_.topic(Channel::config)}, std::nullopt));
    ASSERT_TRUE(eventually([&] { return take().has_value(); }));
    const auto config = decode_config(take()->payload, signing_key_.public_key());
    ASSERT_TRUE(config) << config.error().message();
    EXPECT_EQ(config->terminal, "T-1");
    EXPECT_EQ(config->version, drill.version);
    EXPECT_EQ(config->drill, drill.order);
}

TEST_F(DrillAtTheDoor, GivenMarkedLinesOfTheDrillThenTheyAreItsAnswersAndNothingElseIsTold) {
    const store::Drill drill = order({"usb", "print", "network", "session"});
    const std::string& nonce = drill.order.nonce;
    Client client(broker_, terminal_, signing_key_.public_key());
    send(client, "agent.drill", {{"state", "begun"}}, nonce);
    send(client, "usb.attach", stick_body(), nonce);
    send(client, "agent.drill", {{"state", "answered"}, {"sensor", "network"}, {"answer", "failed"}, {"reason", "look_failed"}}, nonce);
    clock_.advance(std::chrono::minutes(16));
    const store::Drill after = read(nonce);
    EXPECT_TRUE(after.begun_at);
    ASSERT_EQ(after.answers.size(), 4U);
    EXPECT_EQ(after.answers[0].answer, "proven");
    EXPECT_EQ(after.answers[1].answer + " " + after.answers[1].reason, "failed nothing_came");
    EXPECT_EQ(after.answers[2].answer + " " + after.answers[2].reason, "failed look_failed");
    EXPECT_EQ(times_told("server.drill"), 0);
    EXPECT_EQ(events("T-1").size(), 4U) << "what is marked is stored as any other line";
}

TEST_F(DrillAtTheDoor, GivenAMarkThatIsNotTheDrillsThenItIsToldAndNoAnswer) {
    const store::Drill drill = order({"usb"});
    Client client(broker_, terminal_, signing_key_.public_key());
    send(client, "usb.attach", stick_body(), random_id());
    EXPECT_EQ(times_told("\"reason\":\"unknown_drill\""), 1);
    send(client, "usb.attach", stick_body().set("is_hid", true), drill.order.nonce);
    EXPECT_EQ(times_told("\"reason\":\"not_cued\""), 1);
    clock_.advance(std::chrono::minutes(21));
    send(client, "usb.attach", stick_body(), drill.order.nonce);
    EXPECT_EQ(times_told("\"reason\":\"out_of_span\""), 1);
    EXPECT_EQ(read(drill.order.nonce).answers[0].answer, "failed");
    EXPECT_EQ(events("T-1").size(), 4U);
}

TEST_F(DrillAtTheDoor, GivenADrillThatRunsWhenAnotherIsOrderedThenItIsAConflictUntilItIsOver) {
    const store::Drill first = order({"usb"});
    store::Drill second = first;
    second.order.nonce = random_id();
    const auto add = [&] { return writer_->run([&](Database& db) { return store::add_drill(db, second, clock_.now()); }); };
    EXPECT_EQ(add().error().code(), Errc::conflict);
    clock_.advance(std::chrono::minutes(15));
    EXPECT_TRUE(add());
    EXPECT_GT(second.version, first.version);
    auto reader = *writer_->reader();
    EXPECT_EQ(store::last_drills(reader, clock_.now())->size(), 1U);
    EXPECT_EQ(store::list_drills(reader, "T-1", 10, clock_.now())->size(), 2U);
}

}  // namespace
}  // namespace sallyport::intake
