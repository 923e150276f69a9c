// SPDX-License-Identifier: Apache-2.0
//
// Which firmware the terminal runs.
//
// Policy: CSP SI-7 (weekly at least), CM-3; rules FWB-01, FWB-05, FWB-06. Event: device.firmware for each component at start,
// every 24 h and when it changed; the kernel's files are looked at every hour, fwupd at start and every 24 h. `told_by` names who
// said it, with its version: a value that another version of the teller says otherwise is a new beginning and no change, so
// it has no previous_version. What was told before is kept over restarts. `expected` says whether the firmware-config of the
// terminal's model has that version, where it speaks of the component.
//
// Without DMI, disks and fwupd the sensor `firmware` is absent, `no_firmware_tables`.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "agent/sensors/host/firmware_inventory.hpp"
#include "agent/sensors/host_watch.hpp"
#include "posture/posture.hpp"

namespace sallyport::agent {

struct FirmwareOptions {
    std::filesystem::path memory_file;  // empty: each start begins anew
    std::optional<posture::TerminalPosture> posture = {};
};

[[nodiscard]] std::unique_ptr<HostWatch> make_firmware_watch(const FirmwareOptions& options);
[[nodiscard]] std::unique_ptr<HostWatch> make_firmware_watch(const FirmwareOptions& options,
                                                             std::unique_ptr<FirmwareInventory> kernel,
                                                             std::unique_ptr<FirmwareInventory> updater);

}  // namespace sallyport::agent
