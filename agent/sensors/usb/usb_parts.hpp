// SPDX-License-Identifier: Apache-2.0
//
// What the USB sensor stands on; tests put in their own.
#pragma once

#include <memory>

#include "agent/sensors/usb/mount_table.hpp"
#include "agent/sensors/usb/usb_bus.hpp"
#include "agent/sensors/usb/usb_guard.hpp"
#include "agent/sensors/usb/write_counters.hpp"

namespace sallyport::agent {

struct UsbParts {
    std::unique_ptr<UsbBus> bus;
    std::unique_ptr<MountTable> mounts;
    std::unique_ptr<WriteCounters> writes;
    std::unique_ptr<UsbGuard> guard = nullptr;  // nullptr: nothing is blocked
};

}  // namespace sallyport::agent
