// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/item_compiler.hpp"

#include <algorithm>
#include <utility>

#include "rules/engine/event_view.hpp"
#include "rules/engine/value_parser.hpp"

namespace sallyport::rules {
namespace {

class ItemCompiler {
public:
    ItemCompiler(const DetectionContext& context, const FieldKey& key, const std::string& path)
        : context_(context), key_(key), path_(path) {}

    std::optional<Expression> compile(const YamlNode& value) {
        std::vector<const YamlNode*> values;
        if (value.is_list()) {
            for (const YamlNode& item : value.items)
                values.push_back(&item);
        } else {
            values.push_back(&value);
        }
        if (values.empty()) return refuse(value.place, "an empty list matches nothing");
        std::vector<Expression> alternatives;
        for (const YamlNode* node : values) {
            if (node->is_null() && values.size() > 1)
                return refuse(node->place, "null does not belong in a list of values");
            auto expression = compile_value(*node);
            if (!expression) return std::nullopt;
            alternatives.push_back(std::move(*expression));
        }
        Expression whole = key_.modifiers.all ? Expression::all_of(std::move(alternatives))
                                              : Expression::any_of(std::move(alternatives));
        return key_.modifiers.negated ? Expression::not_of(std::move(whole)) : std::move(whole);
    }

private:
    std::nullopt_t refuse(Place place, std::string message) {
        context_.report(place, std::move(message));
        return std::nullopt;
    }

    std::optional<Expression> compile_value(const YamlNode& node) {
        if (!may_be(node)) return std::nullopt;
        warn_of_escapes(node);
        warn_of_no_placeholder(node);
        auto parsed = parse_value(key_, node, context_.placeholders);
        if (auto* message = std::get_if<std::string>(&parsed)) return refuse(node.place, std::move(*message));
        if (const auto* reference = std::get_if<ReferenceValue>(&std::get<ParsedValue>(parsed));
            reference != nullptr && context_.catalogue != nullptr &&
            !context_.catalogue->knows(reference->field))
            return refuse(node.place, "unknown field '" + reference->field + "'");
        if (const auto* regex = std::get_if<RegexValue>(&std::get<ParsedValue>(parsed)))
            return compile_regex(node, *regex);
        return std::visit([&](const auto& value) { return ask_for(value); },
                          std::move(std::get<ParsedValue>(parsed)));
    }

    // The commonest mistake of all: `C:\Windows\*` ends in a star, not in anything.
    void warn_of_escapes(const YamlNode& node) const {
        const Modifiers& m = key_.modifiers;
        if (m.regex || m.reference || m.cidr || !has_escaped_wildcard(node.text)) return;
        context_.report.warn(node.place,
                             "a single backslash makes the `*` or `?` behind it literal: for a backslash and "
                             "then a wildcard write two");
    }

    // `%known-admins%` is no name of a list, and would be searched for as it stands.
    void warn_of_no_placeholder(const YamlNode& node) const {
        if (!key_.modifiers.expand) return;
        const auto pattern = StringPattern::parse_expandable(node.text);
        if (std::none_of(pattern.pieces().begin(), pattern.pieces().end(), [](const PatternPiece& piece) {
                return piece.kind == PatternPiece::Kind::placeholder;
            }))
            context_.report.warn(node.place, "`expand`, and there is no `%name%` here: names are of letters, digits and `_`");
    }

    // For our own events: whether the field can have this value at all.
    bool may_be(const YamlNode& node) {
        const Modifiers& m = key_.modifiers;
        const bool compares_whole = m.shape == Modifiers::Shape::whole && !m.regex && !m.cidr && !m.exists &&
                                    !m.reference && !m.comparison && !m.time_part && !m.dashes && !m.utf16 &&
                                    !m.expand && m.base64 == Modifiers::Base64::none;
        if (context_.catalogue == nullptr || key_.field.empty() || !compares_whole || !node.is_scalar())
            return true;
        const auto text = text_of_scalar(node.scalar());
        if (!text || StringPattern::parse(*text).has_wildcards()) return true;
        if (auto message = context_.catalogue->why_never(key_.field, *text)) {
            context_.report(node.place, *message);
            return false;
        }
        return true;
    }

    // --- predicates
    // -------------------------------------------------------------------------------------------

    Expression ask(decltype(Predicate::test) test, std::string key) {
        Predicate predicate;
        predicate.field = key_.field.empty() ? kAnyField : context_.table.field(key_.field);
        predicate.test = std::move(test);
        predicate.key = std::move(key);
        return Expression::of_predicate(context_.table.predicate(std::move(predicate)));
    }

    Expression ask_for(TextValue value) {
        std::vector<Expression> alternatives;
        for (StringPattern& pattern : value.alternatives) {
            if (!value.cased) pattern.fold();
            std::string key = (value.cased ? "cased " : "text ") + pattern.key();
            alternatives.push_back(ask(TextTest{std::move(pattern), value.cased}, std::move(key)));
        }
        return Expression::any_of(std::move(alternatives));
    }

    Expression ask_for(const RangeValue& value) {
        std::vector<Expression> alternatives;
        for (const IpRange& range : value.alternatives)
            alternatives.push_back(ask(RangeTest{range}, "cidr " + range.text()));
        return Expression::any_of(std::move(alternatives));
    }

    Expression ask_for(const NumberValue& value) {
        NumberTest test{value.comparison, value.number, -1, -1};
        std::string key =
            "number " + std::string(to_string(value.comparison)) + " " + text_of_number(value.number);
        if (context_.slots != nullptr)
            if (const auto slot = context_.slots->find(path_); slot != context_.slots->end()) {
                slot->second.bound = true;
                slot->second.value = value.number;
                test.parameter = slot->second.parameter;
                test.rule = context_.rule;
                key += " of rule " + std::to_string(context_.rule) + " parameter " +
                       std::to_string(test.parameter);
            }
        return ask(test, std::move(key));
    }

    Expression ask_for(FlagValue value) {
        return ask(FlagTest{value.flag}, value.flag ? "flag true" : "flag false");
    }
    Expression ask_for(NullValue) { return ask(NullTest{}, "null"); }
    Expression ask_for(PresenceValue value) {
        return ask(PresenceTest{value.present}, value.present ? "present" : "absent");
    }

    Expression ask_for(const ReferenceValue& value) {
        const ReferenceTest test{context_.table.field(value.field), value.shape, value.cased,
                                 value.comparison};
        return ask(test, "field " + value.field + " " + std::to_string(static_cast<int>(value.shape)) +
                             (value.cased ? " cased " : " ") + std::string(to_string(value.comparison)));
    }

    Expression ask_for(const TimePartTest& test) {
        return ask(test, "time " + std::to_string(static_cast<int>(test.part)) + " " +
                             std::string(to_string(test.comparison)) + " " + text_of_number(test.number));
    }

    // Handled where its place is known: whether it compiles is only seen then.
    Expression ask_for(const RegexValue&) { return {}; }

    std::optional<Expression> compile_regex(const YamlNode& node, const RegexValue& value) {
        auto pattern = Re2Pattern::compile(value.expression, value.flags);
        if (!pattern) return refuse(node.place, pattern.error().message());
        const std::string options = std::string(value.flags.ignore_case ? "i" : "") +
                                    (value.flags.multiline ? "m" : "") + (value.flags.dot_all ? "s" : "");
        return ask(RegexTest{*pattern}, "re" + options + " " + value.expression);
    }

    const DetectionContext& context_;
    const FieldKey& key_;
    const std::string& path_;
};

}  // namespace

std::optional<Expression> compile_item(const DetectionContext& context, const FieldKey& key,
                                       const std::string& path, const YamlNode& value) {
    return ItemCompiler(context, key, path).compile(value);
}

}  // namespace sallyport::rules
