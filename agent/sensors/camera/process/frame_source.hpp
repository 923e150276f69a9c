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
};

// `v4l2:/dev/videoN`, `mjpeg:FILE` (also a named pipe: live) or `dir:FOLDER` (*.jpg by name).
[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_source(std::string_view description, int frames_per_second);

[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_mjpeg_stream(const std::string& file);
[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_jpeg_folder(const std::string& folder);
[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_v4l2_capture(const std::string& device, int frames_per_second);

}  // namespace sallyport::camera
