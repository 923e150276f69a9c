// SPDX-License-Identifier: Apache-2.0
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#include "agent/sensors/camera/process/face_detector.hpp"

namespace sallyport::camera {
namespace {

constexpr const char* kCascade = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml";
constexpr double kScaleStep = 1.1;
constexpr int kNeighboursMin = 3;
constexpr int kSideMin = 24;

class HaarDetector final : public FaceDetector {
public:
    explicit HaarDetector(const cv::CascadeClassifier& cascade) : cascade_(cascade) {}

    std::vector<Face> detect(const cv::Mat& bgr) override {
        cv::Mat grey;
        cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
        std::vector<cv::Rect> boxes;
        cascade_.detectMultiScale(grey, boxes, kScaleStep, kNeighboursMin, 0, cv::Size(kSideMin, kSideMin));
        std::vector<Face> faces;
        for (const cv::Rect& box : boxes) {
            // The cascade's square is wider than the face: 85 % of it matches the usual boxes.
            const auto side = static_cast<float>(box.width) * 0.85F;
            faces.push_back({static_cast<float>(box.x) + (static_cast<float>(box.width) - side) / 2,
                             static_cast<float>(box.y) + (static_cast<float>(box.height) - side) / 2, side, side, 0.9F,
                             true});
        }
        return faces;
    }

private:
    cv::CascadeClassifier cascade_;
};

}  // namespace

Result<std::unique_ptr<FaceDetector>> open_haar_detector() {
    cv::CascadeClassifier cascade;
    if (!cascade.load(kCascade))
        return Error(Errc::not_found, std::string("cascade ") + kCascade + ": cannot be read (package opencv-data)");
    return std::unique_ptr<FaceDetector>(std::make_unique<HaarDetector>(cascade));
}

}  // namespace sallyport::camera
