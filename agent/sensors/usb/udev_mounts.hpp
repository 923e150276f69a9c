// SPDX-License-Identifier: Apache-2.0
//
// Mounts from /proc/self/mountinfo, led back to their USB device through udev: through partitions, and
// through device mapper down to the disk below an encrypted volume.
#pragma once

#include <filesystem>
#include <memory>

namespace sallyport::agent {

class MountTable;

[[nodiscard]] std::unique_ptr<MountTable> make_udev_mounts(
    std::filesystem::path mountinfo = "/proc/self/mountinfo");

}  // namespace sallyport::agent
