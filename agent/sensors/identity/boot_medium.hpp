// SPDX-License-Identifier: Apache-2.0
//
// What the running system was booted from, where the firmware does not say it: the kernel's command line (a network boot leaves its
// traces there) and the medium that /boot or / lies on.
#pragma once

#include <filesystem>
#include <string>

#include "agent/sensors/identity/machine.hpp"

namespace sallyport::agent {

[[nodiscard]] BootSource boot_medium(const std::filesystem::path& root);
// Of a block device as `8:1`: through partitions, RAID and encryption down to the first disk.
[[nodiscard]] BootSource source_of_device(const std::filesystem::path& root, const std::string& numbers);

}  // namespace sallyport::agent
