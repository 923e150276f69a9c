// SPDX-License-Identifier: Apache-2.0
//
// How often something may be asked without a log-in: so many a minute from one address, and so many from all together.
// Thread-safe; its memory is bounded.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "protocol/clock.hpp"

namespace sallyport::api {

class RateLimit {
public:
    RateLimit(std::size_t each_max, std::size_t all_max) : each_max_(each_max), all_max_(all_max) {}

    // Counts it, unless the minute's number is reached.
    [[nodiscard]] bool admits(const std::string& address, MonotonicTime now) {
        const std::lock_guard lock(mutex_);
        if (now - minute_ >= std::chrono::minutes(1)) {
            minute_ = now;
            all_ = 0;
            each_.clear();
        }
        if (all_ >= all_max_ || each_[address] >= each_max_) return false;
        ++all_;
        ++each_[address];
        return true;
    }

private:
    const std::size_t each_max_, all_max_;
    std::mutex mutex_;
    MonotonicTime minute_{};
    std::size_t all_ = 0;
    std::map<std::string, std::size_t> each_;  // at most one an admitted request of this minute, and one a refused address
};

}  // namespace sallyport::api
