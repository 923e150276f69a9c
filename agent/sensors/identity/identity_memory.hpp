// SPDX-License-Identifier: Apache-2.0
//
// What the identity sensor has already reported: the boot, and the components then present. Kept in a file so
// that a disk exchanged while the agent was not running is found. A lost or broken file makes the present
// state the new beginning.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "protocol/result.hpp"

namespace sallyport::agent {

// id_hash -> class, as device.component has them
using Components = std::map<std::string, std::string>;

struct IdentityMemory {
    std::string boot_id;
    // `nic`, `disk`, `pci`; a group that the kernel has never shown is not there.
    std::map<std::string, Components> groups;

    bool operator==(const IdentityMemory&) const = default;
};

// An empty memory when the file does not exist; Errc::corrupt when it cannot be read as one.
[[nodiscard]] Result<IdentityMemory> load_identity_memory(const std::filesystem::path& file);
[[nodiscard]] Result<void> save_identity_memory(const IdentityMemory& memory,
                                                const std::filesystem::path& file);

}  // namespace sallyport::agent
