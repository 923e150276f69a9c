// SPDX-License-Identifier: Apache-2.0
//
// Whether the collector's own clock can be believed: every receipt, deadline and signed head is told by it (CSP AU-8). It
// was set when wall clock and time since boot drifted apart between two looks; it is set by nobody when the kernel says so
// for an hour on end (a machine that just started needs some minutes). One thread.
#pragma once

#include <optional>

#include "collector/intake/own_log.hpp"
#include "protocol/clock.hpp"

namespace sallyport::intake {

class ClockWatch {
public:
    explicit ClockWatch(const Clock& clock);

    // To be asked about twice a second. `server.clock` when it was set by a second or more, after an hour without anybody
    // who sets it, and when somebody does again.
    [[nodiscard]] std::optional<Notice> look();

private:
    [[nodiscard]] std::chrono::milliseconds drift() const;

    const Clock& clock_;
    std::chrono::milliseconds drift_;  // wall clock less time since boot, at the last look
    std::optional<MonotonicTime> unsynced_since_;
    bool told_unsynced_ = false;
};

}  // namespace sallyport::intake
