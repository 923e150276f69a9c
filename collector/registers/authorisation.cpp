// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/authorisation.hpp"

#include <optional>

namespace sallyport::registers {
namespace {

constexpr int kExamMonths = 24;       // directive II.C.1.b
constexpr int kFirstExamMonths = 6;   // directive II.C.1.a, from appointment
constexpr int kStatementMonths = 24;  // directive II.A
constexpr int kDmvMonths = 12;        // directive II.C.1.c
constexpr int kAwarenessMonths = 12;  // CSP AT-2
constexpr std::int64_t kPassingScore = 70;

// One operator's entry on one day.
class Review {
public:
    Review(const Record& entry, Date today) : entry_(entry), today_(today), role_(text_of(entry, "role")) {}

    Authorisation result() {
        review_access();
        review_clearance();
        review_statements();
        review_training();
        if (is_operator())
            review_exam();
        else
            violation("ROLE_NOT_OPERATOR");
        if (older_than("security_awareness_on", kAwarenessMonths))
            result_.reasons.emplace_back("AWARENESS_OVERDUE");
        return std::move(result_);
    }

private:
    [[nodiscard]] bool is_operator() const { return role_ == "FAO" || role_ == "LTFAO"; }

    // Nothing also for a day that is still to come: what is announced has not happened.
    [[nodiscard]] std::optional<Date> done_on(std::string_view field) const {
        const auto date = parse_date(text_of(entry_, field));
        return date && *date <= today_ ? std::optional(*date) : std::nullopt;
    }
    [[nodiscard]] bool older_than(std::string_view field, int months) const {
        const auto date = done_on(field);
        return !date || today_ > add_months(*date, months);
    }
    [[nodiscard]] bool past_months_since_appointment(int months) const {
        const auto appointed = parse_date(text_of(entry_, "appointed_on"));
        return !appointed || today_ > add_months(*appointed, months);
    }
    void violation(std::string_view reason) {
        result_.authorised = false;
        result_.reasons.emplace_back(reason);
    }

    void review_access() {
        const auto from = parse_date(text_of(entry_, "access_from"));
        const auto to = parse_date(text_of(entry_, "access_to"));
        if (text_of(entry_, "access_status") != "active" || (from && today_ < *from) || (to && today_ > *to))
            violation("SUSPENDED");
        if (done_on("separated_on"))
            violation("SEPARATED");
    }

    void review_clearance() {
        const auto result = text_of(entry_, "clearance_result");
        if (!done_on("fingerprint_cleared_on") || !done_on("background_cleared_on") ||
            (result != "cleared" && result != "cleared_by_agency_head"))
            violation("NOT_CLEARED");
        if (text_of(entry_, "employer_kind") == "contractor" && !done_on("security_addendum_signed_on"))
            violation("ADDENDUM_MISSING");
    }

    void review_statements() {
        // Everybody signs before any access; only operators sign again every two years.
        if (is_operator() ? older_than("employee_statement_signed_on", kStatementMonths)
                          : !done_on("employee_statement_signed_on"))
            violation("STATEMENT_EXPIRED");
        if (is_operator() && older_than("dmv_statement_on", kDmvMonths))
            violation("DMV_EXPIRED");
    }

    void review_training() {
        if (!done_on("initial_training_on") && past_months_since_appointment(kFirstExamMonths))
            violation("TRAINING_OVERDUE");
    }

    void review_exam() {
        if (!done_on("proficiency_exam_on")) {
            if (past_months_since_appointment(kFirstExamMonths))
                violation("EXAM_EXPIRED");
            return;
        }
        // An FAO's exam serves an LTFAO; the other way round it does not (decisions 10).
        const bool too_low = role_ == "FAO" && text_of(entry_, "exam_kind") != "FAO";
        if (too_low || integer_of(entry_, "exam_score", 0) < kPassingScore)
            violation("EXAM_FAILED");
        if (older_than("proficiency_exam_on", kExamMonths))
            violation("EXAM_EXPIRED");
    }

    const Record& entry_;
    Date today_;
    std::string_view role_;
    Authorisation result_;
};

}  // namespace

Authorisation authorisation_of(const Record& operator_entry, Date today) { return Review(operator_entry, today).result(); }

Authorisation no_record() { return {false, {"NO_RECORD"}}; }

}  // namespace sallyport::registers
