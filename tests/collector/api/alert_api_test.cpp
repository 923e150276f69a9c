// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "api_fixture.hpp"

namespace sallyport::testing {
namespace {

class AlertApi : public ApiFixture {
protected:
    static std::vector<std::string> ids(const Record& page) {
        std::vector<std::string> found;
        for (const Value& item : *page.find("alerts")->as<List>())
            found.emplace_back(text_of(*item.as<Record>(), "alert_id"));
        return found;
    }
};

TEST_F(AlertApi, GivenMoreAlertsThanAPageWhenFollowedByKeysetThenEachComesOnceNewestFirst) {
    start();
    for (int i = 0; i < 7; ++i) {
        // Two of them in one millisecond: the id decides between them.
        if (i != 4) clock_.advance(std::chrono::seconds(1));
        add_alert("a" + std::to_string(i));
    }
    auto client = logged_in("spoc");
    std::vector<std::string> all;
    std::string before;
    for (int page = 0; page < 10; ++page) {
        const auto answer = client.get("/api/v1/alerts?limit=3" + before);
        ASSERT_EQ(answer.status, 200) << answer.body;
        for (auto& id : ids(answer.json()))
            all.push_back(id);
        // New ones do not shift the pages of those who read on.
        add_alert("later" + std::to_string(page), [&](store::Alert& alert) {
            alert.raised_at = clock_.now() + std::chrono::hours(1);
            alert.lane = "queue";
        });
        const auto next = answer.json();
        if (next.find("next")->is_null()) break;
        before = "&before=" + std::string(text_of(next, "next"));
    }
    EXPECT_EQ(all.size(), 7U);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 7U);
    EXPECT_EQ(all.front(), "a6");
    EXPECT_EQ(all.back(), "a0");
}

TEST_F(AlertApi, GivenFiltersWhenListedThenOnlyWhatFitsComes) {
    start();
    add_alert("queued");
    add_alert("digested", [](store::Alert& alert) { alert.lane = "digest"; });
    add_alert("low", [](store::Alert& alert) { alert.severity = "low"; });
    add_alert("elsewhere", [](store::Alert& alert) { alert.terminal_id = "T-102"; });
    add_alert("done", [](store::Alert& alert) { alert.state = "resolved"; });
    auto client = logged_in("spoc");
    EXPECT_EQ(ids(client.get("/api/v1/alerts?lane=digest").json()), std::vector<std::string>{"digested"});
    EXPECT_EQ(ids(client.get("/api/v1/alerts?severity=low").json()), std::vector<std::string>{"low"});
    EXPECT_EQ(ids(client.get("/api/v1/alerts?terminal=T-102").json()), std::vector<std::string>{"elsewhere"});
    EXPECT_EQ(ids(client.get("/api/v1/alerts?state=resolved,converted").json()),
              std::vector<std::string>{"done"});
}

TEST_F(AlertApi, GivenBadFiltersWhenListedThenTheErrorNamesTheParameter) {
    start();
    auto client = logged_in("spoc");
    for (const auto& [query, name] :
         std::initializer_list<std::pair<std::string, std::string>>{{"lane=lobby", "lane"},
                                                                    {"state=asleep", "state"},
                                                                    {"severity=loud", "severity"},
                                                                    {"limit=0", "limit"},
                                                                    {"limit=100000", "limit"},
                                                                    {"limit=ten", "limit"},
                                                                    {"before=x", "before"},
                                                                    {"colour=red", "colour"}}) {
        const auto answer = client.get("/api/v1/alerts?" + query);
        EXPECT_EQ(answer.status, 400) << query;
        EXPECT_NE(answer.body.find("'" + name + "'"), std::string::npos) << answer.body;
    }
}

TEST_F(AlertApi, GivenAnAlertWhenTheSpocOpensItThenRuleClauseAndEvidenceAreThereAndNoAccountIs) {
    start();
    const auto known = add_event("drivera"), unknown = add_event("intruder");
    add_alert("a1", [&](store::Alert& alert) {
        alert.evidence = {known, unknown};
        alert.operator_ref = "OP-7";
    });
    const auto answer = logged_in("spoc").get("/api/v1/alerts/a1");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto page = answer.json();
    const auto& alert = *page.find("alert")->as<Record>();
    EXPECT_EQ(text_of(alert, "summary"), "An unknown USB stick was attached to T-101.");
    EXPECT_EQ(integer_of(alert, "latency_ms"), 400);
    EXPECT_EQ(text_of(alert, "room_label"), "Records 204");
    EXPECT_EQ(text_of(*page.find("rule")->as<Record>(), "rule_id"), "USB-01");
    const auto& evidence = *page.find("evidence")->as<List>();
    ASSERT_EQ(evidence.size(), 2U);
    EXPECT_EQ(text_of(*evidence[0].as<Record>(), "person"), "OP-7");
    EXPECT_EQ(text_of(*evidence[1].as<Record>(), "person"), "unregistered account 1");
    // Decisions, point 20: masked for every role but ACC and PSD; nor does the de-duplication key give it
    // away.
    EXPECT_EQ(answer.body.find("drivera"), std::string::npos);
    EXPECT_EQ(answer.body.find("intruder"), std::string::npos);
    EXPECT_EQ(answer.body.find("Rivera"), std::string::npos);
}

TEST_F(AlertApi, GivenAnAlertRoutedToTheAccWhenItOpensItThenNamesAreShownAndTheReadIsLogged) {
    start();
    const auto event = add_event("drivera");
    add_alert("mine", [&](store::Alert& alert) {
        alert.routed_to = {"SPOC", "ACC"};
        alert.evidence = {event};
    });
    add_alert("others");
    auto client = logged_in("acc");
    EXPECT_EQ(ids(client.get("/api/v1/alerts").json()), std::vector<std::string>{"mine"});
    EXPECT_NE(client.get("/api/v1/alerts/mine").body.find("drivera"), std::string::npos);
    EXPECT_EQ(audit("alert", "mine").front().entry.action, "alert.read_names");
    EXPECT_EQ(client.get("/api/v1/alerts/others").status, 403);
}

TEST_F(AlertApi, GivenAnAlertWhenAcknowledgedThenTheStateChangesAndASecondPersonIsToldByWhom) {
    start();
    add_alert("a1");
    auto client = logged_in("spoc");
    const auto answer = client.post("/api/v1/alerts/a1/acknowledge", {});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto page = answer.json();
    EXPECT_EQ(text_of(*page.find("alert")->as<Record>(), "state"), "acknowledged");
    EXPECT_EQ(text_of(*page.find("alert")->as<Record>(), "ack_by"), "spoc");
    EXPECT_EQ(client.post("/api/v1/alerts/a1/acknowledge", {}).status, 200);
    EXPECT_EQ(client.post("/api/v1/alerts/missing/acknowledge", {}).status, 404);
    EXPECT_EQ(audit("alert", "a1").front().entry.actor, "spoc");
}

TEST_F(AlertApi, GivenAnAlertWhenResolvedThenItNeedsADispositionOfTheDictionary) {
    start();
    add_alert("a1");
    auto client = logged_in("spoc");
    EXPECT_EQ(client.post("/api/v1/alerts/a1/resolve", {}).status, 400);
    EXPECT_EQ(client.post("/api/v1/alerts/a1/resolve", {{"disposition", "whatever"}}).status, 400);
    EXPECT_EQ(client.post("/api/v1/alerts/a1/resolve", {{"disposition", "test"}, {"mood", "good"}}).status,
              400);
    const auto answer = client.post("/api/v1/alerts/a1/resolve",
                                    {{"disposition", "true_positive"}, {"note", "Stick taken away."}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto page = answer.json();
    EXPECT_EQ(text_of(*page.find("alert")->as<Record>(), "state"), "resolved");
}

TEST_F(AlertApi, GivenAlertsWhenCountedThenOpenOnesAreTalliedByLaneAndSeverity) {
    start();
    add_alert("a1");
    add_alert("a2", [](store::Alert& alert) { alert.severity = "critical"; });
    add_alert("a3", [](store::Alert& alert) { alert.state = "resolved"; });
    add_alert("a4", [](store::Alert& alert) { alert.lane = "observe"; });
    const auto counts = logged_in("spoc").get("/api/v1/counts").json();
    const auto& lanes = *counts.find("lanes")->as<Record>();
    const auto& queue = *lanes.find("queue")->as<Record>();
    EXPECT_EQ(integer_of(queue, "open"), 2);
    EXPECT_EQ(integer_of(queue, "critical"), 1);
    EXPECT_EQ(integer_of(*lanes.find("observe")->as<Record>(), "new"), 1);
}

TEST_F(AlertApi, GivenATerminalWhenShownThenItsPlaceSensorsAndAlertsAreThere) {
    start();
    add_event("drivera");
    add_alert("a1");
    const auto answer = logged_in("spoc").get("/api/v1/terminals");
    const auto page = answer.json();
    const auto& terminals = *page.find("terminals")->as<List>();
    ASSERT_EQ(terminals.size(), 2U);
    const auto& terminal = *terminals[0].as<Record>();
    EXPECT_EQ(text_of(terminal, "site_name"), "Hall of Justice");
    EXPECT_EQ(text_of(terminal, "liveness"), "never_seen");
    EXPECT_EQ(integer_of(*terminal.find("open_alerts")->as<Record>(), "high"), 1);
    // Decisions, point 9: no camera is no fault.
    EXPECT_EQ(text_of(terminal, "screen_privacy"), "survey of 2026-10-01");
    const auto one = logged_in("auditor").get("/api/v1/terminals/T-101");
    EXPECT_EQ(one.body.find("drivera"), std::string::npos);
    EXPECT_EQ(logged_in("spoc").get("/api/v1/terminals/T-999").status, 404);
}

}  // namespace
}  // namespace sallyport::testing
