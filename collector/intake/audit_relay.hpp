// SPDX-License-Identifier: Apache-2.0
//
// What people did, as the audit log has it, becomes lines of the collector's own log: `registry.change`,
// `operator.change`, `window.change`, `rule.change` and `console.action` (dictionary section 9). So rules can watch those
// who watch, whoever wrote the entry: the console, the API or sallyportctl, which opens the store itself.
// An alert about a person that was resolved with a disposition is told once more as `alert.resolution`, with the person's
// pseudonym: COR-11 counts these.
//
// Each entry is told once: its line and the mark of how far we are come in one transaction. What `system` did is left
// out: it follows from other lines, and a rule that it raised would feed itself.
#pragma once

#include <optional>
#include <vector>

#include "collector/intake/own_log.hpp"
#include "collector/store/audit_log.hpp"

namespace sallyport::intake {

// Nothing where the entry is not told. The line says who, what and about which object, never what stood in it.
[[nodiscard]] std::optional<Notice> notice_of(const store::StoredAuditEntry& stored);

// In the caller's transaction, on the writer's thread: tells the next entries, at most a slice of them (the writer serves
// others too). Returns how many lines that made.
[[nodiscard]] Result<std::size_t> relay_audit(Database& database, OwnLog& log);

}  // namespace sallyport::intake
