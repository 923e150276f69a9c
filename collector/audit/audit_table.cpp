// SPDX-License-Identifier: Apache-2.0
#include "collector/audit/audit_table.hpp"

#include <algorithm>

namespace sallyport::audit {

std::optional<std::size_t> AuditTable::column(std::string_view name) const {
    const auto at = std::find(rows.header.begin(), rows.header.end(), name);
    return at == rows.header.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - rows.header.begin()));
}

std::string AuditTable::text() const {
    registers::CsvTable guarded = rows;
    for (auto& record : guarded.records)
        for (auto& cell : record)
            cell = registers::guard_formula(cell);
    return registers::write_csv(guarded);
}

}  // namespace sallyport::audit
