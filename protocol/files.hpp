// SPDX-License-Identifier: Apache-2.0
//
// Small files that must be whole: a key, a certificate, what a sensor has to remember. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace sallyport {

enum class Secrecy { open, secret };  // mode 0644, mode 0600

// At most 64 MiB.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& file);
// Replaces the file in one step: loss of power leaves the old content or the new. Durable when it returns.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& file, std::string_view content, Secrecy secrecy);
// Mode 0700; an existing directory is left as it is.
[[nodiscard]] Result<void> make_secret_directory(const std::filesystem::path& directory);

}  // namespace sallyport
