// SPDX-License-Identifier: Apache-2.0
//
// Who runs the command, and the broker that it asks to read its configuration again.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace sallyport::ctl {

// Asks the process whose id stands in the file to read its configuration again (SIGHUP). False when there is no such
// process, or when the number meanwhile belongs to another program.
[[nodiscard]] Result<bool> reload_process(const std::filesystem::path& pid_file, std::string_view program);
// Of the one who runs this.
[[nodiscard]] std::string user_name();

}  // namespace sallyport::ctl
