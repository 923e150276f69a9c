// SPDX-License-Identifier: Apache-2.0
//
// Where pictures come from: a V4L2 camera, a stream of JPEGs, a folder of JPEGs. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::camera {

// What a camera is asked for; it may give another.
struct PixelSize {
    int width = 640, height = 480;
};

enum class PixelFormat { jpeg, yuyv };

struct RawFrame {
    PixelFormat format = PixelFormat::jpeg;
    int width = 0;   // yuyv only; a JPEG says so itself
    int height = 0;
    std::vector<std::uint8_t> bytes;
};

enum class SourceEnd {
    finished,  // the file or folder has no more pictures
    lost,      // the camera went away, or sent nothing for two seconds
    busy,      // another program has it
};

struct FrameOrEnd {
    RawFrame frame;
    bool ended = false;
    SourceEnd end = SourceEnd::finished;
};

class FrameSource {
public:
    virtual ~FrameSource() = default;
    // Blocks until there is a picture or the source ends; an error is a source that cannot be read at all.
    [[nodiscard]] virtual Result<FrameOrEnd> next() = 0;
    // A live source sets the pace itself; a recorded one is paced by its frame rate.
    [[nodiscard]] virtual bool live() const = 0;
    // A sensor with noise of its own: no two of its pictures are the same.
    [[nodiscard]] virtual bool is_sensor() const { return false; }
    // The camera's privacy shutter or switch, where it has one.
    [[nodiscard]] virtual bool shutter_closed() { return false; }
};

// `v4l2:/dev/videoN`, `v4l2:BUS` (`usb-0000:00:14.0-2`: whatever node the camera in that port gets), `mjpeg:FILE` (also
// a named pipe: live) or `dir:FOLDER` (*.jpg by name).
[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_source(std::string_view description, int frames_per_second,
                                                               PixelSize size = {});

[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_mjpeg_stream(const std::string& file);
[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_jpeg_folder(const std::string& folder);

}  // namespace sallyport::camera
