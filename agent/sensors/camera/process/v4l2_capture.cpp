// SPDX-License-Identifier: Apache-2.0
//
// A real camera through V4L2, without OpenCV's videoio: five pictures a second, two to four mapped buffers, time-outs
// and error codes that videoio hides. YUYV when the camera offers it (decoding is then nearly free), else MJPEG.
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "agent/sensors/camera/process/frame_source.hpp"

namespace sallyport::camera {
namespace {

constexpr std::uint32_t kWidth = 640;
constexpr std::uint32_t kHeight = 480;
constexpr int kSilenceMs = 2000;
constexpr std::uint32_t kBuffers = 4;

int retried_ioctl(int device, unsigned long request, void* argument) {
    int result = -1;
    do
        result = ::ioctl(device, request, argument);
    while (result == -1 && errno == EINTR);
    return result;
}

class V4l2Capture final : public FrameSource {
public:
    explicit V4l2Capture(int device) : device_(device) {}

    ~V4l2Capture() override {
        int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        retried_ioctl(device_, VIDIOC_STREAMOFF, &type);
        for (const Mapping& mapping : mappings_)
            if (mapping.start != nullptr)
                ::munmap(mapping.start, mapping.length);
        ::close(device_);
    }

    Result<void> start(int frames_per_second) {
        if (!set_format(V4L2_PIX_FMT_YUYV) && !set_format(V4L2_PIX_FMT_MJPEG))
            return failure("offers neither YUYV nor MJPEG");
        v4l2_streamparm rate{};
        rate.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        rate.parm.capture.timeperframe = {1, static_cast<std::uint32_t>(frames_per_second)};
        retried_ioctl(device_, VIDIOC_S_PARM, &rate);  // a camera may not let itself be slowed down; then we skip
        if (auto mapped = map_buffers(); !mapped)
            return mapped;
        int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        if (retried_ioctl(device_, VIDIOC_STREAMON, &type) != 0)
            return failure("cannot start streaming");
        return {};
    }

    Result<FrameOrEnd> next() override {
        pollfd wait{device_, POLLIN, 0};
        int ready = -1;
        do
            ready = ::poll(&wait, 1, kSilenceMs);
        while (ready == -1 && errno == EINTR);
        v4l2_buffer buffer{};
        buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        buffer.memory = V4L2_MEMORY_MMAP;
        if (ready != 1 || retried_ioctl(device_, VIDIOC_DQBUF, &buffer) != 0)
            return ended(errno == EBUSY && ready == 1 ? SourceEnd::busy : SourceEnd::lost);
        FrameOrEnd out;
        out.frame.format = format_;
        out.frame.width = width_;
        out.frame.height = height_;
        const auto* bytes = static_cast<const std::uint8_t*>(mappings_[buffer.index].start);
        out.frame.bytes.assign(bytes, bytes + buffer.bytesused);
        if (retried_ioctl(device_, VIDIOC_QBUF, &buffer) != 0)
            return ended(SourceEnd::lost);
        return out;
    }

    bool live() const override { return true; }

private:
    struct Mapping {
        void* start = nullptr;
        std::size_t length = 0;
    };

    static FrameOrEnd ended(SourceEnd end) {
        FrameOrEnd out;
        out.ended = true;
        out.end = end;
        return out;
    }

    static Error failure(const std::string& what) {
        return Error(errno == EBUSY ? Errc::conflict : Errc::unavailable,
                     "camera: " + what + ": " + std::generic_category().message(errno));
    }

    bool set_format(std::uint32_t pixel_format) {
        v4l2_format format{};
        format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        format.fmt.pix.width = kWidth;
        format.fmt.pix.height = kHeight;
        format.fmt.pix.pixelformat = pixel_format;
        format.fmt.pix.field = V4L2_FIELD_ANY;
        if (retried_ioctl(device_, VIDIOC_S_FMT, &format) != 0 || format.fmt.pix.pixelformat != pixel_format)
            return false;
        format_ = pixel_format == V4L2_PIX_FMT_YUYV ? PixelFormat::yuyv : PixelFormat::jpeg;
        width_ = static_cast<int>(format.fmt.pix.width);
        height_ = static_cast<int>(format.fmt.pix.height);
        return true;
    }

    Result<void> map_buffers() {
        v4l2_requestbuffers request{};
        request.count = kBuffers;
        request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        request.memory = V4L2_MEMORY_MMAP;
        if (retried_ioctl(device_, VIDIOC_REQBUFS, &request) != 0)
            return failure("gives no buffers");
        for (std::uint32_t i = 0; i < std::min(request.count, kBuffers); ++i) {
            v4l2_buffer buffer{};
            buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
            buffer.memory = V4L2_MEMORY_MMAP;
            buffer.index = i;
            if (retried_ioctl(device_, VIDIOC_QUERYBUF, &buffer) != 0)
                return failure("does not describe its buffers");
            void* start = ::mmap(nullptr, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, device_, buffer.m.offset);
            if (start == MAP_FAILED)
                return failure("buffers cannot be mapped");
            mappings_[i] = {start, buffer.length};
            if (retried_ioctl(device_, VIDIOC_QBUF, &buffer) != 0)
                return failure("takes no buffer");
        }
        return {};
    }

    int device_;
    PixelFormat format_ = PixelFormat::yuyv;
    int width_ = 0;
    int height_ = 0;
    std::array<Mapping, kBuffers> mappings_{};
};

}  // namespace

Result<std::unique_ptr<FrameSource>> open_v4l2_capture(const std::string& device, int frames_per_second) {
    const int descriptor = ::open(device.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return Error(errno == EBUSY ? Errc::conflict : Errc::unavailable,
                     "camera " + device + ": " + std::generic_category().message(errno));
    auto capture = std::make_unique<V4l2Capture>(descriptor);
    if (auto started = capture->start(frames_per_second); !started)
        return started.error().within(device);
    return std::unique_ptr<FrameSource>(std::move(capture));
}

}  // namespace sallyport::camera
