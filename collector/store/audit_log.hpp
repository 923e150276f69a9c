// SPDX-License-Identifier: Apache-2.0
//
// The append-only, hash-chained audit log of the system itself (dictionary section 14; CSP AU-2, AU-9).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct AuditEntry {
    std::string actor;       // account name, or `system`
    std::string actor_role;
    std::string action;      // e.g. `alert.acknowledge`
    std::string object_type;
    std::string object_id;
    std::optional<std::string> purpose;
    std::string detail = "{}";  // JSON: what changed; no names, no forbidden data
    std::optional<std::string> before_hash, after_hash, source_ip;
    bool success = true;
};

struct StoredAuditEntry {
    std::int64_t log_id = 0;
    WallTime at{};
    AuditEntry entry;
};

// In the caller's transaction: what is not logged did not happen.
[[nodiscard]] Result<void> append_audit(Database& database, const AuditEntry& entry, WallTime at);
[[nodiscard]] Result<std::vector<StoredAuditEntry>> read_audit(Database& database, std::string_view object_type,
                                                               std::string_view object_id, std::size_t limit);
// What follows that entry, in the log's order.
[[nodiscard]] Result<std::vector<StoredAuditEntry>> read_audit_after(Database& database, std::int64_t log_id,
                                                                     std::size_t limit);
// Up to which entry the log was told in the event log (collector/intake/audit_relay.hpp), and that it now was.
[[nodiscard]] Result<std::int64_t> audit_relayed(Database& database);
[[nodiscard]] Result<void> save_audit_relayed(Database& database, std::int64_t log_id);
// Re-derives the chain; the first log_id that does not fit is named in the error.
[[nodiscard]] Result<std::int64_t> verify_audit(Database& database);

}  // namespace sallyport::store
