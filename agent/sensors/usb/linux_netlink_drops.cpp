// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/linux_netlink_drops.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

namespace sallyport::agent {
namespace {

constexpr int kKobjectUevent = 15;  // NETLINK_KOBJECT_UEVENT, linux/netlink.h
constexpr std::string_view kSocket = "socket:[";

std::set<std::uint64_t> own_sockets(const std::filesystem::path& proc) {
    std::set<std::uint64_t> inodes;
    std::error_code failed;
    for (std::filesystem::directory_iterator at(proc / "self/fd", failed), end; !failed && at != end;
         at.increment(failed)) {
        std::error_code gone;
        const std::string target = std::filesystem::read_symlink(at->path(), gone).string();
        std::uint64_t inode = 0;
        if (gone || !target.starts_with(kSocket)) continue;
        std::from_chars(target.data() + kSocket.size(), target.data() + target.size(), inode);
        inodes.insert(inode);
    }
    return inodes;
}

}  // namespace

// sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
std::uint64_t uevent_drops_in(const std::string& table, const std::set<std::uint64_t>& inodes) {
    std::istringstream lines(table);
    std::uint64_t sum = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string address, port, groups, received, sent, dump, locks;
        int protocol = 0;
        std::uint64_t drops = 0, inode = 0;
        if (words >> address >> protocol >> port >> groups >> received >> sent >> dump >> locks >> drops >> inode)
            if (protocol == kKobjectUevent && inodes.contains(inode)) sum += drops;
    }
    return sum;
}

std::uint64_t uevent_drops(const std::filesystem::path& proc) {
    std::ifstream file(proc / "net/netlink");
    std::ostringstream table;
    table << file.rdbuf();
    return file ? uevent_drops_in(table.str(), own_sockets(proc)) : 0;
}

}  // namespace sallyport::agent
