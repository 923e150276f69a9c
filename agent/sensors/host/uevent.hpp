// SPDX-License-Identifier: Apache-2.0
//
// A message of the kernel about a device (NETLINK_KOBJECT_UEVENT): `add@/devices/...` and then NAME=VALUE, each ended by a zero.
// Pure.
#pragma once

#include <optional>
#include <string_view>

namespace sallyport::agent {

// Which kind of device it is about; nothing when the message does not say. A part of the message.
[[nodiscard]] constexpr std::optional<std::string_view> subsystem_of(std::string_view message) {
    constexpr std::string_view kName("\0SUBSYSTEM=", 11);
    const auto at = message.find(kName);
    if (at == std::string_view::npos) return std::nullopt;
    const auto subsystem = message.substr(at + kName.size());
    return subsystem.substr(0, subsystem.find('\0'));
}

}  // namespace sallyport::agent
