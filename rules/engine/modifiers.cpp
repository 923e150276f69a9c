// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/modifiers.hpp"

#include <algorithm>

namespace sallyport::rules {
namespace {

using Set = void (*)(Modifiers&);

struct Entry {
    std::string_view name;
    Set set;
};

constexpr Entry kModifiers[] = {
    {"all", [](Modifiers& m) { m.all = true; }},
    {"contains", [](Modifiers& m) { m.shape = Modifiers::Shape::contains; }},
    {"startswith", [](Modifiers& m) { m.shape = Modifiers::Shape::starts_with; }},
    {"endswith", [](Modifiers& m) { m.shape = Modifiers::Shape::ends_with; }},
    {"exists", [](Modifiers& m) { m.exists = true; }},
    {"cased", [](Modifiers& m) { m.cased = true; }},
    {"neq", [](Modifiers& m) { m.negated = true; }},
    {"windash", [](Modifiers& m) { m.dashes = true; }},
    {"expand", [](Modifiers& m) { m.expand = true; }},
    {"re", [](Modifiers& m) { m.regex = true; }},
    {"i", [](Modifiers& m) { m.regex_flags.ignore_case = true; }},
    {"ignorecase", [](Modifiers& m) { m.regex_flags.ignore_case = true; }},
    {"m", [](Modifiers& m) { m.regex_flags.multiline = true; }},
    {"multiline", [](Modifiers& m) { m.regex_flags.multiline = true; }},
    {"s", [](Modifiers& m) { m.regex_flags.dot_all = true; }},
    {"dotall", [](Modifiers& m) { m.regex_flags.dot_all = true; }},
    {"base64", [](Modifiers& m) { m.base64 = Modifiers::Base64::plain; }},
    {"base64offset", [](Modifiers& m) { m.base64 = Modifiers::Base64::at_offsets; }},
    {"wide", [](Modifiers& m) { m.utf16 = Utf16::little_endian; }},
    {"utf16le", [](Modifiers& m) { m.utf16 = Utf16::little_endian; }},
    {"utf16be", [](Modifiers& m) { m.utf16 = Utf16::big_endian; }},
    {"utf16", [](Modifiers& m) { m.utf16 = Utf16::with_mark; }},
    {"lt", [](Modifiers& m) { m.comparison = Comparison::less; }},
    {"lte", [](Modifiers& m) { m.comparison = Comparison::less_or_equal; }},
    {"gt", [](Modifiers& m) { m.comparison = Comparison::greater; }},
    {"gte", [](Modifiers& m) { m.comparison = Comparison::greater_or_equal; }},
    {"minute", [](Modifiers& m) { m.time_part = TimePartTest::Part::minute; }},
    {"hour", [](Modifiers& m) { m.time_part = TimePartTest::Part::hour; }},
    {"day", [](Modifiers& m) { m.time_part = TimePartTest::Part::day; }},
    {"week", [](Modifiers& m) { m.time_part = TimePartTest::Part::week; }},
    {"month", [](Modifiers& m) { m.time_part = TimePartTest::Part::month; }},
    {"year", [](Modifiers& m) { m.time_part = TimePartTest::Part::year; }},
    {"cidr", [](Modifiers& m) { m.cidr = true; }},
    {"fieldref", [](Modifiers& m) { m.reference = true; }},
};

const Entry* find_modifier(std::string_view name) {
    const auto* at = std::find_if(std::begin(kModifiers), std::end(kModifiers),
                                  [&](const Entry& entry) { return entry.name == name; });
    return at == std::end(kModifiers) ? nullptr : at;
}

// A pair that no reader could give one meaning to, in words.
std::optional<std::string> contradiction(const Modifiers& m) {
    const bool text =
        m.shape != Modifiers::Shape::whole || m.dashes || m.utf16 || m.base64 != Modifiers::Base64::none;
    const int kinds = (m.regex ? 1 : 0) + (m.cidr ? 1 : 0) + (m.exists ? 1 : 0) + (m.time_part ? 1 : 0);
    const bool flags = m.regex_flags.ignore_case || m.regex_flags.multiline || m.regex_flags.dot_all;
    if (flags && !m.regex) return "`i`, `m` and `s` go with `re` only";
    if (kinds > 1 || (kinds == 1 && (text || m.reference || m.cased)))
        return "these modifiers cannot be combined";
    if (m.comparison && (text || m.cased || m.regex || m.cidr || m.exists))
        return "a numeric comparison cannot be combined with a text modifier";
    if (m.comparison && m.all) return "`all` says nothing of a comparison with one number";
    if (m.exists && m.all) return "`exists` takes one flag, not a list";
    if (m.reference && (m.dashes || m.utf16 || m.base64 != Modifiers::Base64::none))
        return "`fieldref` cannot be combined with an encoding";
    if (m.expand && (m.regex || m.exists || m.time_part || m.comparison || m.reference))
        return "`expand` goes with texts and blocks of addresses only";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> why_no_field(std::string_view name) {
    constexpr std::size_t kBytesMax = 512, kPartsMax = 24;
    if (name.size() > kBytesMax) return "a field's name has at most " + std::to_string(kBytesMax) + " bytes";
    if (static_cast<std::size_t>(std::count(name.begin(), name.end(), '.')) >= kPartsMax)
        return "a field's name has at most " + std::to_string(kPartsMax) + " parts between dots";
    return std::nullopt;
}

std::variant<FieldKey, std::string> parse_field_key(std::string_view key) {
    FieldKey parsed;
    auto bar = key.find('|');
    parsed.field = std::string(key.substr(0, bar));
    std::vector<std::string_view> seen;
    while (bar != std::string_view::npos) {
        key.remove_prefix(bar + 1);
        bar = key.find('|');
        const std::string_view name = key.substr(0, bar);
        const Entry* modifier = find_modifier(name);
        if (modifier == nullptr) return "unknown modifier '" + std::string(name) + "'";
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            return "the modifier '" + std::string(name) + "' is there twice";
        // `gte|lte` or `contains|endswith`: the second would silently win.
        const auto is_shape = [](std::string_view n) {
            return n == "contains" || n == "startswith" || n == "endswith";
        };
        const auto is_comparison = [](std::string_view n) {
            return n == "lt" || n == "lte" || n == "gt" || n == "gte";
        };
        if ((is_shape(name) && std::any_of(seen.begin(), seen.end(), is_shape)) ||
            (is_comparison(name) && std::any_of(seen.begin(), seen.end(), is_comparison)))
            return "'" + std::string(name) + "' contradicts the modifier before it";
        modifier->set(parsed.modifiers);
        seen.push_back(name);
    }
    if (auto message = why_no_field(parsed.field)) return *message;
    if (auto message = contradiction(parsed.modifiers)) return *message;
    return parsed;
}

}  // namespace sallyport::rules
