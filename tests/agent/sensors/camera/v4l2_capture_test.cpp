// SPDX-License-Identifier: Apache-2.0
//
// The camera's adapter against a kernel's side of our own: only the device is imitated, at the line of the calls.
#include "agent/sensors/camera/process/v4l2_capture.hpp"

#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include <cerrno>
#include <cstring>
#include <map>

namespace sallyport::camera {
namespace {

struct FakeCamera {
    std::string driver = "uvcvideo";
    std::string bus = "usb-0000:00:14.0-2";
    std::uint32_t caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    bool virtual_device = false;
    bool streams_to_other = false;
    bool offers_yuyv = true;
    bool shutter = false;
    bool has_shutter = true;
    bool silent = false;
    bool gone = false;
    int opened = 0, streaming = 0;
    std::uint32_t bytes_used = 1000;
    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(1000, 7);
};

template <std::size_t N>
void put(__u8 (&field)[N], const std::string& text) {
    std::memcpy(field, text.data(), std::min(N - 1, text.size()));
}

class FakeDevice final : public VideoDevice {
public:
    explicit FakeDevice(FakeCamera& camera) : camera_(camera) { ++camera_.opened; }
    ~FakeDevice() override { --camera_.opened; }

    int control(unsigned long request, void* argument) override {
        if (camera_.gone)
            return ENODEV;
        switch (request) {
            case VIDIOC_QUERYCAP: {
                auto& answer = *static_cast<v4l2_capability*>(argument);
                put(answer.driver, camera_.driver);
                put(answer.bus_info, camera_.bus);
                answer.capabilities = V4L2_CAP_DEVICE_CAPS;
                answer.device_caps = camera_.caps;
                return 0;
            }
            case VIDIOC_S_FMT: {
                if (camera_.streams_to_other)
                    return EBUSY;
                auto& pixels = static_cast<v4l2_format*>(argument)->fmt.pix;
                if (!camera_.offers_yuyv)
                    pixels.pixelformat = V4L2_PIX_FMT_MJPEG;
                return 0;
            }
            case VIDIOC_QUERYBUF: static_cast<v4l2_buffer*>(argument)->length = 1000; return 0;
            case VIDIOC_STREAMON: ++camera_.streaming; return 0;
            case VIDIOC_STREAMOFF: camera_.streaming = 0; return 0;
            case VIDIOC_DQBUF: static_cast<v4l2_buffer*>(argument)->bytesused = camera_.bytes_used; return 0;
            case VIDIOC_G_CTRL:
                static_cast<v4l2_control*>(argument)->value = camera_.shutter ? 1 : 0;
                return camera_.has_shutter ? 0 : EINVAL;
            default: return 0;
        }
    }
    const std::uint8_t* map(std::size_t, std::uint32_t) override { return camera_.memory.data(); }
    bool wait(std::chrono::milliseconds) override { return !camera_.silent; }
    bool made_by_software() const override { return camera_.virtual_device; }

private:
    FakeCamera& camera_;
};

class FakeNodes final : public VideoNodes {
public:
    Result<std::unique_ptr<VideoDevice>> open(const std::string& node) const override {
        const auto found = cameras.find(node);
        if (found == cameras.end())
            return Error(Errc::unavailable, node + ": no such device");
        return std::unique_ptr<VideoDevice>(std::make_unique<FakeDevice>(found->second));
    }
    std::vector<std::string> list() const override {
        std::vector<std::string> nodes;
        for (const auto& [node, camera] : cameras)
            nodes.push_back(node);
        return nodes;
    }
    mutable std::map<std::string, FakeCamera> cameras;
};

class V4l2CaptureTest : public ::testing::Test {
protected:
    auto open(const std::string& where = "/dev/video0") { return open_v4l2_capture(nodes_, where, 5); }
    Errc refusal(const std::string& where = "/dev/video0") {
        auto opened = open(where);
        EXPECT_FALSE(opened);
        return opened ? Errc::internal : opened.error().code();
    }

    FakeNodes nodes_;
    FakeCamera& camera_ = nodes_.cameras["/dev/video0"];
};

TEST_F(V4l2CaptureTest, GivenACameraWhenItSendsPicturesThenTheyAreTakenAndItIsClosedAfterwards) {
    {
        auto source = open();
        ASSERT_TRUE(source) << source.error().message();
        const auto next = (*source)->next();
        ASSERT_TRUE(next);
        EXPECT_FALSE(next->ended);
        EXPECT_EQ(next->frame.bytes, camera_.memory);
        EXPECT_EQ(next->frame.format, PixelFormat::yuyv);
        EXPECT_TRUE((*source)->is_sensor());
    }
    EXPECT_EQ(camera_.opened, 0);
    EXPECT_EQ(camera_.streaming, 0);
}

TEST_F(V4l2CaptureTest, GivenACameraWithoutYuyvWhenOpenedThenItsJpegsAreTaken) {
    camera_.offers_yuyv = false;
    auto source = open();
    ASSERT_TRUE(source);
    EXPECT_EQ((*source)->next()->frame.format, PixelFormat::jpeg);
}

// anchors.md C5: streaming state, not open state.
TEST_F(V4l2CaptureTest, GivenAnotherProgramWhenItHasTheNodeOpenThenNothingIsWrongUntilItStreams) {
    const auto bystander = nodes_.open("/dev/video0");
    EXPECT_TRUE(open());
    camera_.streams_to_other = true;
    EXPECT_EQ(refusal(), Errc::conflict);
    camera_.streams_to_other = false;
    EXPECT_TRUE(open());
}

// anchors.md C5: the first video node may be a loopback, not a camera.
TEST_F(V4l2CaptureTest, GivenAVirtualCameraWhenOpenedThenItIsAFindingAndNoSource) {
    camera_.virtual_device = true;
    EXPECT_EQ(refusal(), Errc::refused);
    camera_.virtual_device = false;
    camera_.driver = "vivid";
    EXPECT_EQ(refusal(), Errc::refused);
    EXPECT_EQ(camera_.streaming, 0);
}

TEST_F(V4l2CaptureTest, GivenALoopbackAsFirstNodeWhenTheCameraIsNamedByItsPortThenThatOneIsOpened) {
    camera_.driver = "v4l2 loopback";
    camera_.bus = "platform:v4l2loopback-000";
    nodes_.cameras["/dev/video1"].caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;  // the real one's metadata node
    nodes_.cameras["/dev/video2"];
    const auto source = open("usb-0000:00:14.0-2");
    ASSERT_TRUE(source) << source.error().message();
    EXPECT_EQ(nodes_.cameras["/dev/video2"].streaming, 1);
    EXPECT_EQ(camera_.opened + nodes_.cameras["/dev/video1"].opened, 0);
    EXPECT_EQ(refusal("usb-0000:00:14.0-7"), Errc::unavailable);
}

TEST_F(V4l2CaptureTest, GivenANodeThatTakesNoPicturesWhenOpenedThenThereIsNoCamera) {
    camera_.caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;
    EXPECT_EQ(refusal(), Errc::unavailable);
    EXPECT_EQ(refusal("/dev/video9"), Errc::unavailable);
}

TEST_F(V4l2CaptureTest, GivenACameraWhenItGoesAwayOrFallsSilentThenItIsLost) {
    auto source = open();
    ASSERT_TRUE(source);
    camera_.silent = true;
    EXPECT_EQ((*source)->next()->end, SourceEnd::lost);
    camera_.silent = false;
    camera_.gone = true;
    const auto next = (*source)->next();
    EXPECT_TRUE(next->ended);
    EXPECT_EQ(next->end, SourceEnd::lost);
}

TEST_F(V4l2CaptureTest, GivenAPrivacyShutterWhenItIsClosedThenTheCameraSaysSo) {
    auto source = open();
    ASSERT_TRUE(source);
    EXPECT_FALSE((*source)->shutter_closed());
    camera_.shutter = true;
    EXPECT_TRUE((*source)->shutter_closed());
    camera_.has_shutter = false;
    EXPECT_FALSE((*source)->shutter_closed());
}

TEST_F(V4l2CaptureTest, GivenADeviceThatClaimsMoreThanItMappedWhenReadThenItIsLostAndNothingIsOverrun) {
    auto source = open();
    ASSERT_TRUE(source);
    camera_.bytes_used = 5000;
    EXPECT_TRUE((*source)->next()->ended);
}

}  // namespace
}  // namespace sallyport::camera
