// SPDX-License-Identifier: Apache-2.0
//
// Two lines under one number: the one in the log, and the other that a second device sent. Both are kept, each with the
// signed header of its batch, so that a person can look at both and a court can check both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/store/event_log.hpp"

namespace sallyport::store {

struct ForkSide {
    Digest leaf{};
    std::optional<std::string> line;  // nothing: withheld
    std::string header;
    WallTime received_at{};
};

struct Fork {
    std::string instance;
    std::uint64_t seq = 0;
    ForkSide kept, other;
};

// A clone that goes on speaking fills no disk: of one stream the first 256 are kept, and any once.
[[nodiscard]] Result<void> save_forked_line(Database& database, std::int64_t stream_id, std::uint64_t seq,
                                            const ForkSide& other);
[[nodiscard]] Result<std::vector<Fork>> forks_of(Database& database, std::string_view terminal_id);

}  // namespace sallyport::store
