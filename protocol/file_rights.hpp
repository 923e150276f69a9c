// SPDX-License-Identifier: Apache-2.0
//
// Who else may read or change what a program holds secret. Asked at start, before anything is trusted. Any thread.
#pragma once

#include <filesystem>
#include <string>

#include "protocol/result.hpp"

namespace sallyport {

// Errc::refused, naming file and mode, when its group or others may do anything with it; Errc::not_found without it.
// A credential of systemd ($CREDENTIALS_DIRECTORY) may show its group as readers: the bits are the mask of its access
// list there, and its folder lets nobody else in (systemd.exec(5)).
[[nodiscard]] Result<void> check_secret_file(const std::filesystem::path& file);
// Errc::refused when others than its owner may put files into it or take them away: a key could be exchanged there.
[[nodiscard]] Result<void> check_private_folder(const std::filesystem::path& folder);

// A path as a configuration file names it: relative to the folder of that file; `$CREDENTIALS_DIRECTORY/name` is what
// systemd handed to the unit (LoadCredential=), and empty where it handed nothing.
[[nodiscard]] std::filesystem::path configured_path(const std::filesystem::path& folder, const std::string& text);

}  // namespace sallyport
