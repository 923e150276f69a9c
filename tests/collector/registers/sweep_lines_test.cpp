// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/sweep_lines.hpp"

#include <gmock/gmock.h>

#include "tests/collector/registers/store_fixture.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::registers {
namespace {

using sallyport::testing::at;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const WallTime kBefore = at("2026-01-05T00:00:00.000Z");
const WallTime kMorning = at("2026-11-23T14:00:00.000Z");  // Monday, 06:00 in the county

std::vector<std::string> words(const Record& body, std::string_view field) {
    std::vector<std::string> found;
    const Value* value = body.find(field);
    if (const auto* list = value == nullptr ? nullptr : value->as<List>())
        for (const Value& item : *list)
            found.push_back(*item.as<std::string>());
    return found;
}

class SweepLines : public sallyport::testing::StoreFixture {
protected:
    std::vector<SweepLine> sweep(std::optional<Moment> before = {}, WallTime now = kMorning) {
        auto reading = reader();
        auto registers = RegisterSnapshot::load(reading);
        EXPECT_TRUE(registers);
        auto lines = sweep_lines(*registers, {now, now}, before, facts_);
        std::uint64_t seq = 0;
        for (const SweepLine& line : lines) {  // what cannot be sent is no line
            const auto encoded =
                encode_event(sallyport::testing::event(line.type, "collector", std::string(32, '2'), ++seq, line.body, now));
            EXPECT_TRUE(encoded) << line.type << ": " << encoded.error().message();
        }
        return lines;
    }
    Record only(std::string_view type, std::optional<Moment> before = {}) {
        std::vector<Record> found;
        for (const SweepLine& line : sweep(before))
            if (line.type == type)
                found.push_back(line.body);
        EXPECT_EQ(found.size(), 1u) << type;
        return found.empty() ? Record() : found.front();
    }
    void add(std::string_view table, std::string_view id, Record data) { record(table, id, std::move(data), kBefore); }

    static Record terminal() {
        return {{"terminal_id", "T1"}, {"status", "licensed"}, {"site_id", "S1"}, {"room_id", "R1"},
                {"duty_profile", "office_hours"}, {"licensed_on", "2026-11-01"}, {"license_review_due", "2026-11-22"},
                {"surveyed_on", "2025-11-23"}, {"lock_exempt", "none"}, {"privacy_filter", false}};
    }
    static Record person() {
        return {{"site_id", "S1"}, {"role", "FAO"}, {"employer_kind", "employee"}, {"access_status", "active"},
                {"access_from", "2026-01-01"}, {"access_to", "2026-12-31"}, {"appointed_on", "2025-06-01"},
                {"fingerprint_cleared_on", "2025-05-01"}, {"background_cleared_on", "2025-05-02"},
                {"clearance_result", "cleared"}, {"employee_statement_signed_on", "2026-01-10"},
                {"initial_training_on", "2025-07-01"}, {"security_awareness_on", "2025-12-01"},
                {"proficiency_exam_on", "2025-10-01"}, {"exam_kind", "FAO"}, {"exam_score", 90},
                {"dmv_statement_on", "2026-05-01"}, {"display_name", "Ann Example"}, {"staff_id", "4711"}};
    }

    SweepFacts facts_;
};

TEST_F(SweepLines, GivenEmptyRegistersThenOneLineThatSaysSo) {
    const auto lines = sweep();
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines.front().type, "sweep.done");
    EXPECT_EQ(integer_of(lines.front().body, "lines", -1), 0);
    EXPECT_EQ(text_of(lines.front().body, "day"), "2026-11-23");
}

TEST_F(SweepLines, GivenATerminalThenItsDueDatesAndHowLongItWasNotSeen) {
    add("terminals", "T1", terminal());
    Record line = only("sweep.terminal");
    EXPECT_EQ(text_of(line, "terminal"), "T1");
    EXPECT_EQ(integer_of(line, "license_review_days"), -1);
    EXPECT_TRUE(flag_of(line, "never_seen"));
    EXPECT_EQ(integer_of(line, "unseen_age"), 22);  // since it was licensed
    EXPECT_EQ(integer_of(line, "survey_age"), 365);
    EXPECT_FALSE(line.contains("certificate_days"));
    EXPECT_FALSE(flag_of(line, "certificate_revoked", true));
    EXPECT_THAT(words(line, "missing"), ::testing::Contains("system_serial"));
    facts_.last_seen["T1"] = at("2026-11-16T20:00:00.000Z");
    line = only("sweep.terminal");
    EXPECT_FALSE(flag_of(line, "never_seen", true));
    EXPECT_EQ(integer_of(line, "unseen_age"), 7);
}

// A county that registers what it licensed years ago is not told on the first day to go and look for all of it.
TEST_F(SweepLines, GivenASystemThatWatchesForTenDaysWhenATerminalWasNeverHeardThenNoLongerTimeIsCounted) {
    add("terminals", "T1", terminal());
    facts_.watched_since = at("2026-11-13T20:00:00.000Z");
    const auto line = only("sweep.terminal");
    EXPECT_TRUE(flag_of(line, "never_seen"));
    EXPECT_EQ(integer_of(line, "unseen_age"), 10);
}

TEST_F(SweepLines, GivenCertificatesThenTheOneThatIsBelievedLongestCounts) {
    add("terminals", "T1", terminal());
    facts_.keys = {{"T1", "O", "k1", "c1", at("2026-11-20T00:00:00.000Z"), kBefore, {}, {}},
                   {"T1", "O", "k2", "c2", at("2026-12-03T14:00:00.000Z"), kBefore, {}, {}},
                   {"T1", "O", "k3", "c3", at("2027-12-03T14:00:00.000Z"), kBefore, kBefore, "stolen"}};
    EXPECT_EQ(integer_of(only("sweep.terminal"), "certificate_days"), 10);
    facts_.keys[0].revoked_at = facts_.keys[1].revoked_at = kBefore;
    const Record line = only("sweep.terminal");
    EXPECT_TRUE(flag_of(line, "certificate_revoked"));
    EXPECT_FALSE(line.contains("certificate_days"));
}

// IDN-09: a deadline is met on the day itself, a privacy filter answers for view and window, not for the public zone.
TEST_F(SweepLines, GivenPlacementsThenTheirFindings) {
    add("rooms", "R1", {{"zone", "public"}, {"room_type", "lobby"}});
    const auto findings = [&](const std::function<void(Record&)>& change) {
        Record entry = terminal();
        change(entry);
        record("terminals", "T1", entry, kMorning - std::chrono::hours(1));
        return words(only("sweep.terminal"), "survey_findings");
    };
    EXPECT_THAT(findings([](Record&) {}), ElementsAre("PUBLIC_ZONE"));
    EXPECT_THAT(findings([](Record& entry) { entry.set("surveyed_on", "2025-11-22"); }), ElementsAre("PUBLIC_ZONE", "SURVEY_STALE"));
    EXPECT_THAT(findings([](Record& entry) {
                    entry.set("surveyed_on", nullptr).set("screen_faces_public", true).set("window_behind", true);
                }),
                ElementsAre("SCREEN_FACES_PUBLIC", "WINDOW_BEHIND", "PUBLIC_ZONE", "SURVEY_MISSING"));
    EXPECT_THAT(findings([](Record& entry) { entry.set("screen_faces_public", true).set("privacy_filter", true); }),
                ElementsAre("PUBLIC_ZONE"));
}

TEST_F(SweepLines, GivenLockExemptionsThenTheirFindings) {
    add("rooms", "R1", {{"zone", "controlled"}, {"room_type", "office"}});
    Record entry = terminal();
    entry.set("lock_exempt", "dispatch");
    add("terminals", "T1", entry);
    EXPECT_THAT(words(only("sweep.terminal"), "lock_exempt_findings"),
                ElementsAre("ZONE_NOT_SECURE", "NOT_APPROVED", "ROOM_NOT_DISPATCH"));
}

TEST_F(SweepLines, GivenATerminalRetiredLongAgoThenNothingIsSaidOfIt) {
    Record entry = terminal();
    entry.set("status", "retired").set("decommissioned_on", "2026-10-24");
    add("terminals", "T1", entry);
    EXPECT_EQ(text_of(only("sweep.terminal"), "status"), "retired");
    EXPECT_THAT(words(only("sweep.terminal"), "missing"), IsEmpty());
    entry.set("decommissioned_on", "2026-10-23");
    record("terminals", "T1", entry, kBefore + std::chrono::hours(1));
    EXPECT_EQ(sweep().size(), 1u);
}

TEST_F(SweepLines, GivenAnOperatorThenAuthorisationFindingsAndWhatFallsDueAndNoName) {
    add("operators", "OP-1", person());
    Record line = only("sweep.operator");
    EXPECT_EQ(text_of(line, "operator_ref"), "OP-1");
    EXPECT_EQ(text_of(line, "authorisation"), "authorised");
    EXPECT_THAT(words(line, "reasons"), IsEmpty());
    EXPECT_THAT(words(line, "findings"), IsEmpty());
    EXPECT_EQ(integer_of(line, "awareness_days"), 8);
    EXPECT_EQ(integer_of(line, "exam_days"), 312);
    EXPECT_EQ(integer_of(line, "dmv_days"), 159);
    EXPECT_EQ(integer_of(line, "access_days"), 38);
    EXPECT_THAT(words(line, "expiring"), ElementsAre("AWARENESS"));
    EXPECT_EQ(text_of(line, "next_due"), "AWARENESS");
    EXPECT_EQ(integer_of(line, "next_due_days"), 8);
    EXPECT_TRUE(flag_of(line, "access_open"));
    EXPECT_TRUE(flag_of(line, "never_used"));
    EXPECT_EQ(integer_of(line, "unused_age"), 326);
    for (const SweepLine& each : sweep()) {
        for (const auto& [name, value] : each.body) {
            const std::string text = value.as<std::string>() == nullptr ? "" : *value.as<std::string>();
            EXPECT_THAT(text, ::testing::AllOf(::testing::Not(::testing::HasSubstr("Ann")), ::testing::Ne("4711"))) << name;
        }
    }
    facts_.last_session["OP-1"] = at("2026-11-20T20:00:00.000Z");
    line = only("sweep.operator");
    EXPECT_FALSE(flag_of(line, "never_used", true));
    EXPECT_EQ(integer_of(line, "unused_age"), 3);
}

// On the first day of a new system nobody has a session that it knows of: that is no reason to doubt anybody.
TEST_F(SweepLines, GivenASystemThatWatchesForTenDaysWhenAPersonHasNoSessionThenNoLongerTimeIsCounted) {
    add("operators", "OP-1", person());
    facts_.watched_since = at("2026-11-13T20:00:00.000Z");
    const auto line = only("sweep.operator");
    EXPECT_TRUE(flag_of(line, "never_used"));
    EXPECT_EQ(integer_of(line, "unused_age"), 10);
}

TEST_F(SweepLines, GivenAnAddendumNamedInAnAgreementThenItsReviewIsWhatFallsDue) {
    Record contractor = person();
    contractor.set("employer_kind", "contractor");
    add("operators", "OP-1", contractor);
    EXPECT_THAT(words(only("sweep.operator"), "findings"), ElementsAre("ADDENDUM_MISSING"));
    add("agreements", "A1", {{"kind", "security_addendum"}, {"persons", List{"OP-1"}}, {"signed_on", "2025-12-01"},
                             {"review_due", "2026-12-01"}});
    Record line = only("sweep.operator");
    EXPECT_EQ(integer_of(line, "addendum_days"), 8);
    EXPECT_THAT(words(line, "findings"), IsEmpty());
    EXPECT_EQ(integer_of(only("sweep.agreement"), "review_days"), 8);
    record("agreements", "A1", {{"kind", "security_addendum"}, {"persons", List{"OP-1"}}, {"signed_on", "2025-11-01"},
                                {"review_due", "2026-11-22"}}, kBefore + std::chrono::hours(1));
    EXPECT_THAT(words(only("sweep.operator"), "findings"), ElementsAre("ADDENDUM_LAPSED"));
}

// CSP PS-4: the day itself and the 24 hours after it.
TEST_F(SweepLines, GivenSomebodyWhoLeftThenAccessThatIsStillOpenIsAFindingADayLater) {
    Record left = person();
    left.set("separated_on", "2026-11-23");
    add("operators", "OP-1", left);
    EXPECT_THAT(words(only("sweep.operator"), "findings"), IsEmpty());
    left.set("separated_on", "2026-11-22");
    record("operators", "OP-1", left, kBefore + std::chrono::hours(1));
    const Record line = only("sweep.operator");
    EXPECT_THAT(words(line, "findings"), ElementsAre("ACCESS_NOT_REMOVED"));
    EXPECT_EQ(integer_of(line, "separated_age"), 1);
}

TEST_F(SweepLines, GivenAPrinterThenItsZoneAndOnHowManyListsItStands) {
    add("rooms", "R1", {{"zone", "controlled"}});
    add("printers", "P1", {{"kind", "network"}, {"room_id", "R1"}, {"site_id", "S1"}, {"approved_on", "2026-01-01"}});
    Record entry = terminal();
    entry.set("printers_allowed", List{"P1"});
    add("terminals", "T1", entry);
    const Record line = only("sweep.printer");
    EXPECT_EQ(text_of(line, "zone"), "controlled");
    EXPECT_FALSE(flag_of(line, "pull_print", true));
    EXPECT_TRUE(flag_of(line, "approved"));
    EXPECT_EQ(integer_of(line, "terminals"), 1);
}

TEST_F(SweepLines, GivenMediaThenTheirStatusAndTheDaysOfTheirPermission) {
    add("operators", "OP-1", person());
    add("media", "M1", {{"kind", "usb_storage"}, {"status", "issued"}, {"owner", "OP-1"}, {"valid_to", "2026-11-22"}});
    const Record line = only("sweep.media");
    EXPECT_EQ(integer_of(line, "valid_days"), -1);
    EXPECT_EQ(text_of(line, "site_id"), "S1");
}

TEST_F(SweepLines, GivenRoomsThenReviewsAndThePersonsOnTheirLists) {
    Record uncleared = person();
    uncleared.set("clearance_result", "denied").set("employee_statement_signed_on", nullptr);
    add("operators", "OP-1", uncleared);
    add("rooms", "R1", {{"zone", "secure"}, {"site_id", "S1"}, {"access_list_reviewed_on", "2025-11-22"},
                        {"authorised_persons", List{"OP-1"}}});
    EXPECT_THAT(words(only("sweep.room"), "overdue"), ElementsAre("ACCESS_LIST"));
    Record line = only("sweep.access");
    EXPECT_THAT(words(line, "findings"), ElementsAre("NOT_CLEARED", "STATEMENT_MISSING"));
    EXPECT_TRUE(flag_of(line, "listed"));
    record("rooms", "R1", {{"zone", "secure"}, {"site_id", "S1"}, {"access_list_reviewed_on", "2025-11-23"}},
           kMorning - std::chrono::hours(1));
    EXPECT_THAT(words(only("sweep.room"), "overdue"), IsEmpty());
    const WallTime yesterday = kMorning - std::chrono::hours(24);
    line = only("sweep.access", Moment{yesterday, yesterday});
    EXPECT_FALSE(flag_of(line, "listed", true));
    EXPECT_THAT(words(line, "findings"), IsEmpty());
}

TEST_F(SweepLines, GivenSiteAndAgencyThenTheirPeriodicReviews) {
    add("sites", "S1", {{"keys_inventoried_on", "2025-11-23"}, {"physical_access_reviewed_on", "2026-08-22"}});
    add("agency", "CA0010000", {{"accounts_reviewed_on", "2026-01-01"}});
    EXPECT_THAT(words(only("sweep.site"), "overdue"), ElementsAre("PHYSICAL_ACCESS_REVIEW", "VISITOR_REVIEW"));
    const Record line = only("sweep.agency");
    EXPECT_THAT(words(line, "overdue"), ElementsAre("RULE_REVIEW"));
    EXPECT_EQ(integer_of(line, "account_review_days"), 39);
}

TEST_F(SweepLines, GivenRulesThatOnlyObserveThenTheDecisionFallsDueAfterSixtyDays) {
    add("sites", "S1", {{"keys_inventoried_on", "2026-11-01"}, {"physical_access_reviewed_on", "2026-11-01"},
                        {"visitors_reviewed_on", "2026-11-01"}});
    EXPECT_FALSE(only("sweep.site").contains("rule_decision_days"));
    facts_.observing_since["S1"] = kMorning - std::chrono::days(60);
    EXPECT_EQ(integer_of(only("sweep.site"), "rule_decision_days"), 0);
    EXPECT_THAT(words(only("sweep.site"), "overdue"), IsEmpty());
    facts_.observing_since["S1"] -= std::chrono::seconds(1);
    EXPECT_EQ(integer_of(only("sweep.site"), "rule_decision_days"), -1);
    EXPECT_THAT(words(only("sweep.site"), "overdue"), ElementsAre("RULE_DECISION"));
    add("agency", "CA0010000", {{"accounts_reviewed_on", "2026-01-01"}, {"rules_reviewed_on", "2026-01-01"}});
    facts_.observing_since[""] = kMorning - std::chrono::days(61);
    EXPECT_THAT(words(only("sweep.agency"), "overdue"), ElementsAre("RULE_DECISION"));
}

// GOV-13: by the agency's working days.
TEST_F(SweepLines, GivenAMaintenanceWindowThatEndedThenWorkingDaysAndWhetherTheWorkIsLogged) {
    add("windows", "W1", {{"kind", "maintenance"}, {"terminals", List{"T1"}}, {"from", "2026-11-18T16:00:00.000Z"},
                          {"to", "2026-11-18T20:00:00.000Z"}});
    Record line = only("sweep.window");
    EXPECT_EQ(integer_of(line, "ended_working_days"), 2);  // Thursday and Friday
    EXPECT_FALSE(flag_of(line, "logged", true));
    add("calendars", "c", {{"hours", "Mon-Sun 07:00-18:00"}, {"holidays", List{"2026-11-20"}}});
    add("agency", "CA0010000", {{"working_calendar", "c"}});
    EXPECT_EQ(integer_of(only("sweep.window"), "ended_working_days"), 3);
    add("maintenance_log", "L1", {{"terminal_id", "T1"}, {"at", "2026-11-18T17:00:00.000Z"}});
    EXPECT_TRUE(flag_of(only("sweep.window"), "logged"));
}

TEST_F(SweepLines, GivenExceptionsThenApprovalsAndWhenTheyEnd) {
    add("exceptions", "X1", {{"rule_id", "USB-02"}, {"approved_by", "OP-1"}, {"from", "2026-11-01T08:00:00.000Z"},
                             {"to", "2026-11-30T08:00:00.000Z"}});
    const Record line = only("sweep.exception");
    EXPECT_EQ(integer_of(line, "approvals"), 1);
    EXPECT_TRUE(flag_of(line, "in_force"));
    EXPECT_EQ(integer_of(line, "end_days"), 7);
}

TEST_F(SweepLines, GivenTheSameRegistersThenTheSameLinesInTheSameOrder) {
    for (const auto* id : {"T3", "T1", "T2"})
        add("terminals", id, terminal());
    const auto first = sweep(), second = sweep();
    ASSERT_EQ(first.size(), 4u);
    for (std::size_t i = 0; i < first.size(); ++i)
        EXPECT_EQ(first[i].body, second[i].body);
    EXPECT_EQ(text_of(first[0].body, "terminal"), "T1");
    EXPECT_EQ(text_of(first[2].body, "terminal"), "T3");
}

}  // namespace
}  // namespace sallyport::registers
