// SPDX-License-Identifier: Apache-2.0
//
// Tells people from pictures of people: a poster, a photograph on a shelf, a pattern that the detector takes for a
// face. People move, if only by a pixel or two in ten seconds; and where somebody came, something moved before. Keeps a
// patch of 48x48 grey pixels for each face in view, in memory only. One thread.
#pragma once

#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "agent/sensors/camera/process/face_detector.hpp"

namespace sallyport::camera {

enum class Liveness {
    unproven,  // not long enough in view to say
    alive,
    picture,   // has not moved for longer than anybody can
};

class LivingFaces {
public:
    using Newcomer = std::function<bool(const cv::Rect2d&)>;  // place as shares of the picture

    // One answer for each face, in their order. `newcomer` says whether somebody came to a place lately.
    [[nodiscard]] std::vector<Liveness> judge(double t, const cv::Mat& bgr, const std::vector<Face>& faces,
                                              const Newcomer& newcomer);
    void clear() { tracks_.clear(); }

private:
    struct Track {
        cv::Rect2f box;     // where it was seen last
        cv::Rect2f anchor;  // where its patch is from
        cv::Mat patch;
        double born = 0;
        double seen = 0;
        double moved = -1;  // time; -1: never
    };
    [[nodiscard]] Track& track_of(double t, const cv::Mat& bgr, const cv::Rect2f& box, const Newcomer& newcomer);
    static void look_for_motion(double t, const cv::Mat& bgr, Track& track);
    [[nodiscard]] static Liveness liveness(double t, const Track& track);

    std::vector<Track> tracks_;
};

}  // namespace sallyport::camera
