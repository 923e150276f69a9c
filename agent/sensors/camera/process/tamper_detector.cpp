// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/tamper_detector.hpp"

#include <opencv2/imgproc.hpp>

namespace sallyport::camera {
namespace {

const cv::Size kMedium(320, 240);
const cv::Size kSmall(160, 120);
constexpr int kBlock = 20;  // 8 x 6 blocks on the small picture

constexpr double kFlatDeviation = 14;        // grey levels: a lens that sees nothing
constexpr double kBlindMean = 235;
constexpr double kContrastLeft = 0.40;       // of the reference: contrast collapse
constexpr double kSharpnessLeft = 0.55;      // of the reference: high frequencies gone
constexpr double kBlockCorrelationMin = 0.5;
constexpr double kChangedForCovered = 0.6;
constexpr double kChangedForMoved = 0.5;
constexpr double kRingForMoved = 0.6;
constexpr double kBlockFlat = 4;             // a wall correlates with nothing: two flat blocks are alike
constexpr double kMotionLevels = 12;
constexpr double kLearnRate = 0.01;          // at five pictures a second: twenty seconds

struct Changed {
    double all = 0;
    double ring = 0;
};

bool block_changed(const cv::Mat& now, const cv::Mat& before) {
    cv::Scalar now_mean, now_deviation, before_mean, before_deviation;
    cv::meanStdDev(now, now_mean, now_deviation);
    cv::meanStdDev(before, before_mean, before_deviation);
    if (now_deviation[0] < kBlockFlat && before_deviation[0] < kBlockFlat)
        return false;
    const double covariance = cv::mean(now.mul(before))[0] - now_mean[0] * before_mean[0];
    return covariance < kBlockCorrelationMin * std::max(now_deviation[0] * before_deviation[0], 1.0);
}

Changed changed_blocks(const cv::Mat& now, const cv::Mat& before) {
    Changed changed;
    int blocks = 0, ring_blocks = 0;
    for (int y = 0; y < kSmall.height; y += kBlock) {
        for (int x = 0; x < kSmall.width; x += kBlock) {
            const cv::Rect block(x, y, kBlock, kBlock);
            const bool ring = x == 0 || y == 0 || x + kBlock == kSmall.width || y + kBlock == kSmall.height;
            const double differs = block_changed(now(block), before(block)) ? 1 : 0;
            changed.all += differs;
            changed.ring += ring ? differs : 0;
            ++blocks;
            ring_blocks += ring ? 1 : 0;
        }
    }
    changed.all /= blocks;
    changed.ring /= ring_blocks;
    return changed;
}

}  // namespace

View TamperDetector::look(const cv::Mat& bgr) {
    cv::Mat medium, small, blurred, laplacian;
    cv::resize(bgr, medium, kMedium, 0, 0, cv::INTER_AREA);
    cv::cvtColor(medium, medium, cv::COLOR_BGR2GRAY);
    cv::resize(medium, small, kSmall, 0, 0, cv::INTER_AREA);

    cv::blur(small, blurred, cv::Size(3, 3));
    if (!previous_.empty()) {
        cv::Mat difference;
        cv::absdiff(blurred, previous_, difference);
        motion_ = static_cast<double>(cv::countNonZero(difference > kMotionLevels)) / kSmall.area();
    }
    previous_ = blurred;

    cv::Scalar mean, deviation;
    cv::meanStdDev(medium, mean, deviation);
    cv::Laplacian(medium, laplacian, CV_16S);
    const Measures measures{mean[0], deviation[0],
                            cv::mean(cv::abs(laplacian))[0] / std::max(deviation[0], 1.0)};
    small.convertTo(small, CV_32F);
    const View view = judge(small, measures);
    if (background_.empty())
        learn(small, measures, 1.0);
    else if (view == View::clear && !hold_)
        learn(small, measures, kLearnRate);
    return view;
}

void TamperDetector::learn(const cv::Mat& small, const Measures& measures, double rate) {
    if (measures.deviation < kFlatDeviation)
        return;  // a covered lens at start must not become the reference
    if (background_.empty())
        background_ = small.clone();
    else
        cv::addWeighted(background_, 1 - rate, small, rate, 0, background_);
    reference_.mean += rate * (measures.mean - reference_.mean);
    reference_.deviation += rate * (measures.deviation - reference_.deviation);
    reference_.sharpness += rate * (measures.sharpness - reference_.sharpness);
}

View TamperDetector::judge(const cv::Mat& small, const Measures& measures) const {
    if (measures.deviation < kFlatDeviation)
        return measures.mean > kBlindMean ? View::blinded : View::covered;
    if (background_.empty())
        return View::clear;
    const Changed changed = changed_blocks(small, background_);
    if (measures.deviation < kContrastLeft * reference_.deviation && changed.all > kChangedForCovered)
        return View::covered;
    if (changed.all > kChangedForMoved && changed.ring > kRingForMoved)
        return View::moved;
    if (measures.sharpness < kSharpnessLeft * reference_.sharpness && changed.all < kChangedForCovered)
        return View::defocused;
    return View::clear;
}

}  // namespace sallyport::camera
