// SPDX-License-Identifier: Apache-2.0
//
// Files as an administrator's command needs them: whole, durable, and readable by nobody else where they are secret.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace sallyport::ctl {

enum class Secrecy { open, secret };  // mode 0644, mode 0600

// At most 64 MiB.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& file);
// Replaces the file in one step; durable when it returns.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& file, std::string_view content, Secrecy secrecy);
// Mode 0700; an existing directory is left as it is.
[[nodiscard]] Result<void> make_secret_directory(const std::filesystem::path& directory);

// Asks the process whose id stands in the file to read its configuration again (SIGHUP). False when there is no such
// process, or when the number meanwhile belongs to another program.
[[nodiscard]] Result<bool> reload_process(const std::filesystem::path& pid_file, std::string_view program);
// Of the one who runs this.
[[nodiscard]] std::string user_name();

}  // namespace sallyport::ctl
