// SPDX-License-Identifier: Apache-2.0
//
// The node itself, asked of the kernel: any file serves, for open and close are the same for all.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "agent/sensors/camera/process/video_device.hpp"

namespace sallyport::camera {
namespace {

using namespace std::chrono_literals;

class VideoNode : public ::testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder_);
        std::ofstream(node_) << "x";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("video-node." + std::to_string(::getpid()));
    const std::filesystem::path node_ = folder_ / "video0";
};

// anchors.md C5: watch the device node, not a media server.
TEST_F(VideoNode, GivenAProgramThatClosesTheNodeWhenWeWaitForItThenTheKernelTells) {
    std::atomic<bool> told = false;
    std::jthread other([&] {
        while (!told) {
            ::close(::open(node_.c_str(), O_RDONLY));
            std::this_thread::yield();
        }
    });
    const auto began = std::chrono::steady_clock::now();
    await_video_change(node_.string(), 60s);
    told = true;
    EXPECT_LT(std::chrono::steady_clock::now() - began, 60s);
}

// anchors.md C5: sample the owner at the event.
TEST_F(VideoNode, GivenAProgramThatHoldsTheNodeWhenAskedThenItIsNamed) {
    EXPECT_EQ(holders_of(node_.string()), "");
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const int held = ::open(node_.c_str(), O_RDONLY);
        (void)!::write(ready[1], &held, 1);
        ::pause();
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    const std::string holders = holders_of(node_.string());
    EXPECT_NE(holders.find("pid " + std::to_string(child)), std::string::npos) << holders;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
}

// A file in a camera's place is no camera.
TEST_F(VideoNode, GivenAFileWhenItIsOpenedAsACameraThenItIsTheWorkOfSoftware) {
    const auto device = video_nodes()->open(node_.string());
    ASSERT_TRUE(device);
    EXPECT_TRUE((*device)->made_by_software());
    EXPECT_EQ(video_nodes()->open((folder_ / "video1").string()).error().code(), Errc::unavailable);
}

}  // namespace
}  // namespace sallyport::camera
