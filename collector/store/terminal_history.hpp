// SPDX-License-Identifier: Apache-2.0
//
// One terminal's part of the event log, in the order of its chains, and what the collector said about it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct HistoryLine {
    std::string instance;
    std::uint64_t seq = 0;
    std::string type;
    WallTime event_time{};            // of a withheld line only when it was received
    bool withheld = false;
    std::string withheld_reason;
    std::optional<std::string> line;  // where it is of a type that was asked for
};

// Every line, oldest instance first. The bytes are read of these types only: reading all of a year is for nothing.
[[nodiscard]] Result<std::vector<HistoryLine>> read_terminal_history(Database& database, std::string_view terminal_id,
                                                                     std::span<const std::string_view> types);
// The collector's own lines about the terminal whose event time is not before `from`, in order of time.
enum class Said { liveness, gap };
[[nodiscard]] Result<std::vector<std::string>> read_lines_about(Database& database, std::string_view terminal_id, Said said,
                                                                WallTime from);
// Numbers (ingest_id) of the terminal's lines of these types whose event time lies between, both included; oldest first, at
// most `limit`.
[[nodiscard]] Result<std::vector<std::int64_t>> find_lines_between(Database& database, std::string_view terminal_id,
                                                                   std::span<const std::string_view> types, WallTime from,
                                                                   WallTime to, std::size_t limit);
// The same of lines that the collector wrote and whose body has that text under `field`.
[[nodiscard]] Result<std::vector<std::int64_t>> find_own_lines(Database& database, std::span<const std::string_view> types,
                                                               std::string_view field, std::string_view text, WallTime from,
                                                               WallTime to, std::size_t limit);

}  // namespace sallyport::store
