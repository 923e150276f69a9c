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
constexpr int kRulesMonths = 12;      // CSP PL-4
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

// The same entry, looked through for the one who keeps it.
class Papers {
public:
    Papers(const Record& entry, Date today, std::optional<Date> addendum_review)
        : entry_(entry), today_(today), addendum_review_(addendum_review), role_(text_of(entry, "role")) {}

    OperatorReview result() {
        check_clearance();
        check_statements();
        check_training();
        if (is_operator())
            check_exam();
        if (role_ == "administrator" && !done_on("areas_of_liability_signed_on"))
            find("LIABILITY_UNSIGNED");
        if (done_on("rules_of_behavior_on"))
            check_renewal("RULES", "rules_of_behavior_on", kRulesMonths, "", "RULES_OVERDUE");
        // The day itself and the next 24 hours are for taking it away (CSP PS-4, PS-5).
        for (const std::string_view field : {"separated_on", "transferred_on"})
            if (const auto day = done_on(field); day && *day < today_ && text_of(entry_, "access_status") == "active") {
                find("ACCESS_NOT_REMOVED");
                break;
            }
        return std::move(review_);
    }

private:
    [[nodiscard]] bool is_operator() const { return role_ == "FAO" || role_ == "LTFAO"; }
    [[nodiscard]] std::optional<Date> done_on(std::string_view field) const {
        const auto date = parse_date(text_of(entry_, field));
        return date && *date <= today_ ? std::optional(*date) : std::nullopt;
    }
    void find(std::string_view finding) {
        if (!finding.empty())
            review_.findings.emplace_back(finding);
    }
    void due(std::string_view what, Date last_day, std::string_view lapsed) {
        review_.due.emplace_back(what, last_day);
        if (today_ > last_day)
            find(lapsed);
    }
    void check_renewal(std::string_view what, std::string_view field, int months, std::string_view missing,
                       std::string_view lapsed) {
        if (const auto day = done_on(field))
            due(what, add_months(*day, months), lapsed);
        else
            find(missing);
    }

    void check_clearance() {
        const auto result = text_of(entry_, "clearance_result");
        if (!done_on("fingerprint_cleared_on") || !done_on("background_cleared_on") ||
            (result != "cleared" && result != "cleared_by_agency_head"))
            find("NOT_CLEARED");
        if (const auto review = parse_date(text_of(entry_, "clearance_review_due")))
            due("CLEARANCE", *review, "CLEARANCE_LAPSED");
        if (addendum_review_)
            due("ADDENDUM", *addendum_review_, "ADDENDUM_LAPSED");
        else if (text_of(entry_, "employer_kind") == "contractor" && !done_on("security_addendum_signed_on"))
            find("ADDENDUM_MISSING");
    }

    void check_statements() {
        if (is_operator()) {
            check_renewal("STATEMENT", "employee_statement_signed_on", kStatementMonths, "STATEMENT_MISSING",
                          "STATEMENT_EXPIRED");
            check_renewal("DMV", "dmv_statement_on", kDmvMonths, "DMV_MISSING", "DMV_EXPIRED");
        } else if (!done_on("employee_statement_signed_on")) {
            find("STATEMENT_MISSING");
        }
    }

    void check_training() {
        const auto appointed = parse_date(text_of(entry_, "appointed_on"));
        if (!done_on("initial_training_on")) {
            if (appointed)
                due("TRAINING", add_months(*appointed, kFirstExamMonths), "TRAINING_OVERDUE");
            else
                find("TRAINING_OVERDUE");
        }
        check_renewal("AWARENESS", "security_awareness_on", kAwarenessMonths, "AWARENESS_MISSING", "AWARENESS_OVERDUE");
    }

    void check_exam() {
        const auto appointed = parse_date(text_of(entry_, "appointed_on"));
        const auto taken = done_on("proficiency_exam_on");
        if (!taken) {
            if (appointed)
                due("EXAM", add_months(*appointed, kFirstExamMonths), "EXAM_MISSING");
            else
                find("EXAM_MISSING");
            return;
        }
        if (role_ == "FAO" && text_of(entry_, "exam_kind") != "FAO")
            find("EXAM_TOO_LOW");
        if (integer_of(entry_, "exam_score", 0) < kPassingScore)
            find("EXAM_FAILED");
        due("EXAM", add_months(*taken, kExamMonths), "EXAM_EXPIRED");
    }

    const Record& entry_;
    Date today_;
    std::optional<Date> addendum_review_;
    std::string_view role_;
    OperatorReview review_;
};

}  // namespace

Authorisation authorisation_of(const Record& operator_entry, Date today) { return Review(operator_entry, today).result(); }

OperatorReview review_operator(const Record& operator_entry, Date today, std::optional<Date> addendum_review) {
    return Papers(operator_entry, today, addendum_review).result();
}

bool is_in_force(const Record& agreement, Date today) {
    const auto signed_on = parse_date(text_of(agreement, "signed_on")), ended = parse_date(text_of(agreement, "ended_on"));
    return signed_on && *signed_on <= today && !(ended && *ended <= today);
}

std::optional<Date> addendum_review(const RegisterSnapshot& registers, std::string_view operator_ref, Moment moment) {
    std::optional<Date> latest;
    registers.each_with("agreements", "persons", operator_ref, moment, [&](const auto&, const Record& agreement) {
        const auto review = parse_date(text_of(agreement, "review_due"));
        if (text_of(agreement, "kind") == "security_addendum" && is_in_force(agreement, county_day(moment.as_of)) && review &&
            (!latest || *latest < *review))
            latest = *review;
    });
    return latest;
}

Authorisation no_record() { return {false, {"NO_RECORD"}}; }

}  // namespace sallyport::registers
