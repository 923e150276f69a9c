// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fstream>
#include <opencv2/objdetect.hpp>

#include "agent/sensors/camera/process/face_detector.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::camera {
namespace {

constexpr std::string_view kModelSha256 = "50ef07f702a31741ca46a4c0d947773b64143b9362780237bf0d427d6c79bab7";
// 0.8 and below gave lasting false faces on cluttered shelves, which hid real absence.
constexpr float kScoreMin = 0.9F;
constexpr float kOverlapMax = 0.3F;
constexpr int kCandidatesMax = 5000;
// |nose - eye midpoint| along the eye axis, over the box width: 0.15 is about 45 degrees of yaw.
constexpr float kYawMax = 0.15F;

// Row layout of FaceDetectorYN: x, y, w, h, right eye, left eye, nose, two mouth corners (x, y each), score.
bool faces_screen(const float* row) {
    const float eye_x = row[6] - row[4], eye_y = row[7] - row[5];
    const float eye_distance = std::hypot(eye_x, eye_y);
    if (eye_distance < 1.0F || row[2] < 1.0F)
        return false;
    const float nose_x = row[8] - (row[4] + row[6]) / 2, nose_y = row[9] - (row[5] + row[7]) / 2;
    return std::fabs((nose_x * eye_x + nose_y * eye_y) / eye_distance) / row[2] < kYawMax;
}

class YunetDetector final : public FaceDetector {
public:
    explicit YunetDetector(cv::Ptr<cv::FaceDetectorYN> detector) : detector_(std::move(detector)) {}

    std::vector<Face> detect(const cv::Mat& bgr) override {
        if (bgr.size() != size_) {
            size_ = bgr.size();
            detector_->setInputSize(size_);
        }
        cv::Mat rows;
        detector_->detect(bgr, rows);
        std::vector<Face> faces;
        for (int i = 0; i < rows.rows; ++i) {
            const float* row = rows.ptr<float>(i);
            faces.push_back({row[0], row[1], row[2], row[3], row[14], faces_screen(row)});
        }
        return faces;
    }

private:
    cv::Ptr<cv::FaceDetectorYN> detector_;
    cv::Size size_;
};

}  // namespace

Result<std::unique_ptr<FaceDetector>> open_yunet_detector(const std::filesystem::path& model) {
    std::ifstream in(model, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (bytes.empty())
        return Error(Errc::not_found, "model " + model.string() + ": cannot be read");
    if (to_hex(sha256(bytes_of(bytes))) != kModelSha256)
        return Error(Errc::refused, "model " + model.string() + ": not the file that was examined (SHA-256 differs)");
    try {
        auto detector = cv::FaceDetectorYN::create(model.string(), "", cv::Size(640, 480), kScoreMin, kOverlapMax,
                                                   kCandidatesMax);
        return std::unique_ptr<FaceDetector>(std::make_unique<YunetDetector>(std::move(detector)));
    } catch (const cv::Exception& failure) {
        return Error(Errc::internal, "model " + model.string() + ": " + failure.what());
    }
}

}  // namespace sallyport::camera
