// SPDX-License-Identifier: Apache-2.0
//
// How much was written to each disk on the USB bus, in the sensor's own words. The one implementation reads sysfs
// (linux_write_counters.cpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agent/sensors/usb/usb_bus.hpp"

namespace sallyport::agent {

struct WriteReading {
    UsbAddress device;      // the USB device that the disk is
    std::string disk;       // the kernel's name, `sdb`; a card reader has several
    std::uint64_t bytes = 0;  // since the disk appeared
};

class WriteCounters {
public:
    virtual ~WriteCounters() = default;
    // All disks on the USB bus now. What cannot be read is left out: a disk may be pulled at any time.
    [[nodiscard]] virtual std::vector<WriteReading> read() = 0;
};

// /sys/block/*/stat (Documentation/block/stat.rst).
[[nodiscard]] std::unique_ptr<WriteCounters> make_linux_write_counters(std::filesystem::path sysfs = "/sys");

}  // namespace sallyport::agent
