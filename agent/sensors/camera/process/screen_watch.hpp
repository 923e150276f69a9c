// SPDX-License-Identifier: Apache-2.0
//
// From pictures to facts: is the view clear, is somebody at the terminal, does somebody else look at the screen.
//
// Counts and states only; no picture outlives the call it came with, but for the two small grey references in memory
// (policy-facts section 0, rows 2 and 3). Times are seconds since the first picture. One thread.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/sensors/camera/process/evidence_window.hpp"
#include "agent/sensors/camera/process/face_detector.hpp"
#include "agent/sensors/camera/process/tamper_detector.hpp"
#include "protocol/value.hpp"

namespace sallyport::camera {

struct CameraEvent {
    double t = 0;
    std::string type;  // camera.state or camera.presence
    Record body;       // as in the event catalogue
};

class ScreenWatch {
public:
    explicit ScreenWatch(std::unique_ptr<FaceDetector> detector);

    // At most five pictures a second are worth giving.
    [[nodiscard]] std::vector<CameraEvent> look(double t, const cv::Mat& bgr);

private:
    struct Sighting {
        int faces = 0;
        int onlookers = 0;
        bool near = false;
        float confidence = 0;
    };

    void judge_view(double t, View seen, std::vector<CameraEvent>& events);
    [[nodiscard]] bool detector_due(double t) const;
    void take_sample(double t, const cv::Mat& bgr);
    void judge_presence(double t, std::vector<CameraEvent>& events);
    [[nodiscard]] static Sighting sight(const std::vector<Face>& faces, int picture_height);

    std::unique_ptr<FaceDetector> detector_;
    TamperDetector tamper_;
    std::optional<View> view_;        // nothing until the first is settled
    View candidate_ = View::clear;
    EvidenceWindow tampered_;
    EvidenceWindow onlooker_;
    EvidenceWindow present_;
    EvidenceWindow absent_;
    std::optional<bool> operator_present_;
    int onlookers_ = 0;
    bool onlooker_near_ = false;
    Sighting last_;
    std::optional<double> last_sample_;
    double last_event_ = -10;
};

}  // namespace sallyport::camera
