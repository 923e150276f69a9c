// SPDX-License-Identifier: Apache-2.0
//
// Gives up, for good, every right that could carry a picture out of this process.
#pragma once

#include "protocol/result.hpp"

namespace sallyport::camera {

// After it: no new socket, no file opened for writing or created, no other program started, no core dump, no debugger.
// What was open before stays open. Fails closed: an error means the process must end.
[[nodiscard]] Result<void> enter_sandbox();

}  // namespace sallyport::camera
