// SPDX-License-Identifier: Apache-2.0
//
// Which signed batch a line came in, and the leaves beneath the signature: what an evidence bundle shows of the lines
// around an event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/bytes.hpp"

namespace sallyport::store {

struct StoredBatch {
    std::int64_t batch_id = 0;
    std::int64_t stream_id = 0;
    std::string header;  // the line as it came
};

// Nothing when there is no such event, or it came without a header.
[[nodiscard]] Result<std::optional<StoredBatch>> batch_of(Database& database, std::int64_t ingest_id);
// By seq, from first to last, both included; fewer where the log has not all of them.
[[nodiscard]] Result<std::vector<Digest>> leaves_between(Database& database, std::int64_t stream_id, std::uint64_t first_seq,
                                                         std::uint64_t last_seq);

}  // namespace sallyport::store
