// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/v4l2_capture.hpp"

#include <linux/videodev2.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace sallyport::camera {
namespace {

constexpr std::chrono::milliseconds kSilence{2000};
constexpr std::uint32_t kBuffers = 4;
// Drivers without hardware whose devices are not in the tree of virtual ones.
constexpr std::string_view kSoftwareDrivers[] = {"v4l2 loopback", "vivid", "vimc", "vicodec", "akvcam"};

Error failure(int code, const std::string& what) {
    return Error(code == EBUSY ? Errc::conflict : Errc::unavailable,
                 "camera: " + what + ": " + std::generic_category().message(code));
}

// A fixed field of the kernel's, which ends at the first zero.
template <std::size_t N>
std::string text_of_field(const __u8 (&field)[N]) {
    const auto* end = std::find(std::begin(field), std::end(field), 0);
    return {std::begin(field), end};
}

struct Capability {
    std::string driver;
    std::string bus;
    bool captures = false;
};

std::optional<Capability> capability_of(VideoDevice& device) {
    v4l2_capability answer{};
    if (device.control(VIDIOC_QUERYCAP, &answer) != 0)
        return std::nullopt;
    const std::uint32_t can =
        (answer.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? answer.device_caps : answer.capabilities;
    // A camera's second node carries metadata only.
    constexpr std::uint32_t kNeeded = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    return Capability{text_of_field(answer.driver), text_of_field(answer.bus_info), (can & kNeeded) == kNeeded};
}

class V4l2Capture final : public FrameSource {
public:
    explicit V4l2Capture(std::unique_ptr<VideoDevice> device) : device_(std::move(device)) {}

    ~V4l2Capture() override {
        int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        (void)device_->control(VIDIOC_STREAMOFF, &type);
    }

    Result<void> start(int frames_per_second, PixelSize size) {
        if (auto chosen = choose_format(size); !chosen)
            return chosen;
        v4l2_streamparm rate{};
        rate.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        rate.parm.capture.timeperframe = {1, static_cast<std::uint32_t>(frames_per_second)};
        (void)device_->control(VIDIOC_S_PARM, &rate);  // a camera may not let itself be slowed down; then we skip
        if (auto mapped = map_buffers(); !mapped)
            return mapped;
        int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        if (const int failed = device_->control(VIDIOC_STREAMON, &type))
            return failure(failed, "cannot start streaming");
        return {};
    }

    Result<FrameOrEnd> next() override {
        if (!device_->wait(kSilence))
            return ended(SourceEnd::lost);
        v4l2_buffer buffer = empty_buffer();
        if (const int failed = device_->control(VIDIOC_DQBUF, &buffer))
            return ended(failed == EBUSY ? SourceEnd::busy : SourceEnd::lost);
        if (buffer.index >= mappings_.size() || buffer.bytesused > mappings_[buffer.index].length)
            return ended(SourceEnd::lost);
        FrameOrEnd out;
        out.frame.format = format_;
        out.frame.width = width_;
        out.frame.height = height_;
        const std::uint8_t* bytes = mappings_[buffer.index].start;
        out.frame.bytes.assign(bytes, bytes + buffer.bytesused);
        if (device_->control(VIDIOC_QBUF, &buffer) != 0)
            return ended(SourceEnd::lost);
        return out;
    }

    bool live() const override { return true; }
    bool is_sensor() const override { return true; }

    bool shutter_closed() override {
        v4l2_control control{V4L2_CID_PRIVACY, 0};
        return device_->control(VIDIOC_G_CTRL, &control) == 0 && control.value != 0;
    }

private:
    struct Mapping {
        const std::uint8_t* start = nullptr;
        std::size_t length = 0;
    };

    static FrameOrEnd ended(SourceEnd end) {
        FrameOrEnd out;
        out.ended = true;
        out.end = end;
        return out;
    }

    static v4l2_buffer empty_buffer() {
        v4l2_buffer buffer{};
        buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        buffer.memory = V4L2_MEMORY_MMAP;
        return buffer;
    }

    Result<void> choose_format(PixelSize size) {
        for (const std::uint32_t pixel_format : {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG}) {
            v4l2_format format{};
            format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
            format.fmt.pix.width = static_cast<std::uint32_t>(size.width);
            format.fmt.pix.height = static_cast<std::uint32_t>(size.height);
            format.fmt.pix.pixelformat = pixel_format;
            format.fmt.pix.field = V4L2_FIELD_ANY;
            const int failed = device_->control(VIDIOC_S_FMT, &format);
            if (failed == EBUSY)
                return failure(failed, "streams to another program");
            if (failed != 0 || format.fmt.pix.pixelformat != pixel_format)
                continue;
            format_ = pixel_format == V4L2_PIX_FMT_YUYV ? PixelFormat::yuyv : PixelFormat::jpeg;
            width_ = static_cast<int>(format.fmt.pix.width);
            height_ = static_cast<int>(format.fmt.pix.height);
            return {};
        }
        return failure(EINVAL, "offers neither YUYV nor MJPEG");
    }

    Result<void> map_buffers() {
        v4l2_requestbuffers request{};
        request.count = kBuffers;
        request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        request.memory = V4L2_MEMORY_MMAP;
        if (const int failed = device_->control(VIDIOC_REQBUFS, &request))
            return failure(failed, "gives no buffers");
        for (std::uint32_t i = 0; i < std::min(request.count, kBuffers); ++i) {
            v4l2_buffer buffer = empty_buffer();
            buffer.index = i;
            if (const int failed = device_->control(VIDIOC_QUERYBUF, &buffer))
                return failure(failed, "does not describe its buffers");
            const std::uint8_t* start = device_->map(buffer.length, buffer.m.offset);
            if (start == nullptr)
                return failure(ENOMEM, "buffers cannot be mapped");
            mappings_[i] = {start, buffer.length};
            if (const int failed = device_->control(VIDIOC_QBUF, &buffer))
                return failure(failed, "takes no buffer");
        }
        return {};
    }

    std::unique_ptr<VideoDevice> device_;
    PixelFormat format_ = PixelFormat::yuyv;
    int width_ = 0;
    int height_ = 0;
    std::array<Mapping, kBuffers> mappings_{};
};

Result<std::unique_ptr<VideoDevice>> find_camera(const VideoNodes& nodes, const std::string& where) {
    if (where.starts_with('/'))
        return nodes.open(where);
    for (const std::string& node : nodes.list()) {
        auto device = nodes.open(node);
        if (!device)
            continue;
        if (const auto can = capability_of(**device); can && can->bus == where && can->captures)
            return device;
    }
    return Error(Errc::unavailable, "camera at " + where + ": none is there");
}

}  // namespace

Result<std::unique_ptr<FrameSource>> open_v4l2_capture(const VideoNodes& nodes, const std::string& where,
                                                       int frames_per_second, PixelSize size) {
    auto device = find_camera(nodes, where);
    if (!device)
        return device.error();
    const auto can = capability_of(**device);
    if (!can || !can->captures)
        return Error(Errc::unavailable, "camera " + where + ": takes no pictures");
    if ((*device)->made_by_software() || std::ranges::find(kSoftwareDrivers, can->driver) != std::end(kSoftwareDrivers))
        return Error(Errc::refused, "camera " + where + ": a virtual one (driver " + can->driver + ")");
    auto capture = std::make_unique<V4l2Capture>(std::move(device).value());
    if (auto started = capture->start(frames_per_second, size); !started)
        return started.error().within(where);
    return std::unique_ptr<FrameSource>(std::move(capture));
}

}  // namespace sallyport::camera
