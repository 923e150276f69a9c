// SPDX-License-Identifier: Apache-2.0
//
// Month arithmetic held against authorisation_dates.csv, which was computed with other libraries (calendar and the time
// zone database): what was done on a day holds through `last_day`, and no longer from the moment `over_at`.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "collector/registers/authorisation.hpp"
#include "collector/registers/csv.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

struct Deadline {
    std::string done_on;
    int months = 0;
    Date last_day;
    WallTime over_at;
};

std::vector<Deadline> deadlines() {
    std::ifstream in(SALLYPORT_SOURCE_DIR "/tests/collector/registers/authorisation_dates.csv");
    std::stringstream text;
    text << in.rdbuf();
    auto read = read_csv(text.str());
    std::vector<Deadline> rows;
    for (const auto& row : std::get<CsvTable>(read).records)
        rows.push_back({row[0], std::stoi(row[1]), *parse_date(row[2]), *parse_time(row[3])});
    return rows;
}

// A person of whom everything is in order on that day and the two years after, but for what a test changes.
Record in_order(const std::string& day) {
    return {{"role", "FAO"}, {"employer_kind", "employee"}, {"access_status", "active"}, {"appointed_on", "2020-01-01"},
            {"fingerprint_cleared_on", "2020-01-01"}, {"background_cleared_on", "2020-01-01"},
            {"clearance_result", "cleared"}, {"initial_training_on", "2020-01-01"}, {"exam_kind", "FAO"},
            {"exam_score", 70}, {"employee_statement_signed_on", day}, {"proficiency_exam_on", day},
            {"dmv_statement_on", day}, {"security_awareness_on", day}};
}

struct Duty {
    std::string_view field, reason;
    int months;
    bool is_violation = true;
};
constexpr Duty kDuties[] = {{"employee_statement_signed_on", "STATEMENT_EXPIRED", 24},
                            {"proficiency_exam_on", "EXAM_EXPIRED", 24},
                            {"dmv_statement_on", "DMV_EXPIRED", 12},
                            {"security_awareness_on", "AWARENESS_OVERDUE", 12, false}};

bool has_reason(const Authorisation& authorisation, std::string_view reason) {
    return std::find(authorisation.reasons.begin(), authorisation.reasons.end(), reason) != authorisation.reasons.end();
}

TEST(AuthorisationDates, GivenTheTableThenItHoldsLeapDaysMonthEndsAndDaysOnWhichTheClocksChange) {
    const auto rows = deadlines();
    ASSERT_EQ(rows.size(), 111u);
    for (const auto* day : {"2024-02-29", "2025-02-28", "2025-11-30"})
        EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return format_date(row.last_day) == day; })) << day;
    for (const auto* day : {"2026-03-08", "2026-11-01"})
        EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return format_date(row.last_day) == day; })) << day;
}

TEST(AuthorisationDates, GivenEachDeadlineThenItHoldsToTheLastMomentOfItsLastDayAndNoLonger) {
    for (const Deadline& row : deadlines()) {
        const WallTime last_moment = row.over_at - std::chrono::milliseconds(1);
        ASSERT_EQ(county_day(last_moment), row.last_day) << row.done_on;
        ASSERT_EQ(add_months(*parse_date(row.done_on), row.months), row.last_day) << row.done_on << " + " << row.months;
        for (const Duty& duty : kDuties) {
            if (duty.months != row.months) continue;
            Record entry = in_order(format_date(row.last_day));
            entry.set(duty.field, row.done_on);
            const auto on_time = authorisation_of(entry, county_day(last_moment));
            const auto late = authorisation_of(entry, county_day(row.over_at));
            EXPECT_TRUE(on_time.authorised) << duty.reason << " of " << row.done_on;
            EXPECT_FALSE(has_reason(on_time, duty.reason)) << duty.reason << " of " << row.done_on;
            EXPECT_TRUE(has_reason(late, duty.reason)) << duty.reason << " of " << row.done_on;
            EXPECT_EQ(late.authorised, !duty.is_violation) << duty.reason << " of " << row.done_on;
        }
    }
}

TEST(AuthorisationDates, GivenSixMonthsAfterAnAppointmentThenTrainingAndFirstExamAreDue) {
    for (const Deadline& row : deadlines()) {
        if (row.months != 6) continue;
        Record entry = in_order(format_date(row.last_day));
        entry.set("appointed_on", row.done_on).set("initial_training_on", nullptr).set("proficiency_exam_on", nullptr);
        EXPECT_TRUE(authorisation_of(entry, row.last_day).authorised) << row.done_on;
        const auto late = authorisation_of(entry, county_day(row.over_at));
        EXPECT_TRUE(has_reason(late, "TRAINING_OVERDUE")) << row.done_on;
        EXPECT_TRUE(has_reason(late, "EXAM_EXPIRED")) << row.done_on;
    }
}

// Once lapsed it stays so, and before that it holds on every day.
TEST(AuthorisationDates, GivenEveryDayAroundADeadlineThenThereIsOneChangeAndTheReviewSaysTheSame) {
    for (const Deadline& row : deadlines()) {
        if (row.months != 24) continue;
        Record entry = in_order(row.done_on);
        const std::chrono::sys_days last(row.last_day);
        for (int offset = -400; offset <= 400; offset += offset > -5 && offset < 5 ? 1 : 9) {
            const Date day(last + std::chrono::days(offset));
            if (std::chrono::sys_days(day) < std::chrono::sys_days(*parse_date(row.done_on))) continue;
            const bool expired = has_reason(authorisation_of(entry, day), "EXAM_EXPIRED");
            EXPECT_EQ(expired, offset > 0) << row.done_on << " on " << format_date(day);
            const auto review = review_operator(entry, day);
            EXPECT_EQ(std::find(review.findings.begin(), review.findings.end(), "EXAM_EXPIRED") != review.findings.end(), expired)
                << row.done_on << " on " << format_date(day);
        }
    }
}

}  // namespace
}  // namespace sallyport::registers
