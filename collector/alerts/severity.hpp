// SPDX-License-Identifier: Apache-2.0
//
// How grave an alert is (catalogue section 2). Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::alerts {

// 0 info .. 4 critical; a word that is none of them counts as info.
[[nodiscard]] int severity_rank(std::string_view severity);
// Sigma's `level`, in which info is called informational.
[[nodiscard]] std::string severity_of_level(std::string_view level);
[[nodiscard]] std::string graver(std::string_view one, std::string_view other);
[[nodiscard]] std::string milder(std::string_view one, std::string_view other);

}  // namespace sallyport::alerts
