// SPDX-License-Identifier: Apache-2.0
//
// The event log as a check reads it: in the order of commit, in slices, each a short read of its own, so that the writer is
// never held up (system.md 9.7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/bytes.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct ScannedLine {
    std::int64_t ingest_id = 0;
    std::int64_t stream_id = 0;
    std::uint64_t seq = 0;
    std::optional<std::int64_t> batch_id;
    WallTime received_at{};
    Digest leaf{};
    std::optional<std::string> line;
    std::optional<std::string> withheld_reason;
};
// Up to `limit` lines with after < ingest_id <= until.
[[nodiscard]] Result<std::vector<ScannedLine>> scan_lines(Database& database, std::int64_t after, std::int64_t until,
                                                          std::size_t limit);
// The newest line's ingest_id; 0 while there is none.
[[nodiscard]] Result<std::int64_t> newest_line(Database& database);

struct ScannedStream {
    std::int64_t stream_id = 0;
    std::string ori, terminal_id, instance;
    std::uint64_t last_seq = 0;
    Digest head{};
    std::uint64_t last_batch_seq = 0;  // the last seq that a kept batch header speaks of
};
[[nodiscard]] Result<std::vector<ScannedStream>> scan_streams(Database& database);
[[nodiscard]] Result<std::optional<ScannedStream>> scan_stream(Database& database, std::int64_t stream_id);

struct ScannedBatch {
    std::int64_t stream_id = 0;
    std::uint64_t first_seq = 0, last_seq = 0;
    std::string header;
};
[[nodiscard]] Result<std::optional<ScannedBatch>> scan_batch(Database& database, std::int64_t batch_id);

// What refers to something that is not there, in words; at most `limit`.
[[nodiscard]] Result<std::vector<std::string>> dangling_references(Database& database, std::size_t limit);

}  // namespace sallyport::store
