// SPDX-License-Identifier: Apache-2.0
//
// Where the rules stand in the event log, and what they have half seen up to there, so that a restart goes on where the
// last commit left off. What is half seen is kept in pieces, each written only when it changed.
//
// Everything that writes joins the caller's transaction: the cursor moves with the findings it stands for, and the
// pieces with the cursor.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::store {

struct RulePosition {
    std::int64_t cursor = 0;        // ingest_id of the last judged event
    std::int64_t state_cursor = 0;  // ingest_id up to which the pieces speak; at most the cursor
};

// Nothing when no event was ever judged.
[[nodiscard]] Result<std::optional<RulePosition>> load_rule_position(Database& database);
// The pieces stay behind.
[[nodiscard]] Result<void> save_rule_cursor(Database& database, std::int64_t cursor);
// The pieces that changed are written in the same transaction.
[[nodiscard]] Result<void> save_rule_position(Database& database, std::int64_t cursor);

// --- what rules have half seen: by rule and group, JSON records. Empty rule: of no rule; empty group: of the rule itself.

[[nodiscard]] Result<void> save_rule_state(Database& database, std::string_view rule, std::string_view group,
                                           std::string_view state);
[[nodiscard]] Result<void> drop_rule_state(Database& database, std::string_view rule, std::string_view group);
// With all its groups.
[[nodiscard]] Result<void> drop_rule(Database& database, std::string_view rule);
// All of them, those of no group first, and of these the one of no rule. Texts are valid until `use` returns, and its
// error ends the reading.
using UseRuleState =
    std::function<Result<void>(std::string_view rule, std::string_view group, std::string_view state)>;
[[nodiscard]] Result<void> each_rule_state(Database& database, const UseRuleState& use);

// --- what terminals were doing: JSON records.

[[nodiscard]] Result<void> save_terminal_state(Database& database, std::string_view terminal, std::string_view state);
using UseTerminalState = std::function<Result<void>(std::string_view terminal, std::string_view state)>;
[[nodiscard]] Result<void> each_terminal_state(Database& database, const UseTerminalState& use);

}  // namespace sallyport::store
