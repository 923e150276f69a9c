// SPDX-License-Identifier: Apache-2.0
//
// People and rooms for composed clips: cut-outs of ../shared/vision/photos around labelled faces, and backgrounds.
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

namespace sallyport::camera::stage {

// A person from the hair to the chest, `face` pixels from chin to brow as the label has it.
struct Person {
    cv::Mat bgr;      // float, three channels
    cv::Mat alpha;    // float, 0..1
    cv::Rect2d face;  // within bgr
};

// The `number`th of six people, scaled so that the labelled face is so many pixels high.
[[nodiscard]] Person person(const std::filesystem::path& vision, int number, double face_height);
// The same, seen from behind: hair where the face was.
[[nodiscard]] Person turned_away(Person one);

// 640x480. `hall` is clip A's empty room, `house`, `print` and `mountain` are photos without a face, `office` is drawn:
// bare walls, a door, a desk, hardly any texture.
[[nodiscard]] cv::Mat room(const std::filesystem::path& vision, const std::string& name);

[[nodiscard]] cv::Mat read_jpeg(const std::filesystem::path& file);

}  // namespace sallyport::camera::stage
