// SPDX-License-Identifier: Apache-2.0
//
// Tells from small grey pictures whether the lens sees what it should: covered, blinded, defocused, moved. Compares
// with two references of the scene: one that follows within twenty seconds, and one that takes an hour, so that
// tampering too slow for the first is held against the second. Learning stops while something is wrong. About 0.2 ms
// a picture.
//
// Thresholds: see docs/decisions/0009-camera.md; they are judged on composed clips of several rooms.
#pragma once

#include <opencv2/core.hpp>
#include <optional>

#include "agent/sensors/camera/process/scene_reference.hpp"

namespace sallyport::camera {

enum class View { clear, covered, blinded, defocused, moved, frozen };

// Grey levels that depend on the model of camera (docs/formats/firmware-configs.md).
struct TamperThresholds {
    double covered_contrast = 14;      // standard deviation of a lens that sees nothing
    double blinded_brightness = 235;   // mean of one that sees nothing but light
};

class TamperDetector {
public:
    explicit TamperDetector(const TamperThresholds& thresholds = {}) : thresholds_(thresholds) {}

    // What of the scene was known when the camera last ran; before the first look.
    void remember(const Measures& measures) { slow_.remember(measures); }

    // What this one picture looks like; the caller decides after how many it is a state. Five a second are expected.
    [[nodiscard]] View look(double t, const cv::Mat& bgr);
    // Share of 160x120 pixels that changed since the picture before: the motion gate.
    [[nodiscard]] double motion() const { return motion_; }
    // Learning goes on only while the state is clear, too.
    void hold_reference(bool hold) { hold_ = hold; }
    // True when something moved lately over that place (shares of the picture): somebody came there.
    [[nodiscard]] bool motion_at(double t, const cv::Rect2d& place) const;
    // Whether the last picture shows anything at all.
    [[nodiscard]] bool flat() const;
    // The numbers worth keeping across a restart; nothing before a minute of a clear view.
    [[nodiscard]] std::optional<Measures> lasting() const;

private:
    [[nodiscard]] Scene measure(double t, const cv::Mat& bgr);
    void note_motion(double t, const cv::Mat& small);
    [[nodiscard]] double sharpness(const cv::Mat& medium, double deviation);
    [[nodiscard]] View judge();
    [[nodiscard]] View judge_against(const SceneReference& reference) const;
    void learn();
    void accept_in_time(double t, View view);

    const TamperThresholds thresholds_;
    SceneReference fast_;
    SceneReference slow_;
    Scene now_;
    cv::Mat previous_medium_;
    cv::Mat previous_blurred_;
    cv::Mat moved_at_;  // 160x120, float: when each pixel changed last
    double noise_ = 0;  // grey levels at 320x240
    bool noise_known_ = false;
    double motion_ = 1.0;
    bool hold_ = false;
    View slow_view_ = View::clear;
    int pictures_ = 0;
    int learnt_ = 0;  // pictures
    std::optional<double> doubted_since_;
};

}  // namespace sallyport::camera
