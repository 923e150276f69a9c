// SPDX-License-Identifier: Apache-2.0
//
// Finds faces; never whose. What leaves this interface is boxes, scores and whether a face is turned to the screen.
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::camera {

struct Face {
    float x = 0, y = 0, width = 0, height = 0;  // pixels of the picture given
    float score = 0;                            // 0..1
    bool facing = true;                         // turned to the screen, about +-45 degrees
};

class FaceDetector {
public:
    virtual ~FaceDetector() = default;
    [[nodiscard]] virtual std::vector<Face> detect(const cv::Mat& bgr) = 0;
};

// YuNet (2022mar), score threshold 0.9. The file's SHA-256 is checked before it is parsed.
[[nodiscard]] Result<std::unique_ptr<FaceDetector>> open_yunet_detector(const std::filesystem::path& model);

// The announced fallback: Haar cascade `frontalface_alt2` of Debian's opencv-data. Finds about half of what YuNet
// finds and cannot tell where a face looks: the sensor says `degraded`.
[[nodiscard]] Result<std::unique_ptr<FaceDetector>> open_haar_detector();

}  // namespace sallyport::camera
