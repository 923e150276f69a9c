// SPDX-License-Identifier: Apache-2.0
//
// How many device messages the kernel dropped because this process did not read fast enough (ENOBUFS, netlink(7)).
// libusb and libudev own the socket and keep that to themselves; the kernel counts it in /proc/net/netlink.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

namespace sallyport::agent {

// The sum of `Drops` over the NETLINK_KOBJECT_UEVENT sockets with these inodes, in a table as /proc/net/netlink.
[[nodiscard]] std::uint64_t uevent_drops_in(const std::string& table, const std::set<std::uint64_t>& inodes);

// Over this process's own sockets, as of now; 0 where the kernel does not tell. Costs as many reads as there are open
// descriptors. Any thread.
[[nodiscard]] std::uint64_t uevent_drops(const std::filesystem::path& proc = "/proc");

}  // namespace sallyport::agent
