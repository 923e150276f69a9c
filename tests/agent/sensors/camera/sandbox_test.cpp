// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/sandbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace sallyport::camera {
namespace {

constexpr int kOutlet = 3;

// In a child: the filter cannot be taken off again. The exit code names the first door found open.
int doors_left_open(const Doors& doors) {
    const int inherited = ::open("/dev/null", O_WRONLY);
    const int kept = ::open("/dev/null", O_RDWR);
    if (!enter_sandbox(doors))
        return 1;
    if (::socket(AF_INET, SOCK_STREAM, 0) >= 0 || ::socket(AF_UNIX, SOCK_DGRAM, 0) >= 0)
        return 2;
    if (::open("/tmp/sallyport-sandbox-test", O_CREAT | O_WRONLY, 0600) >= 0 || ::open("/dev/null", O_RDWR) >= 0)
        return 3;
    // What was open stays open, but takes nothing any more.
    if (::write(inherited, "x", 1) >= 0 || ::write(2, "x", 1) >= 0 || ::pwrite(kept, "x", 1, 0) >= 0)
        return 4;
    if (::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, kept, 0) != MAP_FAILED || ::fork() >= 0)
        return 5;
    char* const arguments[] = {const_cast<char*>("/bin/true"), nullptr};
    if (::execv(arguments[0], arguments) == 0 || ::kill(::getppid(), 0) == 0)
        return 6;
    if (::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        return 7;
    if ((::open("/proc/self/status", O_RDONLY) >= 0) != doors.reads_files)
        return 8;
    const std::string report(doors.bytes_max + 1, 'x');
    if (::write(doors.outlet, report.data(), doors.bytes_max) != static_cast<ssize_t>(doors.bytes_max))
        return 9;
    return ::write(doors.outlet, report.data(), doors.bytes_max + 1) < 0 ? 0 : 10;
}

int tried_with(Doors doors) {
    doors.outlet = ::dup(::open("/dev/null", O_WRONLY));
    return doors_left_open(doors);
}

// Not _exit(): before a call that does not return the address sanitizer looks at its signal stack, which is refused here.
void leave(int status) {
    ::syscall(SYS_exit_group, status);
}

TEST(Sandbox, GivenItIsEnteredWhenEveryWayOutIsTriedThenOneIsOpenForOneReport) {
    EXPECT_EXIT(leave(tried_with({kOutlet, 32, false})), ::testing::ExitedWithCode(0), "");
}

TEST(Sandbox, GivenAFolderOfPicturesWhenItIsEnteredThenFilesAreOnlyRead) {
    EXPECT_EXIT(leave(tried_with({kOutlet, 1024, true})), ::testing::ExitedWithCode(0), "");
}

TEST(Sandbox, GivenItIsEnteredWhenItIsKilledByASignalThenNoCoreIsLeft) {
    int ready[2], held[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(held), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(held[1]);
        if (!enter_sandbox({ready[1], 1, false}) || ::write(ready[1], "x", 1) != 1)
            ::_exit(1);
        char byte = 0;
        (void)!::read(held[0], &byte, 1);  // until the test ends or kills it
        ::_exit(2);
    }
    ::close(ready[1]);
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    ASSERT_EQ(::kill(child, SIGQUIT), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(WCOREDUMP(status));
    for (const int end : {ready[0], held[0], held[1]})
        ::close(end);
}

}  // namespace
}  // namespace sallyport::camera
