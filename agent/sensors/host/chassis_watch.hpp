// SPDX-License-Identifier: Apache-2.0
//
// Whether the case was opened: the chassis intrusion latch of the mainboard, where a driver shows one (hwmon, `intrusion*_alarm`:
// it stays 1 until somebody resets it).
//
// Policy: CSP PE-16, SR-10. Event: device.chassis at start and when it changed. Looks every minute, as few drivers tell of it
// themselves. Without such a latch the sensor `chassis` is absent, `no_intrusion_latch`.
#pragma once

#include <filesystem>
#include <memory>

#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

[[nodiscard]] std::unique_ptr<HostWatch> make_chassis_watch(std::filesystem::path root = "/");

}  // namespace sallyport::agent
