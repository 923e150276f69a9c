// SPDX-License-Identifier: Apache-2.0
#include "api_fixture.hpp"
#include "collector/store/account_repository.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::testing {
namespace {

using EventStream = ApiFixture;

// The number behind the last `id: ` of what came.
std::string last_id(const std::string& text) {
    const auto at = text.rfind("\nid: ");
    return at == std::string::npos ? "" : text.substr(at + 5, text.find('\n', at + 5) - at - 5);
}

TEST_F(EventStream, GivenAnOpenStreamWhenAnAlertIsRaisedThenItComesWithItsRevision) {
    start();
    auto stream = logged_in("spoc").open_stream();
    const auto head = stream->read_until("event: hello", kSoon);
    EXPECT_NE(head.find("text/event-stream"), std::string::npos);
    EXPECT_NE(head.find("no-store"), std::string::npos);
    const auto alert = add_alert("a1");
    const auto text = stream->read_until("\"alert_id\":\"a1\"", kSoon);
    EXPECT_NE(text.find("event: alert\nid: " + std::to_string(alert.revision) + "\n"), std::string::npos)
        << text;
    EXPECT_NE(stream->read_until("event: counts", kSoon).find("counts"), std::string::npos);
}

TEST_F(EventStream, GivenAChangeThatNobodyAnnouncedWhenLookedAroundThenItComesAllTheSame) {
    start([](api::ServerOptions& options) { options.look_every = std::chrono::milliseconds(50); });
    auto stream = logged_in("spoc").open_stream();
    stream->read_until("event: hello", kSoon);
    live_.listen({});
    add_alert("a1");
    EXPECT_NE(stream->read_until("\"alert_id\":\"a1\"", kSoon).find("event: alert"), std::string::npos);
}

TEST_F(EventStream, GivenALostConnectionWhenResumedByTheLastIdThenNothingIsMissedAndNothingComesTwice) {
    start();
    auto client = logged_in("spoc");
    auto first = client.open_stream();
    first->read_until("event: hello", kSoon);
    add_alert("a1");
    const auto id = last_id(first->read_until("\"alert_id\":\"a1\"", kSoon));
    first.reset();
    auto missed = add_alert("a2");
    missed.state = "acknowledged";
    change_alert(missed);
    add_alert("a3");
    auto second = client.open_stream(id);
    const auto text = second->read_until("\"alert_id\":\"a3\"", kSoon);
    EXPECT_EQ(text.find("\"alert_id\":\"a1\""), std::string::npos);
    EXPECT_NE(text.find("\"alert_id\":\"a2\""), std::string::npos);
    EXPECT_NE(text.find("\"state\":\"acknowledged\""), std::string::npos);
}

TEST_F(EventStream, GivenAClientFarBehindWhenItComesBackThenItIsToldToResync) {
    start();
    auto client = logged_in("spoc");
    write([&](Database& database) -> Result<void> {
        for (int i = 0; i < 600; ++i) {
            store::Alert alert;
            alert.alert_id = "bulk" + std::to_string(i);
            alert.severity = "low";
            alert.lane = "queue";
            alert.state = "new";
            alert.kind = "event";
            if (auto done = store::insert_alert(database, alert); !done) return done;
        }
        return {};
    });
    auto stream = client.open_stream("0");
    const auto text = stream->read_until("event: resync", kSoon);
    EXPECT_NE(text.find("event: resync"), std::string::npos);
    EXPECT_EQ(text.find("event: alert\n"), std::string::npos);
    add_alert("after");
    EXPECT_NE(stream->read_until("\"alert_id\":\"after\"", kSoon).find("event: alert"), std::string::npos);
}

TEST_F(EventStream, GivenAnIdFromBeforeARestoreWhenResumedThenResync) {
    start();
    auto stream = logged_in("spoc").open_stream("999999");
    EXPECT_NE(stream->read_until("event: resync", kSoon).find("event: resync"), std::string::npos);
}

TEST_F(EventStream, GivenABadLastIdWhenOpenedThen400) {
    start();
    auto stream = logged_in("spoc").open_stream("yesterday");
    const auto answer = stream->read_answer();
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("Last-Event-ID"), std::string::npos);
}

TEST_F(EventStream, GivenThePsdWhenAlertsChangeThenItsStreamStaysSilent) {
    start([](api::ServerOptions& options) { options.heartbeat_every = std::chrono::milliseconds(200); });
    auto stream = logged_in("psd_investigator").open_stream();
    stream->read_until("event: hello", kSoon);
    add_alert("a1");
    const auto text = stream->read_until(": heartbeat", kSoon) + stream->read_until(": heartbeat", kSoon);
    EXPECT_EQ(text.find("a1"), std::string::npos);
    EXPECT_EQ(text.find("event: alert"), std::string::npos);
    EXPECT_EQ(text.find("event: terminal"), std::string::npos);
}

TEST_F(EventStream, GivenASessionThatEndsWhenNextLookedAtThenTheStreamEnds) {
    start();
    auto client = logged_in("spoc");
    auto stream = client.open_stream();
    stream->read_until("event: hello", kSoon);
    EXPECT_EQ(client.request("DELETE", "/api/v1/session").status, 200);
    live_.notify();
    EXPECT_NE(stream->read_until("event: logged_out", kSoon).find("logged_out"), std::string::npos);
    EXPECT_TRUE(stream->is_closed_within(kSoon));
}

TEST_F(EventStream, GivenTooManyStreamsOfOneAccountWhenAnotherOpensThenItIsRefused) {
    start([](api::ServerOptions& options) { options.streams_per_account_max = 2; });
    auto client = logged_in("spoc");
    auto one = client.open_stream(), two = client.open_stream();
    one->read_until("event: hello", kSoon);
    two->read_until("event: hello", kSoon);
    EXPECT_EQ(client.open_stream()->read_answer().status, 429);
    EXPECT_NE(logged_in("acc").open_stream()->read_until("event: hello", kSoon).find("hello"),
              std::string::npos);
}

}  // namespace
}  // namespace sallyport::testing
