// SPDX-License-Identifier: Apache-2.0
//
// Where an event stands among all others: by its time, then in its sender's own order. However the senders'
// streams were interleaved on their way here, the order is the same.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::rules {

struct EventOrder {
    WallTime time{};
    std::uint64_t origin = 0;    // who sent it
    std::uint64_t sequence = 0;  // the how-manieth of theirs
    std::int64_t arrival = 0;    // only tells apart what has neither

    auto operator<=>(const EventOrder&) const = default;

    // Before and after everything of that time.
    [[nodiscard]] static EventOrder before(WallTime time) {
        return {time, 0, 0, std::numeric_limits<std::int64_t>::min()};
    }
    [[nodiscard]] static EventOrder after(WallTime time) {
        return {time, std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::uint64_t>::max(),
                std::numeric_limits<std::int64_t>::max()};
    }

    [[nodiscard]] List to_list() const;
    // Nothing where the list is not what to_list() makes.
    [[nodiscard]] static EventOrder from_list(const List& list);
};

[[nodiscard]] std::int64_t to_number(WallTime time);
[[nodiscard]] WallTime to_time(const Value& value);
[[nodiscard]] std::int64_t to_integer(const Value& value);

}  // namespace sallyport::rules
