// SPDX-License-Identifier: Apache-2.0
//
// Single values as rules compare them: what text, what number a value is. For groups, placeholders and
// counted values, which are asked for one by one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/value.hpp"

namespace sallyport::rules {

// The text of a scalar as rules compare it; nothing for null, lists and records.
[[nodiscard]] std::optional<std::string> text_of_scalar(const Value& value);
[[nodiscard]] std::string text_of_number(double number);
[[nodiscard]] std::optional<double> number_of_scalar(const Value& value);
[[nodiscard]] std::optional<double> number_of_text(std::string_view text);
// The field's first scalar as text, or empty. A dotted name is looked for as it stands, then as a path into
// nested records.
[[nodiscard]] std::string field_text(const Record& record, std::string_view field);
[[nodiscard]] std::optional<double> field_number(const Record& record, std::string_view field);

}  // namespace sallyport::rules
