// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/frame_source.hpp"

#include "agent/sensors/camera/process/v4l2_capture.hpp"

namespace sallyport::camera {

Result<std::unique_ptr<FrameSource>> open_source(std::string_view description, int frames_per_second, PixelSize size) {
    const auto colon = description.find(':');
    const std::string_view kind = description.substr(0, colon);
    const std::string where(colon == std::string_view::npos ? std::string_view() : description.substr(colon + 1));
    if (kind == "v4l2")
        return open_v4l2_capture(*video_nodes(), where, frames_per_second, size);
    if (kind == "mjpeg")
        return open_mjpeg_stream(where);
    if (kind == "dir")
        return open_jpeg_folder(where);
    return Error(Errc::bad_input, "source '" + std::string(description) +
                                      "': must be v4l2:/dev/videoN, v4l2:BUS, mjpeg:FILE or dir:FOLDER");
}

}  // namespace sallyport::camera
