// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/pattern_detector.hpp"

namespace sallyport::camera {

bool PatternDetector::sees(const cv::Mat& bgr) {
    cv::Mat corners;
    bool seen = false;
    try {
        seen = detector_.detect(bgr, corners);
    } catch (const cv::Exception&) {
        seen = false;  // a picture that it cannot work on shows no pattern
    }
    const bool twice = seen && seen_before_;
    seen_before_ = seen;
    return twice;
}

}  // namespace sallyport::camera
