// SPDX-License-Identifier: Apache-2.0
//
// One value of a `field|modifiers: value` entry with its modifiers applied: what is to be asked, before
// anyone knows of which field number.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "rules/engine/modifiers.hpp"
#include "rules/engine/placeholders.hpp"
#include "rules/engine/yaml_document.hpp"

namespace sallyport::rules {

struct TextValue {
    std::vector<StringPattern> alternatives;  // one of them is enough; as written, not folded
    bool cased = false;
};
struct RegexValue {
    std::string expression;
    RegexFlags flags;
};
struct RangeValue {
    std::vector<IpRange> alternatives;
    std::string text;
};
struct NumberValue {
    Comparison comparison = Comparison::equal;
    double number = 0;
};
struct FlagValue {
    bool flag = false;
};
struct NullValue {};
struct PresenceValue {
    bool present = true;
};
struct ReferenceValue {
    std::string field;
    ReferenceTest::Shape shape = ReferenceTest::Shape::whole;
    bool cased = false;
    Comparison comparison = Comparison::equal;
};

using ParsedValue = std::variant<TextValue, RegexValue, RangeValue, NumberValue, FlagValue, NullValue,
                                 PresenceValue, ReferenceValue, TimePartTest>;

// What is wrong with the value, as a sentence, or the value understood. `placeholders` may be empty: then
// every
// `%name%` with `expand` is wrong.
[[nodiscard]] std::variant<ParsedValue, std::string> parse_value(const FieldKey& key, const YamlNode& node,
                                                                 const PlaceholderSource& placeholders);

// Whether a `*` or `?` of the text is made literal by a single backslash: right, or the commonest mistake.
[[nodiscard]] bool has_escaped_wildcard(std::string_view text);

}  // namespace sallyport::rules
