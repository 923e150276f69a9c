// SPDX-License-Identifier: Apache-2.0
//
// Sees that a printed QR code is held before the camera: by its three corners, without reading what it says. For a drill.
#pragma once

#include <opencv2/core.hpp>
#include <opencv2/objdetect.hpp>

namespace sallyport::camera {

class PatternDetector {
public:
    // Twice running, so that no clutter of one picture counts. About 10 ms at 640x480.
    [[nodiscard]] bool sees(const cv::Mat& bgr);

private:
    cv::QRCodeDetector detector_;
    bool seen_before_ = false;
};

}  // namespace sallyport::camera
