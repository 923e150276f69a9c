// SPDX-License-Identifier: Apache-2.0
//
// The life of the camera process: opens the source, gives up its rights, and turns pictures into reports until the
// source ends.
#pragma once

#include <optional>
#include <string>

#include "agent/sensors/camera/process/face_detector.hpp"
#include "agent/sensors/camera/process/frame_source.hpp"
#include "agent/sensors/camera/process/report_outlet.hpp"
#include "agent/sensors/camera/process/tamper_detector.hpp"

namespace sallyport::camera {

struct LoopOptions {
    std::string source;
    int frames_per_second = 5;
    PixelSize size;
    TamperThresholds thresholds;
    bool paced = true;      // recorded sources at their own rate
    bool patient = false;   // wait for a camera that is away, busy or virtual instead of giving up
    bool sandboxed = false;
    bool degraded = false;  // the detector is the fallback
    std::optional<Measures> remembered;
};

// Success: the source has no more pictures. Errc::unavailable: the camera went away (told before).
[[nodiscard]] Result<void> run_camera_loop(const LoopOptions& options, std::unique_ptr<FaceDetector> detector,
                                           ReportOutlet& outlet);

}  // namespace sallyport::camera
