// SPDX-License-Identifier: Apache-2.0
//
// The USB bus through libusb's hotplug events (udev underneath). Serial numbers and interface names are taken
// from sysfs, where the kernel has put them already; only where they are missing the device is opened and
// asked.
#pragma once

#include <memory>

namespace sallyport::agent {

class UsbBus;

[[nodiscard]] std::unique_ptr<UsbBus> make_libusb_bus();

}  // namespace sallyport::agent
