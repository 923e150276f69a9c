// SPDX-License-Identifier: Apache-2.0
//
// What a file is given when it comes back from a backup, and what the collector tells of it at its next start. What was
// written after the backup is gone from it: terminals send their lines again, people must look after the rest.
#pragma once

#include <optional>
#include <string>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::store {

struct RestoredMark {
    WallTime backup_at{}, restored_at{};
    std::int64_t lines = 0;
    std::optional<std::int64_t> missing = {};  // lines of the log that was published last; nothing: nobody gave its head
};
// A checkpoint that was published, and the size that it says.
struct PublishedHead {
    std::string checkpoint;
    std::uint64_t size = 0;
};

// In the caller's transaction:
//   - the evidence log begins a new epoch, which names the last head that is known of the one before (system.md 9.6): lines
//     come again in another order, and the collector's own are gone;
//   - the collector's own lines go on in a new instance: numbers that were given out after the backup are not given twice;
//   - numbers of events go on far behind the backup's, for the same reason;
//   - everybody logs in again;
//   - approved deletions are withdrawn and everything is held, until a person has seen that no hold is missing.
[[nodiscard]] Result<void> mark_restored(Database& database, RestoredMark mark, std::string_view ori,
                                         const PublicKey& collector, const std::optional<PublishedHead>& published);
[[nodiscard]] Result<std::optional<RestoredMark>> restored_mark(Database& database);
[[nodiscard]] Result<void> clear_restored_mark(Database& database);

}  // namespace sallyport::store
