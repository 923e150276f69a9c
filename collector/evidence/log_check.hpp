// SPDX-License-Identifier: Apache-2.0
//
// Derives everything again from the stored lines and compares: leaves, chains, batch signatures, trees, tiles, numbers,
// heads and their signatures, the audit log's chain, references. One pass over the log in the order of its commit, in short
// reads beside a running collector; memory grows with streams and trees, not with lines.
//
// Not proven is a fault: a line that no signed head covers, unless it came within the last two minutes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::evidence {

struct Fault {
    // altered, withheld, gap, chain, batch, stream, tree, tile, number, head, fork, truncated, not_covered, audit, reference
    std::string kind;
    std::string place;  // of what: `line 4711 (T-1, seq 12)`, `sallyport/CA0190000/1 size 300`
    std::string what;
};

struct LogCheckOptions {
    std::vector<PublicKey> keys;  // of the collector: sign heads, and the lines it writes itself
    // Heads that were published, as they came: what somebody outside of this store kept.
    std::vector<std::string> published = {};
    WallTime now{};
};

struct LogCheckReport {
    std::uint64_t lines = 0;
    std::uint64_t withheld = 0;
    std::uint64_t batches = 0;
    std::uint64_t streams = 0;
    std::uint64_t heads = 0;
    std::uint64_t awaiting_head = 0;  // lines of the last minutes that no head covers yet
    std::int64_t audit_entries = 0;
    std::vector<Fault> faults;        // at most kFaultsMax; the others are counted
    std::uint64_t fault_count = 0;
};
inline constexpr std::size_t kFaultsMax = 1'000;

// An error is a failure to read, never a fault of the log. `database` must not be in a transaction.
[[nodiscard]] Result<LogCheckReport> check_log(Database& database, const LogCheckOptions& options);

}  // namespace sallyport::evidence
