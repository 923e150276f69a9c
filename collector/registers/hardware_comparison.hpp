// SPDX-License-Identifier: Apache-2.0
//
// What of a terminal's hardware differs from the register (rule IDN-05; decisions 7). Only what is built in counts:
// network cards on the PCI bus and internal disks. What either side does not know is no difference. Pure.
#pragma once

#include <string>
#include <vector>

#include "protocol/value.hpp"

namespace sallyport::registers {

struct HardwareDifference {
    std::vector<std::string> changed;  // of system_serial, board_serial, disk_serials, nics
    bool tpm_changed = false;
};

[[nodiscard]] HardwareDifference compare_hardware(const Record& terminal_entry, const Record& identity_body);

}  // namespace sallyport::registers
