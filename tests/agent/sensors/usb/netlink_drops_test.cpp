// SPDX-License-Identifier: Apache-2.0
//
// That the kernel's own count of dropped device messages is read, on a real socket whose buffer runs over.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/netlink.h>

#include <cstring>

#include "agent/sensors/usb/linux_netlink_drops.hpp"

namespace sallyport::agent {
namespace {

TEST(NetlinkDrops, GivenTheKernelsTableWhenReadThenOnlyOurOwnDeviceSocketsCount) {
    const std::string table =
        "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
        "0000000000000000 15  4711       00000002 0        0        0     2        7        111\n"
        "0000000000000000 15  4712       00000002 0        0        0     2        5        222\n"
        "0000000000000000 0   4711       00000000 0        0        0     2        9        111\n"
        "broken line\n"
        "0000000000000000 15  4711       00000002 0        0        0     2        1        333\n";
    EXPECT_EQ(uevent_drops_in(table, {111, 333}), 8u);
    EXPECT_EQ(uevent_drops_in(table, {}), 0u);
    EXPECT_EQ(uevent_drops_in("", {111}), 0u);
}

int listener(int buffer) {
    const int one = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    sockaddr_nl at{};
    at.nl_family = AF_NETLINK;
    at.nl_groups = 2;  // udev's
    setsockopt(one, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    return bind(one, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 ? one : -1;
}

// In a network name space of its own, so that no other listener hears it. 0 dropped and counted, 1 not, 2 not allowed.
int overrun() {
    if (unshare(CLONE_NEWNET) != 0) return 2;
    const int in = listener(2048), out = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    sockaddr_nl to{};
    to.nl_family = AF_NETLINK;
    to.nl_groups = 2;
    const char message[512] = "libudev";
    if (in < 0 || out < 0 || uevent_drops() != 0) return 1;
    for (int at = 0; at < 64; ++at)
        if (sendto(out, message, sizeof message, 0, reinterpret_cast<sockaddr*>(&to), sizeof to) < 0 && errno == EPERM)
            return 2;
    return uevent_drops() > 0 ? 0 : 1;
}

TEST(NetlinkDrops, GivenASocketThatIsNotReadWhenItsBufferRunsOverThenTheKernelsCountIsSeen) {
    const pid_t child = fork();
    if (child == 0) _exit(overrun());
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2) GTEST_SKIP() << "SKIPPED: a network name space of one's own needs root";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace sallyport::agent
