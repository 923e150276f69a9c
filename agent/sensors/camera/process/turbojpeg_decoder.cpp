// SPDX-License-Identifier: Apache-2.0
#include <turbojpeg.h>

#include <opencv2/imgproc.hpp>

#include "agent/sensors/camera/process/picture_decoder.hpp"

namespace sallyport::camera {
namespace {

constexpr int kSideMax = 8192;

}  // namespace

struct PictureDecoder::Handle {
    tjhandle turbo = tjInitDecompress();
    ~Handle() {
        if (turbo != nullptr)
            tjDestroy(turbo);
    }
};

PictureDecoder::PictureDecoder() : handle_(std::make_unique<Handle>()) {}
PictureDecoder::~PictureDecoder() = default;

Result<cv::Mat> PictureDecoder::decode(const RawFrame& frame) {
    if (frame.format == PixelFormat::yuyv) {
        if (frame.bytes.size() < static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height) * 2)
            return Error(Errc::bad_input, "picture: fewer bytes than its size needs");
        const cv::Mat yuyv(frame.height, frame.width, CV_8UC2, const_cast<std::uint8_t*>(frame.bytes.data()));
        cv::Mat bgr;
        cv::cvtColor(yuyv, bgr, cv::COLOR_YUV2BGR_YUYV);
        return bgr;
    }
    int width = 0, height = 0, subsampling = 0, colourspace = 0;
    if (tjDecompressHeader3(handle_->turbo, frame.bytes.data(), frame.bytes.size(), &width, &height, &subsampling,
                            &colourspace) != 0)
        return Error(Errc::bad_input, std::string("picture: ") + tjGetErrorStr2(handle_->turbo));
    if (width > kSideMax || height > kSideMax)
        return Error(Errc::exhausted, "picture: larger than 8192 pixels a side");
    cv::Mat bgr(height, width, CV_8UC3);
    if (tjDecompress2(handle_->turbo, frame.bytes.data(), frame.bytes.size(), bgr.data, width, static_cast<int>(bgr.step),
                      height, TJPF_BGR, 0) != 0 &&
        tjGetErrorCode(handle_->turbo) == TJERR_FATAL)
        return Error(Errc::bad_input, std::string("picture: ") + tjGetErrorStr2(handle_->turbo));
    return bgr;
}

}  // namespace sallyport::camera
