// SPDX-License-Identifier: Apache-2.0
//
// Times as text: UTC, RFC 3339, e.g. `2026-11-23T18:04:05.120Z`. Written with milliseconds; read with two to nine
// digits of fraction and the letter Z only (an offset would give one instant two spellings).
#pragma once

#include <string>
#include <string_view>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"

namespace sallyport {

[[nodiscard]] std::string format_time(WallTime time);
[[nodiscard]] Result<WallTime> parse_time(std::string_view text);

}  // namespace sallyport
