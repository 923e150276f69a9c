// SPDX-License-Identifier: Apache-2.0
//
// The camera process as its sensor sees it: started, read line by line, ended. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::agent {

class CameraProcess {
public:
    virtual ~CameraProcess() = default;  // ends it
    // The next line; nothing when the patience ran out. Errc::unavailable: the process ended. Errc::exhausted: it sent
    // a line longer than any event, and must not be trusted further.
    [[nodiscard]] virtual Result<std::optional<std::string>> read_line(std::chrono::milliseconds patience) = 0;
};

// Starts it with nothing inherited but the one pipe it writes lines to.
[[nodiscard]] Result<std::unique_ptr<CameraProcess>> start_camera_process(const std::vector<std::string>& command);

// True when only root could have made and can change the file: the local switch by which somebody with hands on the
// terminal enables its camera.
[[nodiscard]] bool is_root_made(const std::string& file);

}  // namespace sallyport::agent
