// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

namespace sallyport::camera {
namespace {

// In a child: the filter cannot be taken off again. The exit code names the first door found open.
int doors_left_open() {
    if (!enter_sandbox())
        return 1;
    if (::socket(AF_INET, SOCK_STREAM, 0) >= 0 || ::socket(AF_UNIX, SOCK_DGRAM, 0) >= 0)
        return 2;
    if (::open("/tmp/sallyport-sandbox-test", O_CREAT | O_WRONLY, 0600) >= 0)
        return 3;
    if (::open("/dev/null", O_RDWR) >= 0)
        return 4;
    if (std::ofstream("/tmp/sallyport-sandbox-test"))
        return 5;
    char* const arguments[] = {const_cast<char*>("/bin/true"), nullptr};
    if (::execv(arguments[0], arguments) == 0)
        return 6;
    rlimit core{};
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0)
        return 7;
    if (::open("/proc/self/status", O_RDONLY) < 0)
        return 8;  // reading is still possible
    return 0;
}

TEST(Sandbox, GivenItIsEnteredWhenEveryWayOutIsTriedThenNoneIsOpen) {
    EXPECT_EXIT(::_exit(doors_left_open()), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sallyport::camera
