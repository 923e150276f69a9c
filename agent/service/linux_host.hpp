// SPDX-License-Identifier: Apache-2.0
//
// What the running machine and program say of themselves.
#pragma once

#include <string>

#include "protocol/result.hpp"

namespace sallyport::agent {

// 32 hex digits, another one at each boot.
[[nodiscard]] Result<std::string> boot_id();
// SHA-256 of the program that is running, as hex.
[[nodiscard]] Result<std::string> program_sha256();

}  // namespace sallyport::agent
