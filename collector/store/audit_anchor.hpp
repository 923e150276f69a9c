// SPDX-License-Identifier: Apache-2.0
//
// Where the audit log begins once retention has deleted its oldest entries: the chain of the rest stands on the hash of the
// last one that is gone. In the caller's transaction.
#pragma once

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/bytes.hpp"

namespace sallyport::store {

// The last entry that was deleted, and its hash; 0 and zeros while none was.
struct AuditAnchor {
    std::int64_t log_id = 0;
    Digest hash{};
};
[[nodiscard]] Result<AuditAnchor> audit_anchor(Database& database);
// Deletes the oldest entry there is and moves the anchor onto it. The caller appends, in the same transaction, an entry
// `audit.delete` of object `audit` and the anchor's number, with the anchor's hash (hex) in its detail: verify_audit()
// demands it.
[[nodiscard]] Result<AuditAnchor> delete_oldest_audit_entry(Database& database);

}  // namespace sallyport::store
