// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/session/idle_watch.hpp"

#include <algorithm>

namespace sallyport::agent {

void IdleWatch::active() {
    since_.reset();
    passed_ = 0;
}

void IdleWatch::idle_since(MonotonicTime since) {
    if (since_ && since <= *since_ + kJitter) return;
    since_ = since;
    passed_ = 0;
}

std::optional<std::chrono::seconds> IdleWatch::due(MonotonicTime now) const {
    const auto at = next();
    return at && *at <= now ? std::optional(thresholds_[passed_]) : std::nullopt;
}

void IdleWatch::pass() {
    ++passed_;
}

std::optional<MonotonicTime> IdleWatch::next() const {
    if (!since_ || passed_ == thresholds_.size()) return std::nullopt;
    return *since_ + std::chrono::duration_cast<MonotonicTime>(thresholds_[passed_]);
}

std::vector<std::chrono::seconds> idle_thresholds(std::chrono::seconds lock_limit) {
    using std::chrono::seconds;
    std::vector<seconds> all{seconds(300),  seconds(600),  seconds(900), seconds(1200),
                             seconds(1500), seconds(1800), lock_limit,   lock_limit + seconds(60)};
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}  // namespace sallyport::agent
