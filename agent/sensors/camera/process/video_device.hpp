// SPDX-License-Identifier: Apache-2.0
//
// A video device node as the kernel offers it: the line at which tests put a camera of their own. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::camera {

class VideoDevice {
public:
    virtual ~VideoDevice() = default;  // closes it
    // As ioctl(2): 0, or the error number (never EINTR).
    [[nodiscard]] virtual int control(unsigned long request, void* argument) = 0;
    // A buffer of the device, shared with it; nothing when it cannot be mapped. Unmapped with the device.
    [[nodiscard]] virtual const std::uint8_t* map(std::size_t length, std::uint32_t offset) = 0;
    // True when a picture (or the device's end) can be read within that time.
    [[nodiscard]] virtual bool wait(std::chrono::milliseconds patience) = 0;
    // True when no hardware is behind it, as far as the kernel's device tree tells.
    [[nodiscard]] virtual bool made_by_software() const = 0;
};

class VideoNodes {
public:
    virtual ~VideoNodes() = default;
    // Errc::conflict: busy. Errc::unavailable: not there, or not for us.
    [[nodiscard]] virtual Result<std::unique_ptr<VideoDevice>> open(const std::string& node) const = 0;
    [[nodiscard]] virtual std::vector<std::string> list() const = 0;  // /dev/video*, in their order
};

[[nodiscard]] std::unique_ptr<VideoNodes> video_nodes();

// Until the node or its folder changes (another program closes it, udev makes it anew), or the patience ends: what is
// not signalled, such as a shared lock, is found then.
void await_video_change(const std::string& node, std::chrono::seconds patience);

// The programs that hold the node open, for the terminal's own journal: "pid 812 (cheese)"; empty when none is seen.
[[nodiscard]] std::string holders_of(const std::string& node);

}  // namespace sallyport::camera
