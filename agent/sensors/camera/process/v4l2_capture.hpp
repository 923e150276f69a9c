// SPDX-License-Identifier: Apache-2.0
//
// A real camera through V4L2, without OpenCV's videoio: five pictures a second, mapped buffers, time-outs and error
// codes that videoio hides. YUYV when the camera offers it (decoding is then nearly free), else MJPEG.
// Interface: https://docs.kernel.org/userspace-api/media/v4l/v4l2.html
#pragma once

#include "agent/sensors/camera/process/frame_source.hpp"
#include "agent/sensors/camera/process/video_device.hpp"

namespace sallyport::camera {

// `where` is a device node, or the bus address (bus_info of VIDIOC_QUERYCAP) of the port the camera is plugged into:
// nodes are numbered as they come, and the first may be a loopback.
//
// Errc::conflict: another program streams from it (having it open is no offence). Errc::unavailable: no such camera.
// Errc::refused: a device made by software, which shows whatever somebody feeds it.
[[nodiscard]] Result<std::unique_ptr<FrameSource>> open_v4l2_capture(const VideoNodes& nodes, const std::string& where,
                                                                     int frames_per_second, PixelSize size = {});

}  // namespace sallyport::camera
