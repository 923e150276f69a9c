// SPDX-License-Identifier: Apache-2.0
//
// From pictures to facts: is the view clear, is somebody at the terminal, does somebody else look at the screen.
//
// Counts and states only; no picture outlives the call it came with, but for the small grey references in memory
// (policy-facts section 0, rows 2 and 3; docs/formats/camera.md). Times are seconds since the first picture. One thread.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "agent/sensors/camera/camera_message.hpp"
#include "agent/sensors/camera/process/evidence_window.hpp"
#include "agent/sensors/camera/process/face_detector.hpp"
#include "agent/sensors/camera/process/living_faces.hpp"
#include "agent/sensors/camera/process/tamper_detector.hpp"

namespace sallyport::camera {

// One picture and what its source says of it.
struct Look {
    const cv::Mat& bgr;
    bool repeats = false;         // it stands still or runs in a loop
    bool shutter_closed = false;  // the camera's own privacy switch
};

class ScreenWatch {
public:
    explicit ScreenWatch(std::unique_ptr<FaceDetector> detector, const TamperThresholds& thresholds = {});

    // What of the scene was known when the camera last ran; before the first look.
    void remember(const Measures& measures) { tamper_.remember(measures); }
    // The numbers worth keeping across a restart.
    [[nodiscard]] std::optional<Measures> lasting() const { return tamper_.lasting(); }
    // Somebody used keyboard or mouse at that time: whatever the picture shows, the operator is there.
    void note_input(double t) { last_input_ = std::max(t, last_input_); }

    // At most five pictures a second are worth giving.
    [[nodiscard]] std::vector<CameraEvent> look(double t, const Look& look);
    [[nodiscard]] std::vector<CameraEvent> look(double t, const cv::Mat& bgr) { return look(t, Look{bgr}); }

private:
    struct Sighting {
        int faces = 0;
        bool operator_there = false;
        int onlookers = 0;
        bool near = false;
        float confidence = 0;
    };

    [[nodiscard]] View view_of(double t, const Look& look);
    void judge_view(double t, View seen, std::vector<CameraEvent>& events);
    void settle(double t, View view, std::vector<CameraEvent>& events);
    [[nodiscard]] bool detector_due(double t) const;
    void take_sample(double t, const cv::Mat& bgr);
    void judge_presence(double t, std::vector<CameraEvent>& events);
    [[nodiscard]] Sighting sight(double t, const cv::Mat& bgr);
    [[nodiscard]] const Face* find_operator(const std::vector<Face>& faces, const std::vector<Liveness>& lives) const;
    void learn_operator_size(double t, float height);

    std::unique_ptr<FaceDetector> detector_;
    TamperDetector tamper_;
    LivingFaces living_;
    std::optional<View> view_;        // nothing until the first is settled
    View candidate_ = View::clear;
    EvidenceWindow tampered_;
    EvidenceWindow hidden_;           // the lens sees nothing at all, whatever it was before
    EvidenceWindow onlooker_;
    EvidenceWindow present_;
    EvidenceWindow absent_;
    std::optional<bool> operator_present_;
    int onlookers_ = 0;
    bool onlooker_near_ = false;
    Sighting last_;
    std::optional<double> last_sample_;
    double last_event_ = -10;
    double last_input_ = -1000;
    double operator_height_ = 0;      // pixels, as usual
    double operator_learnt_ = 0;      // time
};

}  // namespace sallyport::camera
