// SPDX-License-Identifier: Apache-2.0
//
// Who runs the command, and from where.
#pragma once

#include <filesystem>
#include <string>

namespace sallyport::ctl {

// Of the one who runs this.
[[nodiscard]] std::string user_name();
// The folder in which this program lies; empty when the system does not tell.
[[nodiscard]] std::filesystem::path program_folder();

}  // namespace sallyport::ctl
