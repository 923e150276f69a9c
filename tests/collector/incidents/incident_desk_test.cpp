// SPDX-License-Identifier: Apache-2.0
#include "collector/incidents/incident_desk.hpp"

#include <gmock/gmock.h>

#include "tests/collector/alerts/desk_fixture.hpp"

namespace sallyport::incidents {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class IncidentDeskTest : public sallyport::testing::DeskFixture {
protected:
    void propose(const std::string& id, const std::vector<std::string>& alert_ids) {
        store::Incident proposal;
        proposal.incident_id = id;
        proposal.ori = "CA0010000";
        proposal.number = "proposal-" + id;
        proposal.kind = "media";
        proposal.severity = "critical";
        proposal.status = "proposed";
        proposal.discovered_at = sallyport::testing::kMondayMorning;
        proposal.discovered_by = "system";
        proposal.discovery_method = "rules";
        proposal.summary = "Alerts around a critical one.";
        proposal.alert_ids = alert_ids;
        for (const std::string& alert_id : alert_ids) {
            store::Alert made = alert(alert_id);
            made.incident_id = id;
            put(made);
        }
        const auto done =
            writer().run([&](Database& database) { return store::insert_incident(database, proposal); });
        ASSERT_TRUE(done) << done.error().message();
    }
    store::Incident incident(std::string_view id) { return **store::find_incident(reader(), id); }
    std::int64_t referrals() {
        auto statement = reader().prepare("SELECT count(*) FROM referral_outbox");
        EXPECT_TRUE(*statement->step());
        return statement->integer(0);
    }
    Result<store::Incident> convert(const std::vector<std::string>& ids) {
        return desk_.convert(ids, "media", "A stick.", spoc_);
    }

    IncidentDesk desk_{writer(), clock_};
};

TEST_F(IncidentDeskTest, GivenAlertsWhenConvertedThenTheIncidentIsNumberedAndTheyAreLinked) {
    put("a1");
    store::Alert graver = alert("a2");
    graver.severity = "critical";
    put(graver);
    const auto done = convert({"a1", "a2", "a1"});
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->number, "2026-0001");
    EXPECT_EQ(done->status, "open");
    EXPECT_EQ(done->severity, "critical");
    EXPECT_EQ(done->discovered_by, "sam");
    EXPECT_THAT(done->alert_ids, UnorderedElementsAre("a1", "a2"));
    EXPECT_EQ(stored("a1").state, "converted");
    EXPECT_EQ(stored("a1").incident_id, done->incident_id);
    EXPECT_THAT(acts("incident", done->incident_id), ElementsAre("sam incident.convert"));
    EXPECT_THAT(acts("alert", "a1"), ElementsAre("sam alert.convert"));
}

TEST_F(IncidentDeskTest, GivenSeveralIncidentsWhenConvertedThenNumbersRunOnAndStartAnewEachYear) {
    put("a1");
    put("a2");
    put("a3");
    EXPECT_EQ(convert({"a1"})->number, "2026-0001");
    EXPECT_EQ(convert({"a2"})->number, "2026-0002");
    clock_.set(*parse_time("2027-01-01T07:59:00.000Z"));  // still the old year in the county
    EXPECT_EQ(convert({"a3"})->number, "2026-0003");
    put("a4");
    clock_.set(*parse_time("2027-01-01T08:01:00.000Z"));
    EXPECT_EQ(convert({"a4"})->number, "2027-0001");
}

TEST_F(IncidentDeskTest, GivenAConvertedAlertWhenConvertedAgainThenTheConflictNamesItAndNothingChanges) {
    put("a1");
    put("a2");
    ASSERT_TRUE(convert({"a1"}));
    const auto done = convert({"a2", "a1"});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::conflict);
    EXPECT_THAT(done.error().message(), HasSubstr("alert a1 is converted"));
    EXPECT_EQ(stored("a2").state, "new");
    EXPECT_EQ(store::list_incidents(reader(), {})->size(), 1u);
}

TEST_F(IncidentDeskTest, GivenNoAlertOrAnUnknownKindWhenConvertedThenItIsRefused) {
    put("a1");
    EXPECT_EQ(convert({}).error().code(), Errc::bad_input);
    EXPECT_EQ(convert({"a9"}).error().code(), Errc::not_found);
    EXPECT_EQ(desk_.convert({"a1"}, "gossip", "", spoc_).error().code(), Errc::bad_input);
}

TEST_F(IncidentDeskTest, GivenAProposalWhenAcceptedThenItIsTheIncidentWithAllItsAlerts) {
    propose("p1", {"a1", "a2"});
    const auto done = desk_.accept("p1", spoc_);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->incident_id, "p1");
    EXPECT_EQ(done->number, "2026-0001");
    EXPECT_EQ(done->status, "open");
    EXPECT_EQ(stored("a1").state, "converted");
    EXPECT_EQ(stored("a2").state, "converted");
    EXPECT_THAT(acts("incident", "p1"), ElementsAre("sam incident.accept"));
}

TEST_F(IncidentDeskTest, GivenAnOpenIncidentWhenAcceptedThenTheConflictNamesItsState) {
    propose("p1", {"a1"});
    ASSERT_TRUE(desk_.accept("p1", spoc_));
    const auto done = desk_.accept("p1", deputy_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::conflict);
    EXPECT_THAT(done.error().message(), HasSubstr("is open"));
}

TEST_F(IncidentDeskTest, GivenOneAlertOfAProposalWhenConvertedThenTheProposalBecomesTheIncident) {
    propose("p1", {"a1", "a2"});
    put("a3");
    const auto done = convert({"a2", "a3"});
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->incident_id, "p1");
    EXPECT_EQ(done->summary, "A stick.");
    EXPECT_THAT(done->alert_ids, UnorderedElementsAre("a1", "a2", "a3"));
}

TEST_F(IncidentDeskTest, GivenAlertsOfTwoProposalsWhenConvertedThenOneIncidentHasAllAndTheOtherIsMerged) {
    propose("p1", {"a1"});
    propose("p2", {"a2"});
    const auto done = convert({"a1", "a2"});
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_THAT(done->alert_ids, UnorderedElementsAre("a1", "a2"));
    const store::Incident other = incident(done->incident_id == "p1" ? "p2" : "p1");
    EXPECT_EQ(other.status, "closed");
    EXPECT_EQ(other.closure_code, "merged");
    EXPECT_TRUE(other.alert_ids.empty());
}

TEST_F(IncidentDeskTest, GivenAnIncidentWhenReferredTwiceThenItIsOneReferral) {
    put("a1");
    const auto opened = convert({"a1"});
    const auto first = desk_.refer(opened->incident_id, spoc_);
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_EQ(first->referred_at, clock_.now());
    EXPECT_EQ(first->referred_by, "sam");
    clock_.advance(std::chrono::hours(1));
    const auto second = desk_.refer(opened->incident_id, deputy_);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->referred_at, first->referred_at);
    EXPECT_EQ(second->referred_by, "sam");
    EXPECT_EQ(referrals(), 1);
    EXPECT_EQ(acts("incident", opened->incident_id).size(), 2u);  // convert, refer
}

TEST_F(IncidentDeskTest, GivenAProposalWhenReferredThenTheConflictNamesItsState) {
    propose("p1", {"a1"});
    const auto done = desk_.refer("p1", spoc_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::conflict);
    EXPECT_THAT(done.error().message(), HasSubstr("proposed"));
    EXPECT_EQ(referrals(), 0);
}

TEST_F(IncidentDeskTest, GivenAReferredIncidentWhenThePsdListsThenOnlyItIsThere) {
    put("a1");
    put("a2");
    const auto one = convert({"a1"});
    ASSERT_TRUE(convert({"a2"}));
    ASSERT_TRUE(desk_.refer(one->incident_id, spoc_));
    const auto listed = store::list_incidents(reader(), {.referred_only = true});
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 1u);
    EXPECT_EQ(listed->front().incident_id, one->incident_id);
}

}  // namespace
}  // namespace sallyport::incidents
