// SPDX-License-Identifier: Apache-2.0
#include "api_fixture.hpp"

namespace sallyport::testing {
namespace {

class IncidentApi : public ApiFixture {
protected:
    // One alert with an event by the operator, converted by the SPOC.
    std::string convert() {
        event_ = add_event("drivera");
        add_alert("a1", [&](store::Alert& alert) { alert.evidence = {event_}; });
        const auto answer = logged_in("spoc").post(
            "/api/v1/incidents",
            {{"alert_ids", List{"a1"}}, {"kind", "media"}, {"summary", "A stick in T-101."}});
        EXPECT_EQ(answer.status, 201) << answer.body;
        const auto page = answer.json();
        return std::string(text_of(*page.find("incident")->as<Record>(), "incident_id"));
    }
    std::int64_t event_ = 0;
};

TEST_F(IncidentApi, GivenAnAlertWhenConvertedThenTheIncidentHasANumberAndTheAlertSaysSo) {
    start();
    const auto incident = convert();
    auto client = logged_in("spoc");
    const auto page = client.get("/api/v1/incidents/" + incident).json();
    EXPECT_FALSE(text_of(*page.find("incident")->as<Record>(), "number").empty());
    EXPECT_FALSE(page.find("timeline")->as<List>()->empty());
    const auto alert = client.get("/api/v1/alerts/a1").json();
    EXPECT_EQ(text_of(*alert.find("alert")->as<Record>(), "state"), "converted");
}

TEST_F(IncidentApi, GivenBadConversionsWhenSentThenTheErrorNamesTheField) {
    start();
    add_alert("a1");
    auto client = logged_in("spoc");
    const auto fault = [&](const Record& body) { return client.post("/api/v1/incidents", body); };
    EXPECT_NE(fault({{"kind", "media"}, {"summary", "x"}}).body.find("alert_ids"), std::string::npos);
    EXPECT_NE(fault({{"alert_ids", List{}}, {"kind", "media"}, {"summary", "x"}}).body.find("alert_ids"),
              std::string::npos);
    EXPECT_NE(fault({{"alert_ids", List{1}}, {"kind", "media"}, {"summary", "x"}}).body.find("element 1"),
              std::string::npos);
    EXPECT_NE(fault({{"alert_ids", List{"a1"}}, {"kind", "party"}, {"summary", "x"}}).body.find("'kind'"),
              std::string::npos);
    EXPECT_NE(fault({{"alert_ids", List{"a1"}}, {"kind", "media"}}).body.find("'summary'"),
              std::string::npos);
    EXPECT_EQ(fault({{"alert_ids", List{"missing"}}, {"kind", "media"}, {"summary", "x"}}).status, 404);
}

TEST_F(IncidentApi, GivenAnIncidentThatIsNotReferredWhenThePsdAsksThenItIsAnsweredLikeOneThatIsNotThere) {
    start();
    const auto incident = convert();
    auto psd = logged_in("psd_investigator");
    const auto hidden = psd.get("/api/v1/incidents/" + incident);
    const auto missing = psd.get("/api/v1/incidents/missing");
    EXPECT_EQ(hidden.status, 403);
    EXPECT_EQ(hidden.body, missing.body);
    EXPECT_EQ(psd.get("/api/v1/alerts/a1").status, 403);
    EXPECT_TRUE(psd.get("/api/v1/incidents").json().find("incidents")->as<List>()->empty());
    const auto counts = psd.get("/api/v1/counts").json();
    EXPECT_EQ(integer_of(*counts.find("incidents")->as<Record>(), "open"), 0);
    EXPECT_EQ(audit("incident", incident).front().entry.action == "access.refused" ||
                  audit("incident", incident).back().entry.action == "access.refused",
              true);
}

TEST_F(IncidentApi, GivenAReferredIncidentWhenThePsdOpensItThenTheTimelineIsThereAndNamesAreMasked) {
    start();
    const auto incident = convert();
    EXPECT_EQ(logged_in("spoc").post("/api/v1/incidents/" + incident + "/refer", {}).status, 200);
    auto psd = logged_in("psd_investigator");
    const auto answer = psd.get("/api/v1/incidents/" + incident);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_NE(answer.body.find("usb.attach"), std::string::npos);
    EXPECT_NE(answer.body.find("OP-7"), std::string::npos);
    EXPECT_EQ(answer.body.find("drivera"), std::string::npos);
    EXPECT_EQ(psd.get("/api/v1/alerts/a1").status, 200);
}

TEST_F(IncidentApi, GivenAReferredIncidentWhenThePsdResolvesAPersonThenItNeedsAPurposeAndIsLogged) {
    start();
    const auto incident = convert();
    EXPECT_EQ(logged_in("spoc").post("/api/v1/incidents/" + incident + "/refer", {}).status, 200);
    auto psd = logged_in("psd_investigator");
    const auto path = "/api/v1/incidents/" + incident + "/person";
    EXPECT_EQ(psd.post(path, {{"ingest_id", event_}}).status, 400);
    EXPECT_EQ(psd.post(path, {{"ingest_id", event_}, {"purpose", "curiosity"}}).status, 400);
    EXPECT_EQ(psd.post(path, {{"ingest_id", event_ + 1}, {"purpose", "investigation"}}).status, 404);
    const auto answer = psd.post(path, {{"ingest_id", event_}, {"purpose", "investigation"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(text_of(answer.json(), "operator_account"), "drivera");
    EXPECT_EQ(text_of(answer.json(), "display_name"), "Dana Rivera");
    bool logged = false;
    for (const auto& entry : audit("incident", incident)) {
        logged = logged || (entry.entry.action == "person.resolve" && entry.entry.purpose == "investigation");
        EXPECT_EQ(entry.entry.detail.find("drivera"), std::string::npos);
    }
    EXPECT_TRUE(logged);
}

TEST_F(IncidentApi, GivenThePsdsActsWhenOthersReadTheTimelineThenTheyAreNotThere) {
    start();
    const auto incident = convert();
    auto spoc = logged_in("spoc");
    EXPECT_EQ(spoc.post("/api/v1/incidents/" + incident + "/refer", {}).status, 200);
    const auto before = spoc.get("/api/v1/incidents/" + incident).body;
    auto psd = logged_in("psd_investigator");
    EXPECT_EQ(psd.get("/api/v1/incidents/" + incident).status, 200);
    EXPECT_EQ(
        psd.post("/api/v1/incidents/" + incident + "/person", {{"ingest_id", event_}, {"purpose", "review"}})
            .status,
        200);
    EXPECT_EQ(spoc.get("/api/v1/incidents/" + incident).body, before);
    const auto log = logged_in("auditor").get("/api/v1/audit?object_type=incident&object_id=" + incident);
    EXPECT_EQ(log.body.find("psd_investigator"), std::string::npos);
    EXPECT_NE(log.body.find("\"holds\":true"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::testing
