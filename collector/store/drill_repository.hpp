// SPDX-License-Identifier: Apache-2.0
//
// Drills: what was ordered, by whom and why, and what each sensor answered. Orders are never deleted: the log is judged again
// by them. Free functions on a Database, so that they join the writer's transactions or run on a reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"
#include "protocol/drill.hpp"
#include "protocol/value.hpp"

namespace sallyport::store {

struct DrillAnswer {
    std::string sensor;
    std::string answer;  // proven, failed, off, absent, not_possible; waiting while it has none
    std::string reason;
    std::optional<WallTime> cued_at;    // by the terminal's clock
    std::optional<WallTime> stored_at;  // when its event was committed
};

struct Drill {
    std::string terminal_id, ori;
    std::int64_t version = 0;  // of the configuration that carries it; rises for each terminal
    DrillOrder order;
    std::string media_id;  // the stick's; empty without one
    std::string ordered_by, reason;
    std::optional<WallTime> begun_at, ended_at;  // as the terminal told it
    std::vector<DrillAnswer> answers;            // one a sensor that was asked, in the order's order

    [[nodiscard]] bool is_over(WallTime now) const { return ended_at.has_value() || now >= order.ends_at; }
};

// Numbers it. Errc::conflict while an earlier drill of the terminal is not over.
[[nodiscard]] Result<void> add_drill(Database& database, Drill& drill, WallTime now);
[[nodiscard]] Result<std::optional<Drill>> find_drill(Database& database, std::string_view nonce, WallTime now);
// Newest first, of all terminals or one.
[[nodiscard]] Result<std::vector<Drill>> list_drills(Database& database, std::string_view terminal_id, std::size_t limit,
                                                     WallTime now);
// The last one of each terminal.
[[nodiscard]] Result<std::vector<Drill>> last_drills(Database& database, WallTime now);
// Not over, and not begun by the terminal: what is to be published.
[[nodiscard]] Result<std::vector<Drill>> unheard_drills(Database& database, WallTime now);

// The first word counts: an answer, a begin or an end that is there stays.
[[nodiscard]] Result<void> note_begun(Database& database, std::string_view nonce, WallTime at);
[[nodiscard]] Result<void> note_ended(Database& database, std::string_view nonce, WallTime at);
[[nodiscard]] Result<void> save_answer(Database& database, std::string_view nonce, const DrillAnswer& answer);

// As API and sallyportctl show it.
[[nodiscard]] Record to_record(const Drill& drill);
[[nodiscard]] Record to_record(const DrillAnswer& answer);

}  // namespace sallyport::store
