// SPDX-License-Identifier: Apache-2.0
//
// Raw bytes of a camera to a BGR picture.
#pragma once

#include <memory>
#include <opencv2/core.hpp>

#include "agent/sensors/camera/process/frame_source.hpp"

namespace sallyport::camera {

class PictureDecoder {
public:
    PictureDecoder();
    ~PictureDecoder();
    // 8-bit BGR of the frame's own size; a broken or absurdly large picture is an error, not a crash.
    [[nodiscard]] Result<cv::Mat> decode(const RawFrame& frame);

private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

}  // namespace sallyport::camera
