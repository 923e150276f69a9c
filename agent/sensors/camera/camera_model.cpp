// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/camera_model.hpp"

#include <algorithm>

#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

// `.../0000:00:14.0/usb1/1-6/1-6:1.0` is a video node's interface; its parent is the device. Empty where it is no USB device.
fs::path usb_device_of(const fs::path& node) {
    std::error_code failed;
    const fs::path interface = fs::canonical(node / "device", failed);
    const fs::path device = interface.parent_path();
    return !failed && fs::exists(device / "idVendor", failed) ? device : fs::path();
}

// As usb_make_path() has it: `usb-`, the controller's own name, and the ports that lead to the device.
std::string bus_info_of(const fs::path& device) {
    fs::path hub = device;
    while (hub.has_relative_path() && !hub.filename().string().starts_with("usb"))
        hub = hub.parent_path();
    const auto ports = read_label(device / "devpath");
    return ports ? "usb-" + hub.parent_path().filename().string() + "-" + *ports : std::string();
}

bool is_meant(const fs::path& node, const fs::path& device, std::string_view where) {
    return where.starts_with('/') ? node.filename() == fs::path(where).filename() : bus_info_of(device) == where;
}

}  // namespace

std::optional<CameraModel> camera_model(const fs::path& root, const std::string& source) {
    constexpr std::string_view kKind = "v4l2:";
    if (!source.starts_with(kKind)) return std::nullopt;
    const std::string_view where = std::string_view(source).substr(kKind.size());
    for (const fs::path& node : entries(root / "sys/class/video4linux")) {
        const fs::path device = usb_device_of(node);
        if (device.empty() || !is_meant(node, device, where)) continue;
        const auto vid = read_label(device / "idVendor"), pid = read_label(device / "idProduct");
        if (vid && pid) return CameraModel{*vid, *pid};
    }
    return std::nullopt;
}

const posture::CameraPosture* expected_of(const std::vector<posture::CameraPosture>& expected, const CameraModel& model) {
    const auto at = std::find_if(expected.begin(), expected.end(),
                                 [&](const auto& one) { return one.vid == model.vid && one.pid == model.pid; });
    return at == expected.end() ? nullptr : &*at;
}

}  // namespace sallyport::agent
