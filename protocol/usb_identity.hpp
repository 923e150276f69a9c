// SPDX-License-Identifier: Apache-2.0
//
// How a USB device is named without its serial number leaving the terminal, and how much such a name is worth.
//
//     serial_hash = SHA-256( vid ":" pid ":" serial )
//
// vid and pid are four lower-case hex digits each, serial is the device's serial string as UTF-8, unchanged and without an
// end mark; a device that has none gives an empty serial, so that all such devices of one model share one hash. Example:
// `0781:5581:4C530001` . The `media` register is filled with the same form; a change here orphans it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport {

// Four lower-case hex digits, as in the events' vid and pid.
[[nodiscard]] std::string usb_id(std::uint16_t number);

// 64 lower-case hex digits.
[[nodiscard]] std::string device_hash(std::uint16_t vid, std::uint16_t pid, std::string_view serial);

// Many cheap sticks share a serial number, or have none: what such a number names is a model, and whoever allows it allows
// every stick of that model. False for what no maker gives to one device alone: nothing, fewer than six letters and digits,
// one or two of them repeated, the alphabet or the numbers in order, characters that are not printable ASCII. The
// mass-storage class asks for twelve digits (Bulk-Only Transport 1.0 section 4.1.1); six is what honest other devices have.
[[nodiscard]] bool names_one_device(std::string_view serial);

}  // namespace sallyport
