// SPDX-License-Identifier: Apache-2.0
//
// A device's descriptors as the kernel shows them in one file (/sys/bus/usb/devices/*/descriptors), and the hash by which
// USBGuard knows the device. They are what is left of a device that is held: it has no interfaces then (USB 2.0 chapter 9).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/result.hpp"
#include "protocol/usbguard/rule.hpp"

namespace sallyport::usbguard {

struct Descriptor {
    std::uint8_t type = 0;
    Bytes bytes;  // with its header
};

// Refused, as by USBGuard: a length that does not fit the type or the chain, bytes left over, an interface outside a
// configuration, an endpoint outside an interface, two devices.
[[nodiscard]] Result<std::vector<Descriptor>> read_descriptors(ByteView chain);

// Of all configurations and settings, in their order.
[[nodiscard]] std::vector<InterfaceType> interfaces_in(const std::vector<Descriptor>& descriptors);

// Keyboards, mice and the like, and nothing beside: what may be freed when nobody decides any more. None: no.
[[nodiscard]] bool is_input_only(const std::vector<InterfaceType>& interfaces);

// base64(SHA-256(name, vendor, product, serial, descriptors)): vendor and product are four small hex digits each.
[[nodiscard]] std::string device_hash(std::string_view name, std::uint16_t vid, std::uint16_t pid, std::string_view serial,
                                      ByteView descriptors);

}  // namespace sallyport::usbguard
