// SPDX-License-Identifier: Apache-2.0
//
// Whether a person may use a terminal on a given day, and if not, why (dictionary section 6; CLETS directive II.A,
// II.C, II.D; CJIS Security Policy AT-2, PS-3). A pure function of the operator's entry; any thread.
#pragma once

#include <string>
#include <vector>

#include "collector/registers/county_time.hpp"
#include "protocol/value.hpp"

namespace sallyport::registers {

struct Authorisation {
    bool authorised = true;
    // EXAM_EXPIRED, EXAM_FAILED, STATEMENT_EXPIRED, DMV_EXPIRED, TRAINING_OVERDUE, AWARENESS_OVERDUE, NOT_CLEARED,
    // SUSPENDED, SEPARATED, NO_RECORD, ROLE_NOT_OPERATOR, ADDENDUM_MISSING. AWARENESS_OVERDUE rests on the CSP alone:
    // it is listed as a finding, but takes nobody's authorisation away.
    std::vector<std::string> reasons;
};

// A deadline is met on the day itself. `today` is the county's calendar day.
[[nodiscard]] Authorisation authorisation_of(const Record& operator_entry, Date today);
// Of an account that belongs to nobody in the register.
[[nodiscard]] Authorisation no_record();

[[nodiscard]] inline std::string_view to_string(const Authorisation& authorisation) {
    return authorisation.authorised ? "authorised" : "not_authorised";
}

}  // namespace sallyport::registers
