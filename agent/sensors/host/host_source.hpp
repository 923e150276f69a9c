// SPDX-License-Identifier: Apache-2.0
//
// Where the host sensor sleeps. The one implementation (linux_host_source.cpp) waits for the kernel's device events, its
// routing messages, its clock, and for files and processes that were asked for.
#pragma once

#include <stop_token>
#include <vector>

#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

// Used by one thread.
class HostSource : public Following {
public:
    // Begins to listen: what happens from now on is told by wait(). Errc::unavailable when the kernel refuses.
    [[nodiscard]] virtual Result<void> open() = 0;
    // What happened; nothing after `pause` or when asked to stop. Sleeps in the kernel meanwhile.
    [[nodiscard]] virtual Result<std::vector<Stir>> wait(std::stop_token stop, std::chrono::milliseconds pause) = 0;
};

}  // namespace sallyport::agent
