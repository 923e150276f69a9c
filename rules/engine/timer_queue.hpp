// SPDX-License-Identifier: Apache-2.0
//
// What is due when: an ordered set, so that a timer is exact to the millisecond however far away it is.
// Setting and taking cost O(log n), the next one O(1); about 64 bytes a timer that is set.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "protocol/clock.hpp"

namespace sallyport::rules {

class TimerQueue {
public:
    using Id = std::uint32_t;

    [[nodiscard]] Id make();
    void release(Id id);
    // Nothing: it is not due at any time.
    void set(Id id, std::optional<WallTime> at);

    [[nodiscard]] std::optional<WallTime> next() const;
    // Those that are due first, if that is by `now`: all of one time. They are no longer set.
    [[nodiscard]] std::vector<Id> take_due(WallTime now);
    [[nodiscard]] std::size_t size() const { return order_.size(); }

private:
    std::set<std::pair<WallTime, Id>> order_;
    static constexpr WallTime kNever = WallTime::max();
    std::vector<WallTime> at_;  // by id; kNever: not set
    std::vector<Id> free_;
};

}  // namespace sallyport::rules
