// SPDX-License-Identifier: Apache-2.0
//
// Which model of camera a source names, by its USB id in sysfs: what is expected of it is chosen by that. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "posture/posture.hpp"

namespace sallyport::agent {

struct CameraModel {
    std::string vid, pid;  // four hex digits
    bool operator==(const CameraModel&) const = default;
};

// `v4l2:/dev/videoN`, or `v4l2:BUS` as the kernel names a USB port (`usb-0000:00:14.0-6`). Nothing where it is no USB camera,
// or is away. `root` is `/` but in tests.
[[nodiscard]] std::optional<CameraModel> camera_model(const std::filesystem::path& root, const std::string& source);

// What is expected of that model; nullptr where no file speaks of it.
[[nodiscard]] const posture::CameraPosture* expected_of(const std::vector<posture::CameraPosture>& expected,
                                                        const CameraModel& model);

}  // namespace sallyport::agent
