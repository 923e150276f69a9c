// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of a file of any size, read piece by piece: a program's own file must not pass through its memory as a whole. Any thread.
#pragma once

#include <filesystem>

#include "protocol/bytes.hpp"
#include "protocol/result.hpp"

namespace sallyport {

// Errc::not_found when there is no such file, else Errc::io.
[[nodiscard]] Result<Digest> sha256_of_file(const std::filesystem::path& file);

}  // namespace sallyport
