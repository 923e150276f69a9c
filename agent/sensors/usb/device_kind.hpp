// SPDX-License-Identifier: Apache-2.0
//
// What a device can do, from its interfaces' class codes alone: what it calls itself is not believed, nor
// kept. Codes: USB-IF "Defined Class Codes"; HID 1.11 section 4.2; CDC 1.2 section 4.3; PIMA 15740 (still
// image).
#pragma once

#include <string>
#include <vector>

#include "agent/sensors/usb/usb_bus.hpp"

namespace sallyport::agent {

struct DeviceKind {
    bool storage = false;
    bool hid = false;
    bool keyboard = false;  // an interface that speaks the boot protocol of keyboards
    bool net = false;
    bool mtp = false;
};

[[nodiscard]] DeviceKind kind_of(const UsbDevice& device);

// `08:06:50` for each different triple, in the device's order, at most 32 (the flags above look at all of
// them).
[[nodiscard]] std::vector<std::string> class_names(const UsbDevice& device);

}  // namespace sallyport::agent
