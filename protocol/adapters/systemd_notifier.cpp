// SPDX-License-Identifier: Apache-2.0
#include "protocol/adapters/systemd_notifier.hpp"

#include <systemd/sd-daemon.h>

namespace sallyport {

void SystemdNotifier::ready(const std::string& status) { sd_notify(0, ("READY=1\nSTATUS=" + status).c_str()); }

void SystemdNotifier::status(const std::string& text) { sd_notify(0, ("STATUS=" + text).c_str()); }

void SystemdNotifier::alive() { sd_notify(0, "WATCHDOG=1"); }

void SystemdNotifier::stopping() { sd_notify(0, "STOPPING=1"); }

std::optional<std::chrono::milliseconds> SystemdNotifier::watchdog_interval() {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0)
        return std::nullopt;
    return std::chrono::milliseconds(microseconds / 2000);
}

}  // namespace sallyport
