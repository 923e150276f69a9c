// SPDX-License-Identifier: Apache-2.0
//
// The collector's tables, as numbered steps that only go forward.
#pragma once

#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::store {

// Brings the file to this program's schema; each step is one transaction. A file from a newer program is refused.
[[nodiscard]] Result<void> migrate(Database& database);
// The number of the last step of this program.
[[nodiscard]] std::int64_t schema_version();
// Up to that step and no further: how a file of an earlier version came to be. For tests of the steps themselves.
[[nodiscard]] Result<void> migrate_to(Database& database, std::int64_t version);
// For whoever only reads: Errc::conflict unless the file has this program's schema.
[[nodiscard]] Result<void> check_schema(Database& database);

}  // namespace sallyport::store
