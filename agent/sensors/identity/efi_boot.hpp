// SPDX-License-Identifier: Apache-2.0
//
// Where the firmware says that it booted from: the device path inside a Boot#### variable (UEFI 2.10
// sections 3.1.3 and 10.3). Pure; anything malformed is `unknown`.
#pragma once

#include <optional>
#include <string>

#include "agent/sensors/identity/machine.hpp"
#include "protocol/bytes.hpp"

namespace sallyport::agent {

struct EfiBootPath {
    BootSource source = BootSource::unknown;
    // Set where the path names a partition and not the disk's bus: whoever knows the disks must say where
    // that is.
    std::optional<std::string> partition_guid;  // as /dev/disk/by-partuuid has it
};

// An EFI_LOAD_OPTION, without the four bytes that efivarfs puts before it.
[[nodiscard]] EfiBootPath read_efi_load_option(ByteView option);

}  // namespace sallyport::agent
