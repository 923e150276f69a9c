// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/living_faces.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace sallyport::camera {
namespace {

constexpr double kStillS = 10;       // longer without a pixel's motion is no living face
constexpr double kForgottenS = 10;   // a face that was not found for that long is another when it is found again
constexpr int kPatchSide = 48;
// 1 - correlation with the patch first seen. Noise alone gives under 0.001, two pixels of a large face 0.008.
constexpr double kMovedUnlikeness = 0.006;
constexpr float kSamePlace = 0.6F;   // of the height between two centres
constexpr float kSameSize = 1.5F;

// Free of brightness and contrast, so that a lamp does not make a poster live.
cv::Mat patch_at(const cv::Mat& bgr, const cv::Rect2f& box) {
    const cv::Rect cut = cv::Rect(box) & cv::Rect(0, 0, bgr.cols, bgr.rows);
    if (cut.width < 4 || cut.height < 4)
        return {};
    cv::Mat patch;
    cv::resize(bgr(cut), patch, cv::Size(kPatchSide, kPatchSide), 0, 0, cv::INTER_AREA);
    cv::cvtColor(patch, patch, cv::COLOR_BGR2GRAY);
    cv::blur(patch, patch, cv::Size(3, 3));
    patch.convertTo(patch, CV_32F);
    cv::Scalar mean, deviation;
    cv::meanStdDev(patch, mean, deviation);
    return (patch - mean) / std::max(deviation[0], 1.0);
}

double unlikeness(const cv::Mat& one, const cv::Mat& other) {
    return one.empty() || other.empty() ? 1 : 1 - one.dot(other) / static_cast<double>(one.total());
}

bool same(const cv::Rect2f& one, const cv::Rect2f& other) {
    const auto centre = [](const cv::Rect2f& r) { return (r.tl() + r.br()) * 0.5F; };
    const cv::Point2f apart = centre(one) - centre(other);
    const float larger = std::max(one.height, other.height), smaller = std::min(one.height, other.height);
    return std::hypot(apart.x, apart.y) < kSamePlace * larger && larger < kSameSize * smaller;
}

}  // namespace

std::vector<Liveness> LivingFaces::judge(double t, const cv::Mat& bgr, const std::vector<Face>& faces,
                                         const Newcomer& newcomer) {
    std::erase_if(tracks_, [t](const Track& track) { return t - track.seen > kForgottenS; });
    std::vector<Liveness> answers;
    for (const Face& face : faces) {
        Track& track = track_of(t, bgr, {face.x, face.y, face.width, face.height}, newcomer);
        look_for_motion(t, bgr, track);
        answers.push_back(liveness(t, track));
    }
    return answers;
}

LivingFaces::Track& LivingFaces::track_of(double t, const cv::Mat& bgr, const cv::Rect2f& box,
                                          const Newcomer& newcomer) {
    for (Track& track : tracks_) {
        if (track.seen < t && same(track.box, box)) {
            track.box = box;
            track.seen = t;
            return track;
        }
    }
    const cv::Rect2d place(static_cast<double>(box.x) / bgr.cols, static_cast<double>(box.y) / bgr.rows,
                           static_cast<double>(box.width) / bgr.cols, static_cast<double>(box.height) / bgr.rows);
    tracks_.push_back({box, box, patch_at(bgr, box), t, t, newcomer(place) ? t : -1});
    return tracks_.back();
}

void LivingFaces::look_for_motion(double t, const cv::Mat& bgr, Track& track) {
    if (unlikeness(patch_at(bgr, track.anchor), track.patch) < kMovedUnlikeness)
        return;
    track.moved = t;
    track.anchor = track.box;
    track.patch = patch_at(bgr, track.box);
}

Liveness LivingFaces::liveness(double t, const Track& track) {
    if (t - std::max(track.born, track.moved) > kStillS)
        return Liveness::picture;
    return track.moved >= 0 ? Liveness::alive : Liveness::unproven;
}

}  // namespace sallyport::camera
