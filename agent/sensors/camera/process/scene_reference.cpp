// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/scene_reference.hpp"

#include <algorithm>

namespace sallyport::camera {
namespace {

constexpr int kBlock = 20;                     // 8 x 6 blocks on 160x120
constexpr double kBlockFlat = 4;               // grey levels: a bare wall correlates with nothing
constexpr double kBlockCorrelationMin = 0.5;
// Where nearly everything is bare, one person is all the texture there is: fewer blocks than these prove nothing.
constexpr int kBlocksMin = 16;
constexpr int kRingMin = 8;

enum class Likeness { both_flat, alike, different };

Likeness likeness(const cv::Mat& now, const cv::Mat& before) {
    cv::Scalar now_mean, now_deviation, before_mean, before_deviation;
    cv::meanStdDev(now, now_mean, now_deviation);
    cv::meanStdDev(before, before_mean, before_deviation);
    if (now_deviation[0] < kBlockFlat && before_deviation[0] < kBlockFlat)
        return Likeness::both_flat;
    const double covariance = cv::mean(now.mul(before))[0] - now_mean[0] * before_mean[0];
    const double alike = kBlockCorrelationMin * std::max(now_deviation[0] * before_deviation[0], 1.0);
    return covariance < alike ? Likeness::different : Likeness::alike;
}

struct Count {
    int different = 0;
    int textured = 0;
    void add(Likeness likeness) {
        different += likeness == Likeness::different ? 1 : 0;
        textured += likeness == Likeness::both_flat ? 0 : 1;
    }
    [[nodiscard]] double share(int at_least) const {
        return static_cast<double>(different) / std::max(textured, at_least);
    }
};

}  // namespace

Changed changed_blocks(const cv::Mat& now, const cv::Mat& before) {
    Count all, ring;
    for (int y = 0; y < now.rows; y += kBlock) {
        for (int x = 0; x < now.cols; x += kBlock) {
            const cv::Rect block(x, y, kBlock, kBlock);
            const Likeness found = likeness(now(block), before(block));
            all.add(found);
            if (x == 0 || y == 0 || x + kBlock == now.cols || y + kBlock == now.rows)
                ring.add(found);
        }
    }
    return {all.share(kBlocksMin), ring.share(kRingMin)};
}

void SceneReference::replace(const Scene& scene) {
    picture_ = scene.small.clone();
    measures_ = scene.measures;
}

void SceneReference::learn(const Scene& scene, double rate) {
    if (!has_picture())
        return replace(scene);
    cv::addWeighted(picture_, 1 - rate, scene.small, rate, 0, picture_);
    const auto towards = [rate](double& value, double now) { value += rate * (now - value); };
    towards(measures_->mean, scene.measures.mean);
    towards(measures_->deviation, scene.measures.deviation);
    towards(measures_->sharpness, scene.measures.sharpness);
}

}  // namespace sallyport::camera
