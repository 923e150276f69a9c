// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/value_parser.hpp"

#include <algorithm>

#include "rules/engine/event_view.hpp"

namespace sallyport::rules {
namespace {

using Outcome = std::variant<ParsedValue, std::string>;
using Texts = std::vector<std::string>;

// `%a%%b%` is every value of a with every value of b.
constexpr std::size_t kExpandedMax = 100'000;

bool encodes(const Modifiers& m) {
    return m.utf16 || m.base64 != Modifiers::Base64::none;
}

bool has_text_modifier(const Modifiers& m) {
    return m.shape != Modifiers::Shape::whole || m.cased || m.dashes || m.expand || encodes(m);
}

Outcome parse_presence(const YamlNode& node) {
    const Value value = node.scalar();
    const auto* flag = value.as<bool>();
    if (flag == nullptr) return "`exists` takes true or false";
    return PresenceValue{*flag};
}

Outcome parse_reference(const Modifiers& m, const YamlNode& node) {
    if (node.text.empty()) return "`fieldref` names a field";
    if (auto message = why_no_field(node.text)) return *message;
    using Shape = ReferenceTest::Shape;
    constexpr Shape kShapes[] = {Shape::whole, Shape::contains, Shape::starts_with, Shape::ends_with};
    return ReferenceValue{node.text,
                          m.comparison ? Shape::number : kShapes[static_cast<std::size_t>(m.shape)], m.cased,
                          m.comparison.value_or(Comparison::equal)};
}

// A placeholder's values, or the sentence that says it has none.
std::variant<Texts, std::string> values_of(const std::string& name, const PlaceholderSource& placeholders) {
    if (placeholders) {
        auto values = placeholders(name);
        if (!values) return "the placeholder '%" + name + "%' cannot be read: " + values.error().message();
        if (*values) return **std::move(values);
    }
    return "nothing is known of the placeholder '%" + name + "%'";
}

// Every pattern that comes of putting values in the placeholders' places.
std::variant<std::vector<StringPattern>, std::string> expanded(const StringPattern& pattern,
                                                               const PlaceholderSource& placeholders) {
    std::vector<StringPattern> patterns{StringPattern()};
    for (const PatternPiece& piece : pattern.pieces()) {
        if (piece.kind != PatternPiece::Kind::placeholder) {
            for (StringPattern& begun : patterns)
                begun.append(piece);
            continue;
        }
        auto values = values_of(piece.text, placeholders);
        if (auto* message = std::get_if<std::string>(&values)) return std::move(*message);
        const Texts& texts = std::get<Texts>(values);
        if (patterns.size() * texts.size() > kExpandedMax)
            return "the placeholders expand to too many values";
        std::vector<StringPattern> longer;
        for (const StringPattern& begun : patterns)
            for (const std::string& text : texts) {
                longer.push_back(begun);
                longer.back().append({PatternPiece::Kind::literal, text});
            }
        patterns = std::move(longer);
    }
    return patterns;
}

Outcome parse_range(const FieldKey& key, const YamlNode& node, const PlaceholderSource& placeholders) {
    Texts texts{node.text};
    std::vector<StringPattern> patterns;
    if (key.modifiers.expand) {
        auto all = expanded(StringPattern::parse_expandable(node.text), placeholders);
        if (auto* message = std::get_if<std::string>(&all)) return std::move(*message);
        texts.clear();
        for (const StringPattern& pattern : std::get<0>(all))
            texts.push_back(pattern.plain());
    }
    RangeValue value{{}, node.text};
    for (const std::string& text : texts) {
        const auto range = IpRange::parse(text);
        if (!range) return "'" + text + "' is no block of addresses";
        value.alternatives.push_back(*range);
    }
    return value;
}

Outcome parse_time_part(const Modifiers& m, const YamlNode& node) {
    const auto number = number_of_scalar(node.scalar());
    if (!number) return "a number is needed here";
    return TimePartTest{*m.time_part, m.comparison.value_or(Comparison::equal), *number};
}

Outcome parse_comparison(const Modifiers& m, const YamlNode& node) {
    const auto number = number_of_scalar(node.scalar());
    if (!number) return "a number is needed here";
    return NumberValue{*m.comparison, *number};
}

// The UTF-16 forms a text may have. pySigma puts the byte order mark before it in UTF-8: taken as well.
std::optional<Texts> utf16_forms(const std::string& text, Utf16 form) {
    auto wide = to_utf16(text, form);
    if (!wide) return std::nullopt;
    Texts forms{std::move(*wide)};
    if (form == Utf16::with_mark) forms.push_back("\xEF\xBB\xBF" + *to_utf16(text, Utf16::little_endian));
    return forms;
}

std::variant<std::vector<StringPattern>, std::string> encoded(const StringPattern& pattern,
                                                              const Modifiers& m) {
    if (pattern.has_wildcards()) return "wildcards cannot be encoded";
    const auto forms =
        m.utf16 ? utf16_forms(pattern.plain(), *m.utf16) : std::optional(Texts{pattern.plain()});
    if (!forms) return "this is no valid UTF-8";
    std::vector<StringPattern> patterns;
    for (const std::string& form : *forms) {
        if (m.base64 == Modifiers::Base64::none)
            patterns.push_back(StringPattern::literal(form));
        else if (m.base64 == Modifiers::Base64::plain)
            patterns.push_back(StringPattern::literal(base64_text(form)));
        else
            for (auto& variant : base64_at_offsets(form))
                patterns.push_back(StringPattern::literal(std::move(variant)));
    }
    return patterns;
}

// The spellings under which the text may appear: its dashes, then its placeholders, then its encodings.
std::variant<std::vector<StringPattern>, std::string> spellings(const Modifiers& m, const std::string& text,
                                                                const PlaceholderSource& placeholders) {
    std::vector<StringPattern> patterns;
    for (const std::string& variant : m.dashes ? dash_variants(text) : Texts{text}) {
        if (!m.expand) {
            patterns.push_back(StringPattern::parse(variant));
            continue;
        }
        auto all = expanded(StringPattern::parse_expandable(variant), placeholders);
        if (std::holds_alternative<std::string>(all)) return all;
        for (StringPattern& pattern : std::get<0>(all))
            patterns.push_back(std::move(pattern));
    }
    if (!encodes(m)) return patterns;
    std::vector<StringPattern> all;
    for (const StringPattern& pattern : patterns) {
        auto forms = encoded(pattern, m);
        if (std::holds_alternative<std::string>(forms)) return forms;
        for (StringPattern& form : std::get<0>(forms))
            all.push_back(std::move(form));
    }
    return all;
}

Outcome parse_text(const FieldKey& key, const YamlNode& node, const PlaceholderSource& placeholders) {
    using Shape = Modifiers::Shape;
    const Modifiers& m = key.modifiers;
    auto patterns = spellings(m, node.text, placeholders);
    if (auto* message = std::get_if<std::string>(&patterns)) return std::move(*message);
    TextValue value{std::move(std::get<0>(patterns)), m.cased};
    const bool keyword = key.field.empty();  // found anywhere in a value
    for (StringPattern& pattern : value.alternatives) {
        if (m.shape == Shape::contains || m.shape == Shape::ends_with || keyword) pattern.open_start();
        if (m.shape == Shape::contains || m.shape == Shape::starts_with || keyword) pattern.open_end();
    }
    return value;
}

}  // namespace

Outcome parse_value(const FieldKey& key, const YamlNode& node, const PlaceholderSource& placeholders) {
    const Modifiers& m = key.modifiers;
    if (!node.is_scalar()) return "a value must be a scalar";
    if (key.field.empty() && (m.exists || node.is_null())) return "a keyword is a text to be found";
    if (m.exists) return parse_presence(node);
    if (m.reference) return parse_reference(m, node);
    if (m.regex) return RegexValue{node.text, m.regex_flags};
    if (m.cidr) return parse_range(key, node, placeholders);
    if (m.time_part) return parse_time_part(m, node);
    if (m.comparison) return parse_comparison(m, node);
    const Value value = node.scalar();
    if (value.is_null() && has_text_modifier(m)) return "null cannot be searched as text";
    if (value.is_null()) return NullValue{};
    const bool typed = !has_text_modifier(m) && !key.field.empty();
    if (const auto* flag = value.as<bool>(); flag != nullptr && typed) return FlagValue{*flag};
    if (typed && !value.as<std::string>())
        if (const auto number = number_of_scalar(value)) return NumberValue{Comparison::equal, *number};
    return parse_text(key, node, placeholders);
}

bool has_escaped_wildcard(std::string_view text) {
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        if (text[at] != '\\') continue;
        if (text[at + 1] == '*' || text[at + 1] == '?') return true;
        if (text[at + 1] == '\\') ++at;
    }
    return false;
}

}  // namespace sallyport::rules
