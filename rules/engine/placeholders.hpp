// SPDX-License-Identifier: Apache-2.0
//
// What `%name%` stands for in a value with `expand`: given by whoever loads the rules, from registers or
// named lists.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::rules {

// The values of that name, each a plain text; nothing where there is no such name. An empty list is an
// answer: nothing matches it.
using PlaceholderSource = std::function<std::optional<std::vector<std::string>>(std::string_view name)>;

}  // namespace sallyport::rules
