// SPDX-License-Identifier: Apache-2.0
//
// The machine's own clock: CLOCK_REALTIME, CLOCK_BOOTTIME, and the kernel's word on whether NTP disciplines it.
#pragma once

#include "protocol/clock.hpp"

namespace sallyport {

class LinuxClock final : public Clock {
public:
    [[nodiscard]] WallTime now() const override;
    [[nodiscard]] MonotonicTime monotonic() const override;
    [[nodiscard]] ClockState state() const override;
};

}  // namespace sallyport
