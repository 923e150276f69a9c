// SPDX-License-Identifier: Apache-2.0
//
// What an auditor asks, clause by clause (the CLETS directive, CJIS Security Policy 6.0), and where the pack has the
// answer; or that it has none, and why. Docs: docs/formats/audit-pack.md.
#pragma once

#include <span>
#include <string_view>

namespace sallyport::audit {

// Rows of one file: all of them, or those whose column has one of these values (separated by a blank).
struct Where {
    std::string_view file;
    std::string_view columns;      // the ones to look at, separated by `, `
    std::string_view only_column;  // empty: every row
    std::string_view only_values;
};

struct Question {
    std::string_view clause;  // as rules cite it
    std::string_view asks;
    std::span<const Where> answer;      // empty: not served
    std::span<const Where> exceptions;  // rows that should not be there
    std::string_view not_served;        // what the system cannot answer, and who can
};

[[nodiscard]] std::span<const Question> audit_questions();

}  // namespace sallyport::audit
