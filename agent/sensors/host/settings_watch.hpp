// SPDX-License-Identifier: Apache-2.0
//
// What the terminal's desktop is told about its lock and its banner (desktop_policy.hpp).
//
// Policy: CSP AC-8, AC-11; rule SES-02. Event: policy.setting for lock_timeout, lock_screen_hides and banner, at start and when one
// changed; compliant is `unknown` where a person may set it otherwise. usb_policy is not read here: it is what the USB sensor enforces.
//
// Looks every hour. Where nobody prescribed anything about the lock the sensor `lock_policy` is absent, `nothing_prescribed`: what a
// person chose for themselves is not read.
#pragma once

#include <filesystem>
#include <memory>

#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

[[nodiscard]] std::unique_ptr<HostWatch> make_settings_watch(std::filesystem::path root = "/");

}  // namespace sallyport::agent
