// SPDX-License-Identifier: Apache-2.0
//
// The accounts of the machine: /etc/passwd, and below "/" also what its name services know (getpwnam_r(3)).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace sallyport::agent {

[[nodiscard]] bool is_account(const std::filesystem::path& root, const std::string& name);
[[nodiscard]] std::optional<std::string> account_of(const std::filesystem::path& root, std::uint32_t uid);

}  // namespace sallyport::agent
