// SPDX-License-Identifier: Apache-2.0
//
// Durations as rules write them: a number and one of ms, s, m, h, d, w, M, y.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sallyport::rules {

[[nodiscard]] std::optional<std::chrono::milliseconds> parse_timespan(std::string_view text);

}  // namespace sallyport::rules
