// SPDX-License-Identifier: Apache-2.0
//
// How many open alerts each terminal has, by severity: what the terminal grid shows. One query for the whole
// fleet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::store {

struct TerminalTally {
    std::string terminal_id;
    std::string severity;
    std::int64_t count = 0;
};

// Open: new, acknowledged or in work, in the queue or the digest (observed ones page nobody).
[[nodiscard]] Result<std::vector<TerminalTally>> open_alerts_by_terminal(Database& database);

}  // namespace sallyport::store
