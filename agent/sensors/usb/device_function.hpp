// SPDX-License-Identifier: Apache-2.0
//
// What each interface of a device is, in words: class numbers are hard to read, and a composite device is judged by each
// of its interfaces and not by the first one. Codes: USB-IF "Defined Class Codes".
#pragma once

#include <string_view>
#include <vector>

#include "agent/sensors/usb/usb_bus.hpp"

namespace sallyport::agent {

// `storage`, `keyboard`, `mouse`, `hid`, `network`, `mtp`, `audio`, `video`, `printer`, `smartcard`, ...; `vendor` for a
// class of the maker's own, `other` for what is not defined.
[[nodiscard]] std::string_view function_name(const UsbInterface& interface);

// Each different one, in the device's order.
[[nodiscard]] std::vector<std::string_view> function_names(const UsbDevice& device);

// Whether it is more than one kind of device at once. Keyboard, mouse and their extra keys are one kind.
[[nodiscard]] bool is_composite(const UsbDevice& device);

}  // namespace sallyport::agent
