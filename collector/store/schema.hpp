// SPDX-License-Identifier: Apache-2.0
//
// The collector's tables, as numbered steps that only go forward.
#pragma once

#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::store {

// Brings the file to this program's schema; each step is one transaction. A file from a newer program is refused.
[[nodiscard]] Result<void> migrate(Database& database);
// For whoever only reads: Errc::conflict unless the file has this program's schema.
[[nodiscard]] Result<void> check_schema(Database& database);

}  // namespace sallyport::store
