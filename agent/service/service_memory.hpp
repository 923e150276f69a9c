// SPDX-License-Identifier: Apache-2.0
//
// How much memory the service and its processes use of what they may (cgroup v2: memory.current, memory.max). The one
// implementation is linux_service_memory.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace sallyport::agent {

struct MemoryUse {
    std::uint64_t used = 0;   // bytes; what the kernel could take back at once (clean file pages) is not counted
    std::uint64_t limit = 0;  // bytes, at which the kernel kills
};

// Nothing: outside a service, or in one without a limit. `root` is /, but for tests.
[[nodiscard]] std::optional<MemoryUse> service_memory(const std::filesystem::path& root = "/");

}  // namespace sallyport::agent
