// SPDX-License-Identifier: Apache-2.0
//
// Which file systems of USB storage are mounted, in the sensor's own words. The one implementation stands on
// udev and /proc/self/mountinfo (udev_mounts.cpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/sensors/usb/usb_bus.hpp"
#include "protocol/result.hpp"

namespace sallyport::agent {

enum class Encryption { yes, no, unknown };

struct UsbMount {
    std::string id;       // of this mount, while it lasts
    UsbAddress device;    // the USB device below it
    std::string fs_kind;  // `vfat`, `exfat`, `ext4`
    Encryption encrypted = Encryption::unknown;
    bool read_only = false;
    std::uint64_t size_mb = 0;  // of the partition, in 10^6 bytes
    bool system = false;        // the machine runs from it: mounted as /, /usr, /var, /boot, /home or below /boot
};

class MountTable {
public:
    virtual ~MountTable() = default;
    // Mounts on USB storage now. Where a file system is mounted is never told, only whether the machine runs from it (P2).
    [[nodiscard]] virtual Result<std::vector<UsbMount>> mounts() = 0;
    // Calls `changed` on a thread of its own after every mount or unmount, until unwatch() returns.
    [[nodiscard]] virtual Result<void> watch(std::function<void()> changed) = 0;
    virtual void unwatch() = 0;
};

}  // namespace sallyport::agent
