// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/alert_book.hpp"

#include <gmock/gmock.h>

#include "collector/alerts/fleet_guard.hpp"
#include "collector/alerts/incident_proposal.hpp"
#include "tests/collector/alerts/desk_fixture.hpp"

namespace sallyport::alerts {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class HandMadeRules final : public rules::RuleSet {
public:
    explicit HandMadeRules(std::vector<rules::Rule> rules) : rules_(std::move(rules)) {}
    const std::vector<rules::Rule>& rules() const override { return rules_; }
    const rules::Rule* find(std::string_view key) const override {
        for (const rules::Rule& rule : rules_) {
            if (rule.key == key) return &rule;
        }
        return nullptr;
    }
    const std::vector<rules::Fault>& warnings() const override { return warnings_; }
    const std::map<std::string, rules::PlaceholderList>& lists() const override { return lists_; }

private:
    std::vector<rules::Rule> rules_;
    std::vector<rules::Fault> warnings_;
    std::map<std::string, rules::PlaceholderList> lists_;
};

rules::Rule rule(std::string key, std::string catalogue_id, std::string level) {
    rules::Rule made;
    made.key = std::move(key);
    made.catalogue_id = std::move(catalogue_id);
    made.level = std::move(level);
    made.title = made.catalogue_id + " title";
    made.version = std::string(64, '0');
    made.routing.to = {"SPOC"};
    made.routing.lane_by_severity = {
        {"critical", "queue"}, {"high", "queue"}, {"medium", "queue"}, {"low", "digest"}, {"info", "digest"}};
    return made;
}

HandMadeRules the_rules() {
    rules::Rule stick = rule("stick", "USB-01", "high");
    stick.object_fields = {"serial_hash"};
    stick.summary = "Stick {serial_hash} at {terminal_id} by {operator_account}.";
    rules::Rule blocked = rule("stick-blocked", "USB-01", "medium");
    blocked.object_fields = {"serial_hash"};
    rules::Rule mounted = rule("stick-mounted", "USB-02", "critical");
    rules::Rule onlooker = rule("onlooker", "CAM-01", "medium");
    onlooker.state_alert = true;
    onlooker.routing.lane_by_severity["medium"] = "digest";
    onlooker.routing.queue_from_nth_in_day = 3;
    rules::Rule long_onlooker = rule("onlooker-long", "CAM-01", "high");
    long_onlooker.state_alert = true;
    rules::Rule both = rule("both", "COR-01", "critical");
    both.implies = {"USB-01", "CAM-01"};
    rules::Rule boot = rule("boot", "FWB-02", "critical");
    boot.windows = {{"maintenance", "high"}};
    rules::Rule print = rule("print", "PRN-06", "high");
    rules::Rule silent = rule("silent", "AGT-01", "medium");
    rules::Rule site_silent = rule("site-silent", "AGT-11", "high");
    site_silent.implies = {"AGT-01"};
    site_silent.object_fields = {"site.id"};
    rules::Rule left_open = rule("left-open", "SES-06", "low");
    rules::Rule left_unlocked = rule("left-unlocked", "SES-06", "medium");
    left_unlocked.routing.lane_by_severity["medium"] = "digest";
    return HandMadeRules({stick, blocked, mounted, onlooker, long_onlooker, both, boot, print, silent, site_silent,
                          left_open, left_unlocked});
}

class Book : public sallyport::testing::DeskFixture {
protected:
    // What the engine said, at a second of that Monday morning, of the event with that number.
    Sighting seen(std::string_view key, std::int64_t event, std::chrono::seconds second = 0s,
                  const std::string& terminal = "T1") {
        Sighting sighting;
        sighting.rule = rules_.find(key);
        sighting.finding.rule = key;
        sighting.finding.started_at = sighting.finding.at = testing::kMondayMorning + second;
        sighting.finding.evidence = {event};
        sighting.fields = {{"terminal_id", terminal}, {"terminal.room", "R1"}, {"site.id", "S1"},
                           {"operator.ref", "op-7"},  {"serial_hash", "dead"}, {"operator_account", "mary"}};
        sighting.ori = "CA0010000";
        sighting.first_leaf = sha256(bytes_of("line " + std::to_string(event)));
        sighting.live = true;
        sighting.known_at = clock_.now();
        return sighting;
    }
    Sighting cleared(std::string_view key, std::int64_t event, std::int64_t end,
                     std::chrono::seconds second) {
        Sighting sighting = seen(key, event, second);
        sighting.finding.phase = rules::FindingPhase::cleared;
        sighting.finding.evidence = {event, end};
        return sighting;
    }
    bool apply(const Sighting& sighting) {
        bool changed = false;
        const auto done = writer().run([&](Database& database) -> Result<void> {
            auto applied = book_.apply(database, sighting, clock_.now());
            if (!applied) return applied.error();
            changed = *applied;
            return {};
        });
        EXPECT_TRUE(done) << done.error().message();
        return changed;
    }
    // Oldest condition first.
    std::vector<store::Alert> alerts() {
        auto listed = store::list_alerts(reader(), {.limit = 1000});
        EXPECT_TRUE(listed);
        std::sort(listed->begin(), listed->end(), [](const auto& a, const auto& b) {
            return std::tie(a.condition_at, a.alert_id) < std::tie(b.condition_at, b.alert_id);
        });
        return *listed;
    }
    store::Alert only() {
        const auto all = alerts();
        EXPECT_EQ(all.size(), 1u);
        return all.empty() ? store::Alert{} : all.front();
    }
    store::Alert of_rule(std::string_view id) {
        for (auto& made : alerts()) {
            if (made.rule_id == id) return made;
        }
        ADD_FAILURE() << "no alert of " << id;
        return {};
    }
    std::vector<store::Incident> incidents() { return *store::list_incidents(reader(), {}); }

    HandMadeRules rules_ = the_rules();
    AlertBook book_{rules_};
    AlertDesk desk_{writer(), clock_};
};

// --- one alert a matter
// ----------------------------------------------------------------------------------------------

TEST_F(Book, GivenAFindingWhenAppliedThenTheAlertSaysAllOfIt) {
    EXPECT_TRUE(apply(seen("stick", 1)));
    const store::Alert made = only();
    EXPECT_EQ(made.rule_id, "USB-01");
    EXPECT_EQ(made.severity, "high");
    EXPECT_EQ(made.lane, "queue");
    EXPECT_EQ(made.kind, "event");
    EXPECT_EQ(made.state, "new");
    EXPECT_EQ(made.terminal_id, "T1");
    EXPECT_EQ(made.room_id, "R1");
    EXPECT_EQ(made.site_id, "S1");
    EXPECT_EQ(made.operator_ref, "op-7");
    EXPECT_EQ(made.raised_at, clock_.now());
    EXPECT_EQ(made.ack_due_at, clock_.now() + 60min);
    EXPECT_EQ(made.summary, "Stick dead at T1 by op-7.");
    EXPECT_EQ(made.alert_id.size(), 64u);
    EXPECT_THAT(made.evidence, ElementsAre(1));
}

TEST_F(Book, GivenTheSameFindingTwiceWhenAppliedThenNothingChanges) {
    apply(seen("stick", 1));
    const auto revision = *store::current_revision(reader());
    EXPECT_FALSE(apply(seen("stick", 1)));
    EXPECT_EQ(only().occurrence_count, 1);
    EXPECT_EQ(*store::current_revision(reader()), revision);
}

TEST_F(Book, GivenRepeatsWithinHalfAnHourWhenAppliedThenTheCountRisesAndNotTheNumberOfAlerts) {
    apply(seen("stick", 1));
    EXPECT_TRUE(apply(seen("stick", 2, 29min)));
    EXPECT_TRUE(apply(seen("stick", 3, 58min)));
    EXPECT_EQ(only().occurrence_count, 3);
    EXPECT_EQ(only().last_event_at, testing::kMondayMorning + 58min);
    EXPECT_THAT(only().evidence, ElementsAre(1, 2, 3));
}

TEST_F(Book, GivenARepeatAfterHalfAnHourWhenAppliedThenItIsANewAlert) {
    apply(seen("stick", 1));
    apply(seen("stick", 2, 31min));
    EXPECT_EQ(alerts().size(), 2u);
}

TEST_F(Book, GivenAnotherStickTerminalOrRuleWhenAppliedThenItIsAnotherAlert) {
    apply(seen("stick", 1));
    apply(seen("stick", 2, 0s, "T2"));
    Sighting other = seen("stick", 3);
    other.fields.set("serial_hash", "beef");
    apply(other);
    apply(seen("stick-mounted", 4));
    EXPECT_EQ(alerts().size(), 4u);
}

TEST_F(Book, GivenAPersonRelatedRuleWhenAnotherPersonDoesItThenItIsAnotherAlert) {
    apply(seen("print", 1));
    Sighting other = seen("print", 2);
    other.fields.set("operator.ref", "op-8");
    apply(other);
    EXPECT_EQ(alerts().size(), 2u);
    Sighting stick = seen("stick", 3);
    apply(stick);
    stick = seen("stick", 4);
    stick.fields.set("operator.ref", "op-8");
    apply(stick);
    EXPECT_EQ(of_rule("USB-01").occurrence_count, 2) << "a rule about things does not ask who";
}

TEST_F(Book, GivenALateRepeatWhenAppliedThenItJoinsTheAlertOfItsTime) {
    apply(seen("stick", 1));
    apply(seen("stick", 2, 3h));
    apply(seen("stick", 3, 10min));
    const auto all = alerts();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].occurrence_count, 2);
    EXPECT_EQ(all[1].occurrence_count, 1);
}

TEST_F(Book, GivenAResolvedAlertWhenItHappensAgainThenItIsANewOneButAReplayIsNot) {
    apply(seen("stick", 1));
    apply(seen("stick", 2, 1min));
    ASSERT_TRUE(desk_.resolve(only().alert_id, "training_issue", "", spoc_));
    EXPECT_FALSE(apply(seen("stick", 2, 1min))) << "judged again after a restart";
    EXPECT_EQ(alerts().size(), 1u);
    EXPECT_TRUE(apply(seen("stick", 3, 2min)));
    EXPECT_EQ(alerts().size(), 2u);
}

TEST_F(Book, GivenMoreThan500RepeatsWhenReplayedThenTheyAreNotCountedAgain) {
    for (int event = 1; event <= 510; ++event)
        apply(seen("stick", event, std::chrono::seconds(event)));
    EXPECT_EQ(only().occurrence_count, 510);
    EXPECT_EQ(only().evidence.size(), 500u);
    Sighting again = seen("stick", 505, 505s);
    again.replayed = true;
    EXPECT_FALSE(apply(again));
    EXPECT_EQ(only().occurrence_count, 510);
}

// --- severity
// --------------------------------------------------------------------------------------------------------

TEST_F(Book, GivenAGraverRepeatWhenAppliedThenTheSeverityRisesWithItsClockAndNeverFalls) {
    apply(seen("stick-blocked", 1));
    EXPECT_EQ(only().severity, "medium");
    clock_.advance(5min);
    apply(seen("stick", 2, 1min));
    EXPECT_EQ(only().severity, "high");
    EXPECT_EQ(only().ack_due_at, clock_.now() + 60min);
    EXPECT_EQ(only().summary, "Stick dead at T1 by op-7.");
    apply(seen("stick-blocked", 3, 2min));
    EXPECT_EQ(only().severity, "high");
    EXPECT_EQ(only().occurrence_count, 3);
}

TEST_F(Book, GivenTwoDocumentsOfOneRuleWhenTheySeeTheSameEventThenItCountsOnceAndTheGraverHolds) {
    apply(seen("stick-blocked", 1));
    apply(seen("stick", 1));
    EXPECT_EQ(only().severity, "high");
    EXPECT_EQ(only().occurrence_count, 1);
}

TEST_F(Book, GivenAnAcknowledgedAlertWhenItGetsGraverThenItStaysAcknowledged) {
    apply(seen("stick-blocked", 1));
    ASSERT_TRUE(desk_.acknowledge(only().alert_id, spoc_));
    apply(seen("stick", 2, 1min));
    EXPECT_EQ(only().state, "acknowledged");
    EXPECT_EQ(only().ack_due_at, std::nullopt);
}

TEST_F(Book, GivenAnOpenWindowWhenTheRuleNamesItThenTheAlertIsExpectedAndMilderButThere) {
    Sighting sighting = seen("boot", 1);
    sighting.fields.set("window.maintenance", true);
    apply(sighting);
    EXPECT_EQ(only().mark, "expected");
    EXPECT_EQ(only().severity, "high");
}

// --- conditions that last
// --------------------------------------------------------------------------------------------

TEST_F(Book, GivenALastingCauseWhenSeenForHoursThenItIsOneAlertUntilItEnds) {
    apply(seen("onlooker", 1));
    apply(seen("onlooker", 2, 5h));
    EXPECT_EQ(only().kind, "state");
    EXPECT_EQ(only().occurrence_count, 2);
    EXPECT_TRUE(apply(cleared("onlooker", 1, 3, 6h)));
    EXPECT_EQ(only().state, "auto_cleared");
    EXPECT_EQ(only().cleared_at, testing::kMondayMorning + 6h);
    apply(seen("onlooker", 4, 7h));
    EXPECT_EQ(alerts().size(), 2u) << "a new episode is a new alert";
}

TEST_F(Book, GivenAClearedAlertWhenClearedOrRaisedAgainByAReplayThenNothingChanges) {
    apply(seen("onlooker", 1));
    apply(cleared("onlooker", 1, 2, 1min));
    EXPECT_FALSE(apply(seen("onlooker", 1)));
    EXPECT_FALSE(apply(cleared("onlooker", 1, 2, 1min)));
    EXPECT_EQ(only().state, "auto_cleared");
}

TEST_F(Book, GivenAnAcknowledgedStateAlertWhenItsCauseEndsThenItIsClearedAndStaysListed) {
    apply(seen("onlooker", 1));
    ASSERT_TRUE(desk_.acknowledge(only().alert_id, spoc_));
    apply(cleared("onlooker", 1, 2, 1min));
    EXPECT_EQ(only().state, "auto_cleared");
    EXPECT_EQ(only().ack_by, "sam");
}

TEST_F(Book, GivenAResolvedStateAlertWhenItsCauseGoesOnThenNoSecondOneOpens) {
    apply(seen("onlooker", 1));
    ASSERT_TRUE(desk_.resolve(only().alert_id, "technical_fault", "", spoc_));
    apply(seen("onlooker", 2, 2h));
    EXPECT_EQ(only().state, "resolved");
    apply(cleared("onlooker", 1, 3, 3h));
    EXPECT_EQ(only().state, "resolved");
    EXPECT_TRUE(only().cleared_at);
}

TEST_F(Book, GivenALastingCauseWhenItGetsGraverThenItLeavesTheDigest) {
    apply(seen("onlooker", 1));
    EXPECT_EQ(only().lane, "digest");
    EXPECT_EQ(only().ack_due_at, std::nullopt);
    Sighting longer = seen("onlooker-long", 1);
    longer.finding.at += 60s;
    apply(longer);
    EXPECT_EQ(only().severity, "high");
    EXPECT_EQ(only().lane, "queue");
    EXPECT_EQ(only().occurrence_count, 1);
    EXPECT_EQ(only().ack_due_at, clock_.now() + 60min);
}

// --- lanes
// -----------------------------------------------------------------------------------------------------------

TEST_F(Book, GivenARuleInObserveWhenItFiresThenItIsRecordedWithoutAClockOrAnIncident) {
    Sighting sighting = seen("stick-mounted", 1);
    sighting.live = false;
    apply(sighting);
    EXPECT_EQ(only().lane, "observe");
    EXPECT_EQ(only().ack_due_at, std::nullopt);
    EXPECT_THAT(incidents(), IsEmpty());
}

TEST_F(Book, GivenTheThirdInADayWhenTheFirstTwoWentToTheDigestThenItGoesToTheQueue) {
    for (int episode = 0; episode < 3; ++episode) {
        apply(seen("onlooker", 10 + 2 * episode, episode * 1h));
        apply(cleared("onlooker", 10 + 2 * episode, 11 + 2 * episode, episode * 1h + 5min));
    }
    const auto all = alerts();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].lane, "digest");
    EXPECT_EQ(all[1].lane, "digest");
    EXPECT_EQ(all[2].lane, "queue");
    apply(seen("onlooker", 30, 20h));  // the next county day
    EXPECT_EQ(alerts().back().lane, "digest");
}

TEST_F(Book, GivenALateEventWhenItIsJudgedThenTheAlertSaysHowLate) {
    Sighting sighting = seen("stick", 1);
    sighting.received_lag_ms = 26 * 3600 * 1000;
    apply(sighting);
    EXPECT_EQ(only().received_lag_ms, 26 * 3600 * 1000);
    EXPECT_THAT(only().summary, HasSubstr("Received 26 h later."));
    EXPECT_EQ(only().ack_due_at, clock_.now() + 60min) << "the clock starts when it can be seen";
}

// --- parts of a whole
// ------------------------------------------------------------------------------------------------

class BookOfParts : public Book {
protected:
    Sighting correlation(std::vector<std::int64_t> events, std::chrono::seconds second) {
        Sighting sighting = seen("both", events.front(), second);
        sighting.finding.kind = rules::FindingKind::correlation;
        sighting.finding.group = {{"terminal_id", "T1"}};
        sighting.finding.started_at = testing::kMondayMorning;
        sighting.finding.evidence = std::move(events);
        return sighting;
    }
};

TEST_F(BookOfParts, GivenACorrelationWhenItsPartsCameFirstThenTheyLeaveTheQueueWithTheirClocks) {
    apply(seen("onlooker", 1));
    apply(seen("stick", 2, 1min));
    apply(correlation({1, 2}, 1min));
    const std::string whole = of_rule("COR-01").alert_id;
    EXPECT_EQ(of_rule("USB-01").part_of, whole);
    EXPECT_EQ(of_rule("USB-01").ack_due_at, std::nullopt);
    EXPECT_EQ(of_rule("CAM-01").part_of, whole);
    EXPECT_EQ(of_rule("COR-01").part_of, std::nullopt);
    const auto queue = store::list_alerts(reader(), {.lane = "queue"});
    ASSERT_TRUE(queue);
    ASSERT_EQ(queue->size(), 1u);
    EXPECT_EQ(queue->front().alert_id, whole);
}

TEST_F(BookOfParts, GivenACorrelationWhenAPartComesAfterItThenThePartDoesNotEnterTheQueue) {
    apply(correlation({1, 2}, 1min));
    apply(seen("stick", 2, 1min));
    EXPECT_EQ(of_rule("USB-01").part_of, of_rule("COR-01").alert_id);
    Sighting later = seen("stick", 9, 10min);
    later.fields.set("serial_hash", "beef");
    apply(later);
    for (const auto& made : alerts()) {
        if (made.rule_id == "USB-01") {
            EXPECT_EQ(made.part_of, of_rule("COR-01").alert_id);
        }
    }
}

TEST_F(BookOfParts, GivenAnotherTerminalOrALaterHourWhenAPartComesThenItStandsAlone) {
    apply(correlation({1, 2}, 1min));
    apply(seen("stick", 8, 1min, "T2"));
    apply(seen("stick", 9, 2h));
    for (const auto& made : alerts())
        EXPECT_EQ(made.part_of, std::nullopt);
}

TEST_F(BookOfParts, GivenASilentSiteWhenAnotherOfItsTerminalsFallsSilentThenThatIsAPart) {
    apply(seen("site-silent", 1));
    apply(seen("silent", 2, 1min, "T7"));
    EXPECT_EQ(of_rule("AGT-01").part_of, of_rule("AGT-11").alert_id);
}

TEST_F(BookOfParts, GivenASilentSiteWhenATerminalOfAnotherSiteOrOfALaterHourFallsSilentThenItStandsAlone) {
    apply(seen("site-silent", 1));
    Sighting elsewhere = seen("silent", 2, 1min, "T7");
    elsewhere.fields.set("site.id", "S2");
    apply(elsewhere);
    apply(seen("silent", 3, 2h, "T8"));
    for (const auto& made : alerts())
        EXPECT_EQ(made.part_of, std::nullopt);
}

TEST_F(BookOfParts, GivenACorrelationInObserveWhenItFiresThenItHidesNoLivePart) {
    apply(seen("stick", 2, 1min));
    Sighting whole = correlation({1, 2}, 1min);
    whole.live = false;
    apply(whole);
    EXPECT_EQ(of_rule("USB-01").part_of, std::nullopt);
}

// --- many at once
// ----------------------------------------------------------------------------------------------------

class Fleet : public Book {
protected:
    void fire(int terminals, std::chrono::seconds apart, const char* key = "stick") {
        for (int terminal = 0; terminal < terminals; ++terminal)
            apply(seen(key, 100 + terminal, terminal * apart, "T" + std::to_string(terminal)));
    }
    std::vector<store::Alert> queue() { return *store::list_alerts(reader(), {.lane = "queue"}); }
};

TEST_F(Fleet, GivenTenTerminalsInTenMinutesWhenOneRuleFiresThenTheQueueHasOneFleetAlert) {
    fire(10, 30s);
    ASSERT_EQ(queue().size(), 1u);
    const store::Alert fleet = queue().front();
    EXPECT_EQ(fleet.mark, "fleet");
    EXPECT_EQ(fleet.terminal_id, std::nullopt);
    EXPECT_EQ(fleet.occurrence_count, 10);
    EXPECT_THAT(fleet.summary, HasSubstr("10 terminals"));
    EXPECT_EQ(alerts().size(), 11u) << "nothing is lost";
    for (const auto& made : alerts()) {
        EXPECT_EQ(made.mark, "fleet");
        if (made.alert_id != fleet.alert_id) {
            EXPECT_EQ(made.part_of, fleet.alert_id);
        }
    }
}

TEST_F(Fleet, GivenMoreTerminalsAfterwardsWhenTheyFireThenTheyJoinIt) {
    fire(14, 30s);
    ASSERT_EQ(queue().size(), 1u);
    EXPECT_EQ(queue().front().occurrence_count, 14);
}

TEST_F(Fleet, GivenNineTerminalsOrMoreTimeWhenTheyFireThenEachStandsAlone) {
    fire(9, 30s);
    EXPECT_EQ(queue().size(), 9u);
    apply(seen("stick", 200, 30min, "T99"));
    EXPECT_EQ(queue().size(), 10u);
}

// SES-06: sessions left open come by the dozen when the hours end.
TEST_F(Fleet, GivenHousekeepingAtManyTerminalsThenItsFleetAlertStandsInTheDigestUntilAGraverOneJoins) {
    fire(12, 30s, "left-open");
    EXPECT_THAT(queue(), IsEmpty());
    const auto digest = *store::list_alerts(reader(), {.lane = "digest"});
    const auto fleet = std::find_if(digest.begin(), digest.end(), [](const auto& one) { return !one.terminal_id; });
    ASSERT_NE(fleet, digest.end());
    EXPECT_EQ(fleet->occurrence_count, 12);
    EXPECT_EQ(fleet->ack_due_at, std::nullopt);
    apply(seen("left-unlocked", 300, 7min, "T50"));
    ASSERT_EQ(queue().size(), 1u);
    EXPECT_EQ(queue().front().mark, "fleet");
    EXPECT_EQ(queue().front().severity, "medium");
    EXPECT_NE(queue().front().ack_due_at, std::nullopt);
}

TEST_F(Fleet, GivenAFleetWhenJudgedAgainThenNothingChanges) {
    fire(12, 30s);
    const auto revision = *store::current_revision(reader());
    fire(12, 30s);
    EXPECT_EQ(*store::current_revision(reader()), revision);
}

// --- proposed incidents
// ----------------------------------------------------------------------------------------------

TEST_F(Book, GivenACriticalAlertWhenOthersAreNearThenOneIncidentIsProposedWithAllOfThem) {
    apply(seen("stick", 1));
    apply(seen("stick-mounted", 2, 5min));
    apply(seen("print", 3, 10min));
    apply(seen("print", 4, 10min, "T2"));
    ASSERT_EQ(incidents().size(), 1u);
    const store::Incident proposal = incidents().front();
    EXPECT_EQ(proposal.status, "proposed");
    EXPECT_EQ(proposal.kind, "media");
    EXPECT_EQ(proposal.severity, "critical");
    EXPECT_EQ(proposal.summary, "USB-02 title at T1, with 2 more alerts.");
    EXPECT_EQ(proposal.alert_ids.size(), 3u);
    EXPECT_EQ(of_rule("USB-01").incident_id, proposal.incident_id);
    EXPECT_EQ(of_rule("USB-01").state, "new");
    EXPECT_THAT(acts("incident", proposal.incident_id), ElementsAre("system incident.propose"));
}

TEST_F(Book, GivenAProposalWhenMuchLaterAnAlertComesThenItStaysOut) {
    apply(seen("stick-mounted", 2));
    apply(seen("print", 3, 16min));
    EXPECT_EQ(incidents().front().alert_ids.size(), 1u);
}

TEST_F(Book, GivenAnAlertThatBecomesCriticalWhenItDoesThenAnIncidentIsProposed) {
    apply(seen("stick", 1));
    EXPECT_THAT(incidents(), IsEmpty());
    apply(seen("stick-mounted", 1));
    ASSERT_EQ(incidents().size(), 1u);
    EXPECT_FALSE(apply(seen("stick-mounted", 1)));
    EXPECT_EQ(incidents().size(), 1u);
}

TEST(IncidentKind, GivenARuleWhenItsFamilyIsKnownThenSoIsTheKind) {
    EXPECT_EQ(incident_kind("USB-02"), "media");
    EXPECT_EQ(incident_kind("PRN-01"), "privacy");
    EXPECT_EQ(incident_kind("CAM-04"), "privacy");
    EXPECT_EQ(incident_kind("OPR-05"), "authorisation");
    EXPECT_EQ(incident_kind("GOV-07"), "system_health");
    EXPECT_EQ(incident_kind("IDN-01"), "security");
    EXPECT_EQ(incident_kind("COR-01"), "media");
}

}  // namespace
}  // namespace sallyport::alerts
