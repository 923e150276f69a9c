// SPDX-License-Identifier: Apache-2.0
//
// What the judge has half seen, in the store and out of it: the engine's windows and timers, and what terminals are doing.
// Only what changed is written, in the caller's transaction. One thread at a time.
#pragma once

#include "collector/alerts/terminal_states.hpp"
#include "protocol/adapters/sqlite_database.hpp"
#include "rules/engine/engine.hpp"

namespace sallyport::alerts {

// Neither of the two takes note of it: saved() is theirs to be told once the transaction stands.
[[nodiscard]] Result<void> save_changes(Database& database, const rules::Engine& engine, const TerminalStates& terminals);
// Into an engine and states that know nothing yet.
[[nodiscard]] Result<void> take_up_saved(Database& database, rules::Engine& engine, TerminalStates& terminals);

}  // namespace sallyport::alerts
