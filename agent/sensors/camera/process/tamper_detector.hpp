// SPDX-License-Identifier: Apache-2.0
//
// Tells from small grey pictures whether the lens sees what it should: covered, blinded, defocused, moved. Compares
// with a slow reference of the scene; learning stops while something is wrong. About 0.15 ms a picture.
//
// Thresholds: as measured on the project's clips; see docs/decisions/0009-camera.md.
#pragma once

#include <opencv2/core.hpp>

namespace sallyport::camera {

enum class View { clear, covered, blinded, defocused, moved };

class TamperDetector {
public:
    // What this one picture looks like; the caller decides after how many it is a state.
    [[nodiscard]] View look(const cv::Mat& bgr);
    // Share of 160x120 pixels that changed since the picture before: the motion gate.
    [[nodiscard]] double motion() const { return motion_; }
    // Learning goes on only while the state is clear, too.
    void hold_reference(bool hold) { hold_ = hold; }

private:
    struct Measures {
        double mean = 0, deviation = 0, sharpness = 0;
    };
    void learn(const cv::Mat& small, const Measures& measures, double rate);
    [[nodiscard]] View judge(const cv::Mat& small, const Measures& measures) const;

    cv::Mat background_;  // 160x120, float; in memory only: it is a picture
    cv::Mat previous_;    // 160x120, blurred
    Measures reference_;
    double motion_ = 1.0;
    bool hold_ = false;
};

}  // namespace sallyport::camera
