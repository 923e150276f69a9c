// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/device_hash.hpp"

#include <array>

#include "protocol/crypto.hpp"

namespace sallyport::agent {

std::string usb_id(std::uint16_t number) {
    const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(number >> 8),
                                            static_cast<std::uint8_t>(number & 0xff)};
    return to_hex(bytes);
}

std::string device_hash(std::uint16_t vid, std::uint16_t pid, std::string_view serial) {
    const std::string named = usb_id(vid) + ":" + usb_id(pid) + ":";
    return to_hex(sha256(bytes_of(named), bytes_of(serial)));
}

}  // namespace sallyport::agent
