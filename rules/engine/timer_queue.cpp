// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/timer_queue.hpp"

namespace sallyport::rules {

TimerQueue::Id TimerQueue::make() {
    if (!free_.empty()) {
        const Id id = free_.back();
        free_.pop_back();
        return id;
    }
    at_.push_back(kNever);
    return static_cast<Id>(at_.size() - 1);
}

void TimerQueue::release(Id id) {
    set(id, std::nullopt);
    free_.push_back(id);
}

void TimerQueue::set(Id id, std::optional<WallTime> at) {
    WallTime& known = at_[id];
    const WallTime then = at.value_or(kNever);
    if (known == then) return;
    if (known != kNever) order_.erase({known, id});
    if (then != kNever) order_.emplace(then, id);
    known = then;
}

std::optional<WallTime> TimerQueue::next() const {
    return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
}

std::vector<TimerQueue::Id> TimerQueue::take_due(WallTime now) {
    std::vector<Id> due;
    const auto first = next();
    if (!first || *first > now) return due;
    while (!order_.empty() && order_.begin()->first == *first) {
        due.push_back(order_.begin()->second);
        at_[due.back()] = kNever;
        order_.erase(order_.begin());
    }
    return due;
}

}  // namespace sallyport::rules
