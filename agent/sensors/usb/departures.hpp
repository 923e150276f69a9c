// SPDX-License-Identifier: Apache-2.0
//
// Devices that have just left. A bus that wakes from sleep, a dock and a weak contact take a device away and bring it
// back: that is one fact, not two. So a departure is told only when the device has not come back within a window, which is
// longer after a sleep, when a whole dock comes up again.
//
// Pure: the time is given. One thread.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "agent/sensors/usb/usb_bus.hpp"
#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::agent {

struct Departure {
    UsbDevice device;
    Record body;                 // as it was told when it came
    std::optional<WallTime> at;  // empty: while nobody looked
    MonotonicTime left{};
    MonotonicTime told_at{};     // when it counts as gone
};

// The same device as far as anybody can tell: make, serial and interfaces; where its serial names a model only, the port,
// too. A port alone names nothing: docks and kernels number them anew.
[[nodiscard]] bool is_same_device(const UsbDevice& before, const UsbDevice& now);

class Departures {
public:
    Departures(std::chrono::milliseconds window, std::chrono::milliseconds after_sleep)
        : window_(window), after_sleep_(after_sleep) {}

    // The machine slept until now.
    void wake(MonotonicTime now);
    void add(UsbDevice device, Record body, std::optional<WallTime> at, MonotonicTime now);

    // The one of which this is the return; nullptr: it is new. Valid until the next change.
    [[nodiscard]] const Departure* find_return(const UsbDevice& device) const;
    // The oldest one that is over; nullptr: none yet.
    [[nodiscard]] const Departure* find_due(MonotonicTime now) const;
    void remove(const Departure& departure);

    // When the next one is over.
    [[nodiscard]] std::optional<MonotonicTime> next() const;
    [[nodiscard]] const std::vector<Departure>& all() const { return all_; }

private:
    const std::chrono::milliseconds window_, after_sleep_;
    MonotonicTime waking_until_{};
    std::vector<Departure> all_;
};

}  // namespace sallyport::agent
