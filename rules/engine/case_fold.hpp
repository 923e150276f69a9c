// SPDX-License-Identifier: Apache-2.0
//
// Upper and lower case made alike, so that `ИВАНОВ` is found by `иванов`: Unicode's simple case folding, with
// a fast path for ASCII. Bytes that are no valid UTF-8 stay as they are.
#pragma once

#include <string>
#include <string_view>

#include "rules/engine/text_arena.hpp"

namespace sallyport::rules {

[[nodiscard]] std::string fold_case(std::string_view text);
// The same, in the arena.
[[nodiscard]] std::string_view fold_case(std::string_view text, TextArena& arena);

}  // namespace sallyport::rules
