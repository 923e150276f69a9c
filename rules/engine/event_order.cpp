// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/event_order.hpp"

namespace sallyport::rules {

List EventOrder::to_list() const {
    return {to_number(time), origin, sequence, arrival};
}

EventOrder EventOrder::from_list(const List& list) {
    if (list.size() != 4) return {};
    return {to_time(list[0]), static_cast<std::uint64_t>(to_integer(list[1])),
            static_cast<std::uint64_t>(to_integer(list[2])), to_integer(list[3])};
}

std::int64_t to_number(WallTime time) {
    return time.time_since_epoch().count();
}

WallTime to_time(const Value& value) {
    return WallTime(std::chrono::milliseconds(to_integer(value)));
}

std::int64_t to_integer(const Value& value) {
    const auto* number = value.as<std::int64_t>();
    return number != nullptr ? *number : 0;
}

}  // namespace sallyport::rules
