// SPDX-License-Identifier: Apache-2.0
//
// Whether a person may use a terminal on a given day, and if not, why (dictionary section 6; CLETS directive II.A,
// II.C, II.D; CJIS Security Policy AT-2, PS-3). A pure function of the operator's entry; any thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/registers/county_time.hpp"
#include "collector/registers/register_snapshot.hpp"
#include "protocol/value.hpp"

namespace sallyport::registers {

struct Authorisation {
    bool authorised = true;
    // EXAM_EXPIRED, EXAM_FAILED, STATEMENT_EXPIRED, DMV_EXPIRED, TRAINING_OVERDUE, AWARENESS_OVERDUE, NOT_CLEARED,
    // SUSPENDED, SEPARATED, NO_RECORD, ROLE_NOT_OPERATOR, ADDENDUM_MISSING. AWARENESS_OVERDUE rests on the CSP alone:
    // it is listed as a finding, but takes nobody's authorisation away.
    std::vector<std::string> reasons;
};

// What an operator's entry shows on one day, missing told from lapsed, and what falls due (rules OPR-02 to OPR-10).
struct OperatorReview {
    // NOT_CLEARED, CLEARANCE_LAPSED, STATEMENT_MISSING, STATEMENT_EXPIRED, DMV_MISSING, DMV_EXPIRED, ADDENDUM_MISSING,
    // ADDENDUM_LAPSED, TRAINING_OVERDUE, AWARENESS_MISSING, AWARENESS_OVERDUE, EXAM_MISSING, EXAM_EXPIRED, EXAM_FAILED,
    // EXAM_TOO_LOW, LIABILITY_UNSIGNED, RULES_OVERDUE, ACCESS_NOT_REMOVED
    std::vector<std::string> findings;
    // What (EXAM, STATEMENT, DMV, AWARENESS, ADDENDUM, CLEARANCE, TRAINING, RULES) and the last day on which it is in
    // order; what was never done is not there, but for training and a first exam, whose six months run.
    std::vector<std::pair<std::string_view, Date>> due;
};
// `addendum_review` is the latest review_due of a Security Addendum in force that names the person, where there is one.
[[nodiscard]] OperatorReview review_operator(const Record& operator_entry, Date today,
                                             std::optional<Date> addendum_review = std::nullopt);

// That review_due, looked up.
[[nodiscard]] std::optional<Date> addendum_review(const RegisterSnapshot& registers, std::string_view operator_ref,
                                                  Moment moment);
// Signed and not ended on that day.
[[nodiscard]] bool is_in_force(const Record& agreement, Date today);

// A deadline is met on the day itself. `today` is the county's calendar day.
[[nodiscard]] Authorisation authorisation_of(const Record& operator_entry, Date today);
// Of an account that belongs to nobody in the register.
[[nodiscard]] Authorisation no_record();

[[nodiscard]] inline std::string_view to_string(const Authorisation& authorisation) {
    return authorisation.authorised ? "authorised" : "not_authorised";
}

}  // namespace sallyport::registers
