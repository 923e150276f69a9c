// SPDX-License-Identifier: Apache-2.0
//
// The camera process as its sensor sees it: started, read message by message, ended. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/sensors/camera/camera_message.hpp"
#include "protocol/result.hpp"

namespace sallyport::agent {

class CameraProcess {
public:
    virtual ~CameraProcess() = default;  // ends it
    // The next report; nothing when the patience ran out. Errc::unavailable: the process ended. Errc::bad_input: it
    // sent what is no report, and must not be trusted further.
    [[nodiscard]] virtual Result<std::optional<camera::Report>> read(std::chrono::milliseconds patience) = 0;
    // Somebody used keyboard or mouse that long ago. A process that has ended is told nothing.
    virtual void tell_input(std::chrono::milliseconds ago) = 0;
    // Look for the drill's pattern for so long.
    virtual void ask_for_pattern(std::chrono::seconds span) = 0;
};

// The descriptor on which the process finds its socket.
inline constexpr int kCameraSocket = 3;

// Starts it with nothing inherited but standard error (for its journal, until the first picture) and the one socket.
[[nodiscard]] Result<std::unique_ptr<CameraProcess>> start_camera_process(const std::vector<std::string>& command);

// True when only root could have made and can change the file: the local switch by which somebody with hands on the
// terminal enables its camera.
[[nodiscard]] bool is_root_made(const std::string& file);

}  // namespace sallyport::agent
