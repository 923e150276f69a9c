// SPDX-License-Identifier: Apache-2.0
//
// The three numbers of the scene that the agent keeps for the camera process, which can write nothing: with them a lens
// that was covered or blurred while the camera was off is noticed at the start. Numbers only, in a file of one line.
#pragma once

#include <optional>
#include <string>

#include "agent/sensors/camera/camera_message.hpp"

namespace sallyport::agent {

// Nothing when there is no such file, or it is not three numbers in their range.
[[nodiscard]] std::optional<camera::SceneNumbers> read_scene(const std::string& file);
// Replaces the file whole. Losing it costs one start without a memory, so that it is not forced to the disk.
[[nodiscard]] Result<void> write_scene(const std::string& file, const camera::SceneNumbers& scene);

}  // namespace sallyport::agent
