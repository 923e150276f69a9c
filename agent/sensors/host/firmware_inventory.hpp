// SPDX-License-Identifier: Apache-2.0
//
// What firmware the machine runs, by whom it was told. Two implementations: the kernel's files (linux_firmware.cpp) and fwupd
// (fwupd_devices.cpp).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::agent {

struct FirmwareItem {
    std::string component;  // a token without `/`: `bios`, `disk:MODEL`, `fwupd:NAME`
    std::string version;
    std::optional<std::string> digest;  // hex, 64 digits
    std::string told_by;                // a token with the teller's own version, as `linux/6.1.0-18-amd64`
};

class FirmwareInventory {
public:
    virtual ~FirmwareInventory() = default;
    // Empty where it knows none; Errc::unavailable when it cannot be asked now.
    [[nodiscard]] virtual Result<std::vector<FirmwareItem>> items() = 0;
};

// DMI (bios, bios_date, ec) and disks.
[[nodiscard]] std::unique_ptr<FirmwareInventory> make_linux_firmware(std::filesystem::path root = "/");
// Over the system bus; nothing where fwupd is neither running nor to be started by a call.
[[nodiscard]] std::unique_ptr<FirmwareInventory> make_fwupd_devices();

}  // namespace sallyport::agent
