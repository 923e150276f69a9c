// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands still until a test moves it.
#pragma once

#include <atomic>

#include "protocol/clock.hpp"

namespace sallyport::testing {

class ManualClock final : public Clock {
public:
    // 2026-11-23T18:00:00Z, a Monday morning in California.
    explicit ManualClock(WallTime start = WallTime(std::chrono::milliseconds(1'795'456'800'000))) : now_(start) {}

    [[nodiscard]] WallTime now() const override { return now_.load(); }
    [[nodiscard]] MonotonicTime monotonic() const override {
        return MonotonicTime(static_cast<std::uint64_t>(now_.load().time_since_epoch().count()) - 1'700'000'000'000);
    }
    [[nodiscard]] ClockState state() const override { return ClockState::synced; }

    void set(WallTime now) { now_ = now; }
    void advance(std::chrono::milliseconds by) { now_ = now_.load() + by; }

private:
    std::atomic<WallTime> now_;
};

}  // namespace sallyport::testing
