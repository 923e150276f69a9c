// SPDX-License-Identifier: Apache-2.0
//
// A correlation's condition in words (the coming Sigma 2.2) as the ways in which it can hold: `a and (b or
// not c)` is {a, b} or {a without c}.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/condition_parser.hpp"

namespace sallyport::rules {

// `names` are the parts, by their number. Refused: names that are none of them, `of`, a condition that can
// hold with nothing there at all, that can never hold, or that has more ways than can be watched.
[[nodiscard]] std::variant<std::vector<Conjunction>, ConditionFault> terms_of(
    const Condition& condition, const std::vector<std::string>& names);
// The names in a condition, each once, in its order.
[[nodiscard]] std::vector<std::string> names_in(const Condition& condition);

}  // namespace sallyport::rules
