// SPDX-License-Identifier: Apache-2.0
//
// That no picture can leave the camera process, asked of the kernel: every byte it writes, every descriptor and mapping
// it holds, what a crash leaves behind. docs/formats/camera.md states the same for people who read no code.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/sensors/camera/camera_process.hpp"
#include "tests/agent/sensors/camera/stage/camera_program.hpp"
#include "tests/agent/sensors/camera/stage/drawn_clip.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// A pattern that occurs nowhere else: blocks of 16 pixels, each of one grey, so that JPEG keeps them exactly.
cv::Mat pattern() {
    cv::Mat stamp(64, 256, CV_8UC3);
    for (int x = 0; x < 256; x += 16)
        stamp(cv::Rect(x, 0, 16, 64)).setTo(cv::Scalar::all(23 + (x / 16 * 89) % 211));
    return stamp;
}

// The pattern's middle as it lies in memory, in colour and in grey, whole and halved.
std::vector<std::string> traces_of(const cv::Mat& stamp) {
    std::vector<std::string> traces;
    for (const int repeats : {48, 24, 16, 8, 4}) {
        std::string trace;
        for (int x = 64; x < 192; x += 16)
            trace += std::string(static_cast<std::size_t>(repeats), static_cast<char>(stamp.at<cv::Vec3b>(0, x)[0]));
        traces.push_back(trace);
    }
    return traces;
}

class NoPixelLeaves : public ::testing::Test {
protected:
    void SetUp() override {
        if (::getuid() != 0)
            GTEST_SKIP() << "SKIPPED: only root can look into the camera process";
        fs::create_directories(folder_);
        previous_ = fs::current_path();
        fs::current_path(folder_);  // where a core would be
        camera::stage::write_drawn_clip(clip_, 60, stamp_);
        auto process = start_camera_process({SALLYPORT_CAMERA, "--source", "mjpeg:" + clip_.string(), "--socket", "3",
                                             "--model", camera::stage::kModel.string()});
        ASSERT_TRUE(process) << process.error().message();
        process_ = std::move(process).value();
        await_report();  // it has looked at pictures: the sandbox is closed
    }
    void TearDown() override {
        process_.reset();
        if (!previous_.empty())
            fs::current_path(previous_);
        fs::remove_all(folder_);
    }

    bool await_report() {
        auto report = process_->read(20s);
        if (!report || !*report)
            return false;
        messages_.push_back(camera::encode(**report));
        return true;
    }

    // The one child of ours that runs the camera's program.
    fs::path child() const {
        for (const auto& entry : fs::directory_iterator("/proc")) {
            const std::string status = content_of(entry.path() / "status");
            if (status.find("PPid:\t" + std::to_string(::getpid()) + "\n") != std::string::npos &&
                status.starts_with("Name:\tsallyport-camer"))
                return entry.path();
        }
        return {};
    }

    std::uint64_t bytes_written() const {
        std::istringstream io(content_of(child() / "io"));
        std::string name;
        for (std::uint64_t value = 0; io >> name >> value;)
            if (name == "wchar:")
                return value;
        return 0;
    }

    const cv::Mat stamp_ = pattern();
    const fs::path folder_ = fs::temp_directory_path() / ("no-pixel." + std::to_string(::getpid()));
    const fs::path clip_ = folder_ / "clip.mjpeg";
    fs::path previous_;
    std::unique_ptr<CameraProcess> process_;
    std::vector<camera::Message> messages_;
};

TEST_F(NoPixelLeaves, GivenAPatternWhenItIsWatchedThenTheKernelCountedNothingBesideTheReports) {
    const auto before = bytes_written();
    std::size_t reports = 0;
    while (reports < 1 && await_report())
        ++reports;
    EXPECT_EQ(bytes_written() - before, reports * camera::kMessageBytes);
    std::string told;
    for (const auto& message : messages_)
        told.append(message.begin(), message.end());
    for (const auto& trace : traces_of(stamp_))
        EXPECT_EQ(told.find(trace.substr(0, 16)), std::string::npos);
}

TEST_F(NoPixelLeaves, GivenTheProcessWhenItsDescriptorsAreListedThenOneLeadsOutAndNoneToAFile) {
    std::vector<std::string> ways;
    for (const auto& entry : fs::directory_iterator(child() / "fd"))
        ways.push_back(fs::read_symlink(entry.path()).string());
    std::sort(ways.begin(), ways.end());
    ASSERT_EQ(ways.size(), 5U) << ::testing::PrintToString(ways);
    EXPECT_EQ(std::count(ways.begin(), ways.end(), "/dev/null"), 3);
    EXPECT_EQ(std::count(ways.begin(), ways.end(), clip_.string()), 1);
    EXPECT_EQ(std::count_if(ways.begin(), ways.end(), [](const auto& way) { return way.starts_with("socket:"); }), 1);
}

TEST_F(NoPixelLeaves, GivenTheProcessWhenItsMemoryIsListedThenNoneOfItIsSharedForWriting) {
    std::istringstream maps(content_of(child() / "maps"));
    std::string line;
    std::size_t lines = 0;
    for (; std::getline(maps, line); ++lines)
        EXPECT_EQ(line.find("rw-s"), std::string::npos) << line;
    EXPECT_GT(lines, 20U);
}

TEST_F(NoPixelLeaves, GivenTheProcessWhenItsRightsAreReadThenItIsConfined) {
    const std::string status = content_of(child() / "status");
    EXPECT_NE(status.find("Seccomp:\t2\n"), std::string::npos);
    EXPECT_NE(status.find("NoNewPrivs:\t1\n"), std::string::npos);
    EXPECT_NE(content_of(child() / "limits").find("Max core file size        0                    0"),
              std::string::npos);
}

TEST_F(NoPixelLeaves, GivenACrashWhenItIsOverThenNothingIsLeftOfThePicture) {
    const auto process = std::stoi(child().filename().string());
    ASSERT_EQ(::kill(process, SIGABRT), 0);
    for (;;) {
        auto report = process_->read(20s);
        if (!report)
            break;
        ASSERT_TRUE(*report) << "the process did not end";
    }
    process_.reset();
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
        if (entry.path() == clip_)
            continue;
        ADD_FAILURE() << entry.path() << " was left behind";
    }
}

// That the search would find the pattern if it were there.
TEST_F(NoPixelLeaves, GivenThePictureItselfWhenItIsSearchedThenTheTraceIsFound) {
    cv::Mat shown;
    cv::resize(stamp_, shown, stamp_.size());
    const std::string pixels(reinterpret_cast<const char*>(shown.ptr(8)), static_cast<std::size_t>(shown.cols) * 3);
    EXPECT_NE(pixels.find(traces_of(stamp_).front()), std::string::npos);
}

}  // namespace
}  // namespace sallyport::agent
