// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/authorisation.hpp"

#include <gmock/gmock.h>

namespace sallyport::registers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// In order on 2026-11-23, with nothing near its deadline.
Record operator_in_order() {
    return {{"role", "FAO"},
            {"employer_kind", "employee"},
            {"access_status", "active"},
            {"appointed_on", "2025-06-01"},
            {"fingerprint_cleared_on", "2025-05-01"},
            {"background_cleared_on", "2025-05-02"},
            {"clearance_result", "cleared"},
            {"employee_statement_signed_on", "2026-01-10"},
            {"initial_training_on", "2025-07-01"},
            {"security_awareness_on", "2026-08-01"},
            {"proficiency_exam_on", "2025-10-01"},
            {"exam_kind", "FAO"},
            {"exam_score", 90},
            {"dmv_statement_on", "2026-05-01"}};
}

Authorisation on(const Record& entry, std::string_view day) { return authorisation_of(entry, *parse_date(day)); }

TEST(Authorisation, GivenEverythingInOrderThenAuthorisedWithoutReasons) {
    const auto result = on(operator_in_order(), "2026-11-23");
    EXPECT_TRUE(result.authorised);
    EXPECT_THAT(result.reasons, IsEmpty());
}

struct Case {
    const char* name;
    const char* field;
    Value value;  // null: the field is missing
    const char* day;
    const char* reason;  // nullptr: authorised
};

class AuthorisationTable : public ::testing::TestWithParam<Case> {};

TEST_P(AuthorisationTable, GivenOneFieldChangedThenThatReasonAlone) {
    const Case& given = GetParam();
    Record entry;
    for (const auto& [name, value] : operator_in_order())
        if (name != given.field)
            entry.set(name, value);
    if (!given.value.is_null())
        entry.set(given.field, given.value);
    const auto result = on(entry, given.day);
    EXPECT_EQ(result.authorised, given.reason == nullptr);
    if (given.reason == nullptr)
        EXPECT_THAT(result.reasons, IsEmpty());
    else
        EXPECT_THAT(result.reasons, ElementsAre(given.reason));
}

constexpr auto kToday = "2026-11-23";

INSTANTIATE_TEST_SUITE_P(
    Deadlines, AuthorisationTable,
    ::testing::Values(
        Case{"StatementOnItsLastDay", "employee_statement_signed_on", "2024-11-23", kToday, nullptr},
        Case{"StatementADayLater", "employee_statement_signed_on", "2024-11-22", kToday, "STATEMENT_EXPIRED"},
        Case{"StatementMissing", "employee_statement_signed_on", nullptr, kToday, "STATEMENT_EXPIRED"},
        Case{"StatementOfTomorrow", "employee_statement_signed_on", "2026-11-24", kToday, "STATEMENT_EXPIRED"},
        Case{"DmvOnItsLastDay", "dmv_statement_on", "2025-11-23", kToday, nullptr},
        Case{"DmvADayLater", "dmv_statement_on", "2025-11-22", kToday, "DMV_EXPIRED"},
        Case{"DmvMissing", "dmv_statement_on", nullptr, kToday, "DMV_EXPIRED"},
        Case{"ExamOnItsLastDay", "proficiency_exam_on", "2024-11-23", kToday, nullptr},
        Case{"ExamADayLater", "proficiency_exam_on", "2024-11-22", kToday, "EXAM_EXPIRED"},
        Case{"ExamMissingAfterSixMonths", "proficiency_exam_on", nullptr, kToday, "EXAM_EXPIRED"},
        Case{"ExamJustPassed", "exam_score", 70, kToday, nullptr},
        Case{"ExamJustFailed", "exam_score", 69, kToday, "EXAM_FAILED"},
        Case{"ExamWithoutScore", "exam_score", nullptr, kToday, "EXAM_FAILED"},
        Case{"ExamOfALowerKind", "exam_kind", "LTFAO", kToday, "EXAM_FAILED"},
        Case{"HigherExamServesTheLowerRole", "role", "LTFAO", kToday, nullptr},
        Case{"TrainingMissingAfterSixMonths", "initial_training_on", nullptr, kToday, "TRAINING_OVERDUE"},
        Case{"TrainingMissingOnTheLastDay", "initial_training_on", nullptr, "2026-12-01", "TRAINING_OVERDUE"},
        Case{"NoFingerprints", "fingerprint_cleared_on", nullptr, kToday, "NOT_CLEARED"},
        Case{"NoBackground", "background_cleared_on", nullptr, kToday, "NOT_CLEARED"},
        Case{"Denied", "clearance_result", "denied", kToday, "NOT_CLEARED"},
        Case{"ClearedByAgencyHead", "clearance_result", "cleared_by_agency_head", kToday, nullptr},
        Case{"Suspended", "access_status", "suspended", kToday, "SUSPENDED"},
        Case{"Revoked", "access_status", "revoked", kToday, "SUSPENDED"},
        Case{"Expired", "access_status", "expired", kToday, "SUSPENDED"},
        Case{"Pending", "access_status", "pending", kToday, "SUSPENDED"},
        Case{"AccessEndsToday", "access_to", "2026-11-23", kToday, nullptr},
        Case{"AccessEndedYesterday", "access_to", "2026-11-22", kToday, "SUSPENDED"},
        Case{"AccessBeginsTomorrow", "access_from", "2026-11-24", kToday, "SUSPENDED"},
        Case{"SeparatedToday", "separated_on", "2026-11-23", kToday, "SEPARATED"},
        Case{"SeparatesTomorrow", "separated_on", "2026-11-24", kToday, nullptr},
        Case{"ContractorWithoutAddendum", "employer_kind", "contractor", kToday, "ADDENDUM_MISSING"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Authorisation, GivenANewAppointmentThenTrainingAndExamMayWaitUntilTheDaySixMonthsLater) {
    Record entry = operator_in_order();
    entry.set("appointed_on", "2026-05-31");
    entry.set("initial_training_on", nullptr);
    entry.set("proficiency_exam_on", nullptr);
    EXPECT_TRUE(on(entry, "2026-11-30").authorised);  // November has no 31st: its last day
    EXPECT_THAT(on(entry, "2026-12-01").reasons, ElementsAre("TRAINING_OVERDUE", "EXAM_EXPIRED"));
}

TEST(Authorisation, GivenAStatementOfALeapDayThenItHoldsUntilTheLastOfFebruary) {
    Record entry = operator_in_order();
    entry.set("employee_statement_signed_on", "2024-02-29");
    EXPECT_THAT(on(entry, "2026-02-28").reasons, ::testing::Not(::testing::Contains("STATEMENT_EXPIRED")));
    EXPECT_THAT(on(entry, "2026-03-01").reasons, ::testing::Contains("STATEMENT_EXPIRED"));
}

// CSP AT-2 alone: a finding, no loss of authorisation (dictionary section 6).
TEST(Authorisation, GivenOverdueAwarenessThenAFindingButStillAuthorised) {
    Record entry = operator_in_order();
    entry.set("security_awareness_on", "2025-11-22");
    const auto result = on(entry, kToday);
    EXPECT_TRUE(result.authorised);
    EXPECT_THAT(result.reasons, ElementsAre("AWARENESS_OVERDUE"));
    entry.set("security_awareness_on", "2025-11-23");
    EXPECT_THAT(on(entry, kToday).reasons, IsEmpty());
}

TEST(Authorisation, GivenARoleThatDoesNotOperateThenNotAuthorisedAndNoOperatorsDuties) {
    for (const auto* role : {"practitioner", "administrator", "technician", "none"}) {
        Record entry = operator_in_order();
        entry.set("role", role);
        entry.set("dmv_statement_on", nullptr);
        entry.set("proficiency_exam_on", nullptr);
        entry.set("employee_statement_signed_on", "2020-01-01");
        const auto result = on(entry, kToday);
        EXPECT_FALSE(result.authorised) << role;
        EXPECT_THAT(result.reasons, ElementsAre("ROLE_NOT_OPERATOR")) << role;
    }
}

TEST(Authorisation, GivenSeveralFaultsThenEveryOneIsNamed) {
    Record entry = operator_in_order();
    entry.set("access_status", "suspended");
    entry.set("separated_on", "2026-01-01");
    entry.set("exam_score", 10);
    EXPECT_THAT(on(entry, kToday).reasons, ElementsAre("SUSPENDED", "SEPARATED", "EXAM_FAILED"));
}

TEST(Authorisation, GivenAnEmptyEntryThenNothingIsAssumedInItsFavour) {
    const auto result = on({}, kToday);
    EXPECT_FALSE(result.authorised);
    EXPECT_THAT(result.reasons, ::testing::IsSupersetOf({"SUSPENDED", "NOT_CLEARED", "STATEMENT_EXPIRED",
                                                         "TRAINING_OVERDUE", "ROLE_NOT_OPERATOR"}));
}

TEST(Authorisation, GivenNobodyThenNoRecord) {
    EXPECT_FALSE(no_record().authorised);
    EXPECT_THAT(no_record().reasons, ElementsAre("NO_RECORD"));
}

}  // namespace
}  // namespace sallyport::registers
