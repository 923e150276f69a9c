// SPDX-License-Identifier: Apache-2.0
//
// The tables of an audit pack, from the store: registers as they held at the period's end, what was overdue then, and
// what happened in the period. People are operator_refs. Names (P1), what only the keepers of clearances know (P2) and
// everything of the PSD has no column. One thread.
#pragma once

#include <vector>

#include "collector/audit/audit_period.hpp"
#include "collector/audit/audit_table.hpp"
#include "collector/registers/register_snapshot.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::audit {

struct PackSource {
    Database& reader;
    const rules::RuleSet& rules;
    Period period;
    WallTime known_at{};  // registers as known then; what was learned later is not in the pack

    // The last moment of the period, or the present where the period has not ended.
    [[nodiscard]] registers::Moment moment() const {
        return {std::min(period.to - std::chrono::milliseconds(1), known_at), known_at};
    }
};

// In the order in which the index lists them.
[[nodiscard]] Result<std::vector<AuditTable>> pack_tables(const PackSource& source);

}  // namespace sallyport::audit
