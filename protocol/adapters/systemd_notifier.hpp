// SPDX-License-Identifier: Apache-2.0
//
// What the service manager is told: ready, one line of status, alive, stopping. Without one (NOTIFY_SOCKET unset)
// every call is free.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace sallyport {

class SystemdNotifier {
public:
    void ready(const std::string& status);
    void status(const std::string& text);
    void alive();
    void stopping();
    // How often alive() is due at the latest, halved as systemd advises; nothing when no watchdog is set.
    [[nodiscard]] static std::optional<std::chrono::milliseconds> watchdog_interval();
};

}  // namespace sallyport
