// SPDX-License-Identifier: Apache-2.0
//
// Lists kept by hand, for `%name%` in rules: text files of one value a line. Blanks around a value, empty lines
// and lines that begin with `#` say nothing. Format: docs/formats/rules.md, "Lists".
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"
#include "rules/engine/placeholders.hpp"

namespace sallyport::rules {

inline constexpr std::size_t kListBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kListValuesMax = 100'000;
inline constexpr std::size_t kListValueBytesMax = 1024;

using ListFiles = std::map<std::string, std::filesystem::path, std::less<>>;

// Whether `%name%` is a placeholder: words of letters, digits and `_`, with single points between them.
[[nodiscard]] bool is_list_name(std::string_view name);
// Errc::bad_input as `file:line: what is wrong` for what is no text, has control characters or passes a bound.
[[nodiscard]] Result<std::vector<std::string>> read_list(const std::filesystem::path& file);
// All of them or the first error.
[[nodiscard]] Result<NamedLists> read_lists(const ListFiles& files);

}  // namespace sallyport::rules
