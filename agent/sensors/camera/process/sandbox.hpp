// SPDX-License-Identifier: Apache-2.0
//
// Gives up, for good, every right that could carry a picture out of this process.
#pragma once

#include <cstdint>

#include "protocol/result.hpp"

namespace sallyport::camera {

// The only way out that is left: one descriptor, so many bytes at a time.
struct Doors {
    int outlet = 1;
    std::uint32_t bytes_max = 1024;
    bool reads_files = false;  // a folder of pictures is opened file by file; a camera or a stream is open already
};

// After it only a short list of calls is left: reading what is open, writing to the outlet, waiting, memory, and the
// camera's own controls. No socket, no file opened (or, for a folder, only for reading), no program, no thread, no code
// made at run time, no core dump, no debugger. Fails closed: an error means the process must end.
[[nodiscard]] Result<void> enter_sandbox(const Doors& doors);

}  // namespace sallyport::camera
