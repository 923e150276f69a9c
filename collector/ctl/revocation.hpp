// SPDX-License-Identifier: Apache-2.0
//
// What the store says is revoked, brought to the broker: list of revoked certificates and access list. The broker's guard
// sees that they were replaced; nobody signals it. The collector's intake needs none of it; it reads the store.
#pragma once

#include "collector/ctl/authority.hpp"
#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::ctl {

[[nodiscard]] Result<void> publish_revocations(Database& database, const Authority& authority, WallTime now);

}  // namespace sallyport::ctl
