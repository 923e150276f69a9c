// SPDX-License-Identifier: Apache-2.0
//
// What the camera usually sees, as far as it must be known to notice that it sees something else: a small grey picture
// (in memory only) and four numbers. The numbers alone may be kept across restarts.
#pragma once

#include <opencv2/core.hpp>
#include <optional>

namespace sallyport::camera {

struct Measures {
    double mean = 0;       // grey levels, 0..255
    double deviation = 0;  // contrast, grey levels
    // Edges against contrast: root of the Laplacian's energy, without what the sensor's noise puts into it, over the
    // deviation. A lens out of focus keeps the contrast and loses the edges, at any light.
    double sharpness = 0;
};

struct Scene {
    cv::Mat small;  // 160x120, float
    Measures measures;
};

// Shares (0..1) of the blocks with any texture, then or now, that no longer correlate.
struct Changed {
    double all = 0;
    double ring = 0;  // of the outer ones only: a person does not reach all round, a turned camera does
};

[[nodiscard]] Changed changed_blocks(const cv::Mat& now, const cv::Mat& before);

class SceneReference {
public:
    [[nodiscard]] bool has_picture() const { return !picture_.empty(); }
    [[nodiscard]] const cv::Mat& picture() const { return picture_; }
    [[nodiscard]] const std::optional<Measures>& measures() const { return measures_; }
    void remember(const Measures& measures) { measures_ = measures; }
    void replace(const Scene& scene);
    // Moves towards the scene by that share; the first scene is taken whole.
    void learn(const Scene& scene, double rate);

private:
    cv::Mat picture_;
    std::optional<Measures> measures_;
};

}  // namespace sallyport::camera
