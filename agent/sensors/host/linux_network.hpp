// SPDX-License-Identifier: Apache-2.0
//
// Links and addresses from libc (getifaddrs(3)), what kind a link is from /sys/class/net, its gateway from /proc/net/route, the
// name of a wireless network from the kernel (SIOCGIWESSID). Below another root than "/" there is no SSID.
//
// wifi, cellular (wwan), vpn (tun, tap, WireGuard, PPP) and tether (a phone: RNDIS, iPhone, Bluetooth) are told by driver and
// device type; a bridge, bond or VLAN counts as what is below it; loopback and what has nothing below it are none.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::agent {

class NetworkFacts;

[[nodiscard]] std::unique_ptr<NetworkFacts> make_linux_network(std::filesystem::path root = "/");

// The if_type of that interface; nothing where it leads nowhere.
[[nodiscard]] std::optional<std::string_view> link_kind(const std::filesystem::path& root, const std::string& name);

}  // namespace sallyport::agent
