// SPDX-License-Identifier: Apache-2.0
//
// A device as the events tell it (protocol/catalogue.cpp, kUsbDevice).
#pragma once

#include <map>

#include "agent/sensors/usb/usb_bus.hpp"
#include "protocol/value.hpp"

namespace sallyport::agent {

using KnownDevices = std::map<UsbAddress, UsbDevice>;

// `1-2.4` hangs on `1-2`, `1-2` on `usb1`; a root hub on nothing.
[[nodiscard]] std::string parent_port(const std::string& port);

// `known`: what else is on the bus: the hub above it is evidence, and so is another device with the same serial, which
// makes that serial a model's.
[[nodiscard]] Record describe(const UsbDevice& device, const KnownDevices& known);

}  // namespace sallyport::agent
