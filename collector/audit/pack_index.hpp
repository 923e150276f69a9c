// SPDX-License-Identifier: Apache-2.0
//
// The index of a pack: each question of audit_questions.hpp with the rows that answer it. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/audit/audit_questions.hpp"
#include "collector/audit/audit_table.hpp"
#include "protocol/result.hpp"

namespace sallyport::audit {

struct FoundRows {
    const Where* where = nullptr;
    std::vector<std::size_t> rows;  // as a spreadsheet numbers them
};

struct IndexEntry {
    const Question* question = nullptr;
    std::vector<FoundRows> answer, exceptions;

    [[nodiscard]] bool is_served() const { return question->not_served.empty(); }
    [[nodiscard]] std::size_t exception_count() const;
};

// Errc::internal when a question names a file or column that the pack does not have.
[[nodiscard]] Result<std::vector<IndexEntry>> index_of(const std::vector<AuditTable>& tables);

// `2-14, 17`
[[nodiscard]] std::string row_ranges(const std::vector<std::size_t>& rows);

struct IndexHead {
    std::string ori, period, first_day, last_day, known_at;
};
[[nodiscard]] std::string index_page(const IndexHead& head, const std::vector<IndexEntry>& entries,
                                     const std::vector<AuditTable>& tables);
[[nodiscard]] std::string index_json(const IndexHead& head, const std::vector<IndexEntry>& entries);

}  // namespace sallyport::audit
