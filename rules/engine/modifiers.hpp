// SPDX-License-Identifier: Apache-2.0
//
// `Field|modifier|modifier`: the part of a selection's key that says how values are compared (Sigma 2.1, 31
// modifiers).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules/engine/predicate.hpp"
#include "rules/engine/text_encoding.hpp"

namespace sallyport::rules {

struct Modifiers {
    enum class Shape { whole, contains, starts_with, ends_with };
    enum class Base64 { none, plain, at_offsets };

    Shape shape = Shape::whole;
    bool all = false;
    bool negated = false;  // neq
    bool cased = false;
    bool exists = false;
    bool cidr = false;
    bool reference = false;  // fieldref
    bool dashes = false;     // windash
    bool expand = false;     // `%name%` is a placeholder
    bool regex = false;
    RegexFlags regex_flags;
    std::optional<Comparison> comparison;
    std::optional<TimePartTest::Part> time_part;
    std::optional<Utf16> utf16;
    Base64 base64 = Base64::none;
};

struct FieldKey {
    std::string field;  // empty: keywords
    Modifiers modifiers;
};

// What is wrong with the name, as a sentence: nothing in an event is nested that deeply or named at that length.
[[nodiscard]] std::optional<std::string> why_no_field(std::string_view name);
// What is wrong with the key, as a sentence, or the key understood.
[[nodiscard]] std::variant<FieldKey, std::string> parse_field_key(std::string_view key);

}  // namespace sallyport::rules
