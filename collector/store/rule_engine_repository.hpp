// SPDX-License-Identifier: Apache-2.0
//
// Where the rules stand in the event log, so that a restart goes on where the last commit left off.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::store {

struct RuleEngineState {
    std::int64_t cursor = 0;           // ingest_id of the last judged event
    std::int64_t snapshot_cursor = 0;  // ingest_id at which the snapshot was taken; at most the cursor
    std::string snapshot;              // one JSON record a line
};

// Nothing when no event was ever judged.
[[nodiscard]] Result<std::optional<RuleEngineState>> load_rule_engine(Database& database);
// Both join the caller's transaction: the cursor moves with the findings it stands for.
[[nodiscard]] Result<void> save_rule_cursor(Database& database, std::int64_t cursor);
[[nodiscard]] Result<void> save_rule_snapshot(Database& database, std::int64_t cursor,
                                              std::string_view snapshot);

}  // namespace sallyport::store
