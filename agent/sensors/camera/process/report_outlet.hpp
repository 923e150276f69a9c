// SPDX-License-Identifier: Apache-2.0
//
// Where the camera process tells what it saw, and hears what it must know: JSON lines on standard output (by hand,
// tests), or the agent's socket.
#pragma once

#include <memory>
#include <optional>

#include "agent/sensors/camera/camera_message.hpp"
#include "agent/sensors/camera/process/sandbox.hpp"

namespace sallyport::camera {

class ReportOutlet {
public:
    virtual ~ReportOutlet() = default;
    // An error: nobody listens any more, and the process must end.
    [[nodiscard]] virtual Result<void> tell(const CameraEvent& event) = 0;
    // What the agent said since the last call; never blocks.
    struct Heard {
        std::optional<double> input_ago_s;     // somebody used keyboard or mouse
        std::optional<double> pattern_for_s;   // a drill wants its pattern looked for
    };
    [[nodiscard]] virtual Heard heard() = 0;
    // What the sandbox must leave open for it.
    [[nodiscard]] virtual Doors doors() const = 0;
};

[[nodiscard]] std::unique_ptr<ReportOutlet> json_lines();
// A socket inherited from the agent that keeps messages whole (SOCK_SEQPACKET).
[[nodiscard]] std::unique_ptr<ReportOutlet> agent_socket(int descriptor);

// Standard input, output and error lead nowhere from now on.
void close_standard_streams();

}  // namespace sallyport::camera
