// SPDX-License-Identifier: Apache-2.0
//
// How the boot before this one ended (rule FWB-07, COR-07), from what the system wrote down: wtmp's record of an orderly shutdown, and
// the kernel's dump of a panic (pstore). Without a shutdown record and without a dump the machine just stopped: its power was cut, or
// somebody held the button. Where no earlier boot is on record nobody knows.
#pragma once

#include <filesystem>
#include <vector>

#include "agent/sensors/identity/machine.hpp"
#include "agent/sensors/login_records.hpp"

namespace sallyport::agent {

// `panicked`: a dump of the boot before was kept.
[[nodiscard]] Shutdown last_shutdown(const std::vector<LoginRecord>& wtmp, bool panicked);
// Reads /var/log/wtmp, /sys/fs/pstore and /var/lib/systemd/pstore below `root`.
[[nodiscard]] Shutdown read_last_shutdown(const std::filesystem::path& root);

}  // namespace sallyport::agent
