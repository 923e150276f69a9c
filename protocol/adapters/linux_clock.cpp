// SPDX-License-Identifier: Apache-2.0
#include "protocol/adapters/linux_clock.hpp"

#include <sys/timex.h>
#include <time.h>

namespace sallyport {

WallTime LinuxClock::now() const {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

MonotonicTime LinuxClock::monotonic() const {
    timespec since_boot{};
    // Boot time, not CLOCK_MONOTONIC: a laptop's sleep must not shrink the distance between two events.
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return MonotonicTime(static_cast<std::uint64_t>(since_boot.tv_sec) * 1000 +
                         static_cast<std::uint64_t>(since_boot.tv_nsec) / 1'000'000);
}

ClockState LinuxClock::state() const {
    timex answer{};
    return adjtimex(&answer) == TIME_ERROR || (answer.status & STA_UNSYNC) != 0 ? ClockState::unsynced
                                                                                 : ClockState::synced;
}

}  // namespace sallyport
