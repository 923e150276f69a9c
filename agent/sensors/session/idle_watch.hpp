// SPDX-License-Identifier: Apache-2.0
//
// Which idle thresholds one session has reached (dictionary section 9, `session.idle`; decisions 18). Pure.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "protocol/clock.hpp"

namespace sallyport::agent {

class IdleWatch {
public:
    // `thresholds` in rising order.
    explicit IdleWatch(std::vector<std::chrono::seconds> thresholds) : thresholds_(std::move(thresholds)) {}

    // Somebody is there: all thresholds count from the beginning again.
    void active();
    // Nobody has been there since that time. An instant that moved forward by more than kJitter means that
    // somebody was there in between.
    void idle_since(MonotonicTime since);

    [[nodiscard]] std::optional<MonotonicTime> since() const { return since_; }
    // The next threshold that is reached by `now` and not yet passed.
    [[nodiscard]] std::optional<std::chrono::seconds> due(MonotonicTime now) const;
    // The threshold that due() named is dealt with.
    void pass();
    // When the next threshold is reached, should nobody come.
    [[nodiscard]] std::optional<MonotonicTime> next() const;

    // Two readings of one idle span may differ by the time it takes to read.
    static constexpr std::chrono::milliseconds kJitter{2000};

private:
    std::vector<std::chrono::seconds> thresholds_;
    std::optional<MonotonicTime> since_;
    std::size_t passed_ = 0;
};

// 300, 600, 900, 1200, 1500 and 1800 s, the lock limit and a minute after it; sorted, each once.
[[nodiscard]] std::vector<std::chrono::seconds> idle_thresholds(std::chrono::seconds lock_limit);

}  // namespace sallyport::agent
