// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/tamper_detector.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace sallyport::camera {
namespace {

const cv::Size kMedium(320, 240);
const cv::Size kSmall(160, 120);

constexpr double kContrastLeft = 0.40;       // of the reference: contrast collapse
constexpr double kSharpnessLeft = 0.33;      // of the reference: out of focus leaves 0.20, a person who leaves 0.48
constexpr double kChangedForCovered = 0.6;
constexpr double kChangedForMoved = 0.5;
constexpr double kRingForMoved = 0.6;
constexpr double kMotionLevels = 12;
constexpr double kMotionOfAll = 0.5;         // more at once is a lamp or the lens, not somebody
constexpr double kMotionOfPlace = 0.25;
constexpr double kLatelyS = 3;
constexpr double kLearnRate = 0.01;          // at five pictures a second: twenty seconds
constexpr double kSlowRate = 1.0 / 18'000;   // an hour
constexpr int kSlowBegins = 100;             // pictures: what the fast one has learnt by then is worth keeping
constexpr int kLastingAfter = 300;
// A view that is another than before, and stays so for that long, is the new one: the state `moved` was told, and a
// camera that was put right must not stay blind. Nothing that hides the scene is ever accepted.
constexpr double kAcceptAfterS = 600;

constexpr int kSeldom = 5;  // pictures: once a second
constexpr int kNoiseBlock = 40;
constexpr double kNoiseRises = 1.1;          // a second: motion is not noise, more gain at night is
constexpr double kLaplacianNoise = 20;       // sum of the kernel's squares

// Standard deviation of the sensor's noise: the difference of two pictures where they differ least.
double temporal_noise(const cv::Mat& now, const cv::Mat& before) {
    cv::Mat difference;
    cv::absdiff(now, before, difference);
    difference.convertTo(difference, CV_32F);
    cv::multiply(difference, difference, difference);
    std::vector<double> blocks;
    for (int y = 0; y < now.rows; y += kNoiseBlock)
        for (int x = 0; x < now.cols; x += kNoiseBlock)
            blocks.push_back(cv::mean(difference(cv::Rect(x, y, kNoiseBlock, kNoiseBlock)))[0]);
    const auto quarter = blocks.begin() + static_cast<std::ptrdiff_t>(blocks.size() / 4);
    std::nth_element(blocks.begin(), quarter, blocks.end());
    return std::sqrt(*quarter / 2);
}

}  // namespace

View TamperDetector::look(double t, const cv::Mat& bgr) {
    ++pictures_;
    now_ = measure(t, bgr);
    const View view = judge();
    accept_in_time(t, view);
    if (view == View::clear && !hold_)
        learn();
    return view;
}

Scene TamperDetector::measure(double t, const cv::Mat& bgr) {
    cv::Mat medium;
    Scene scene;
    cv::resize(bgr, medium, kMedium, 0, 0, cv::INTER_AREA);
    cv::cvtColor(medium, medium, cv::COLOR_BGR2GRAY);
    cv::resize(medium, scene.small, kSmall, 0, 0, cv::INTER_AREA);

    note_motion(t, scene.small);
    cv::Scalar mean, deviation;
    cv::meanStdDev(medium, mean, deviation);
    scene.measures = {mean[0], deviation[0], sharpness(medium, deviation[0])};
    noise_known_ = !previous_medium_.empty();
    previous_medium_ = medium;
    scene.small.convertTo(scene.small, CV_32F);
    return scene;
}

void TamperDetector::note_motion(double t, const cv::Mat& small) {
    cv::Mat blurred;
    cv::blur(small, blurred, cv::Size(3, 3));
    if (previous_blurred_.empty()) {
        moved_at_ = cv::Mat(kSmall, CV_32F, cv::Scalar(t - 2 * kLatelyS));
    } else {
        cv::Mat difference;
        cv::absdiff(blurred, previous_blurred_, difference);
        const cv::Mat changed = difference > kMotionLevels;
        motion_ = static_cast<double>(cv::countNonZero(changed)) / kSmall.area();
        if (motion_ < kMotionOfAll)
            moved_at_.setTo(t, changed);
    }
    previous_blurred_ = blurred;
}

bool TamperDetector::motion_at(double t, const cv::Rect2d& place) const {
    const cv::Rect cut = cv::Rect(cvFloor(place.x * kSmall.width), cvFloor(place.y * kSmall.height),
                                  cvCeil(place.width * kSmall.width), cvCeil(place.height * kSmall.height)) &
                         cv::Rect(cv::Point(), kSmall);
    return !cut.empty() && cv::countNonZero(moved_at_(cut) > t - kLatelyS) > kMotionOfPlace * cut.area();
}

double TamperDetector::sharpness(const cv::Mat& medium, double deviation) {
    if (!previous_medium_.empty() && (noise_ == 0 || pictures_ % kSeldom == 0)) {
        const double noise = temporal_noise(medium, previous_medium_);
        noise_ = noise_ == 0 ? noise : std::min(noise, noise_ * kNoiseRises);
    }
    cv::Mat laplacian;
    cv::Laplacian(medium, laplacian, CV_32F);
    const double energy = cv::norm(laplacian, cv::NORM_L2SQR) / medium.total() - kLaplacianNoise * noise_ * noise_;
    return std::sqrt(std::max(energy, 0.0)) / std::max(deviation, 1.0);
}

bool TamperDetector::flat() const { return now_.measures.deviation < thresholds_.covered_contrast; }

View TamperDetector::judge() {
    if (const View view = judge_against(fast_); view != View::clear)
        return view;
    // Numbers kept from the last run decide only until there is a picture to compare with.
    if (!fast_.has_picture())
        return judge_against(slow_);
    // What takes minutes needs no look five times a second, unless it is there.
    if (slow_.has_picture() && (slow_view_ != View::clear || pictures_ % kSeldom == 0))
        slow_view_ = judge_against(slow_);
    return slow_view_;
}

View TamperDetector::judge_against(const SceneReference& reference) const {
    const Measures& now = now_.measures;
    const bool pictured = reference.has_picture();
    const Changed changed = pictured ? changed_blocks(now_.small, reference.picture()) : Changed{1, 0};
    // A room that is only dark is flat, too, but still the same room; its edges prove nothing.
    if (flat() && changed.all > kChangedForCovered)
        return now.mean > thresholds_.blinded_brightness ? View::blinded : View::covered;
    if (flat() || !reference.measures())
        return View::clear;
    const Measures& usual = *reference.measures();
    if (now.deviation < kContrastLeft * usual.deviation && changed.all > kChangedForCovered)
        return View::covered;
    if (pictured && changed.all > kChangedForMoved && changed.ring > kRingForMoved)
        return View::moved;
    if (noise_known_ && now.sharpness < kSharpnessLeft * usual.sharpness)
        return View::defocused;
    return View::clear;
}

void TamperDetector::learn() {
    if (!noise_known_)
        return;  // the first picture's edges cannot be told from noise
    fast_.learn(now_, kLearnRate);
    if (++learnt_ == kSlowBegins)
        slow_.replace({fast_.picture(), *fast_.measures()});
    else if (learnt_ > kSlowBegins)
        slow_.learn(now_, kSlowRate);
}

void TamperDetector::accept_in_time(double t, View view) {
    const bool unlike = view == View::moved || (view == View::defocused && !fast_.has_picture());
    if (!unlike)
        doubted_since_.reset();
    else if (!doubted_since_)
        doubted_since_ = t;
    else if (t - *doubted_since_ > kAcceptAfterS) {
        fast_.replace(now_);
        slow_.replace(now_);
        slow_view_ = View::clear;
        doubted_since_.reset();
    }
}

std::optional<Measures> TamperDetector::lasting() const {
    return learnt_ >= kLastingAfter ? slow_.measures() : std::nullopt;
}

}  // namespace sallyport::camera
