// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/detection_compiler.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "rules/engine/case_fold.hpp"
#include "rules/engine/condition_parser.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/modifiers.hpp"

namespace sallyport::rules {
namespace {

// `3 of x*` is written out as alternatives, whose number explodes with this.
constexpr std::size_t kCountedMax = 12;

// One `field|modifiers: values` entry.
class ItemCompiler {
public:
    ItemCompiler(DetectionContext& context, FieldKey key, std::string path)
        : context_(context), key_(std::move(key)), path_(std::move(path)) {}

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
            if (!node->is_scalar()) return refuse(node->place, "a value must be a scalar");
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

    Expression ask(decltype(Predicate::test) test, std::string key) {
        Predicate predicate;
        predicate.field = key_.field.empty() ? kAnyField : context_.table.field(key_.field);
        predicate.test = std::move(test);
        predicate.key = std::move(key);
        return Expression::of_predicate(context_.table.predicate(std::move(predicate)));
    }

    std::optional<Expression> compile_value(const YamlNode& node) {
        const Modifiers& m = key_.modifiers;
        if (m.exists) return compile_exists(node);
        if (m.reference) return compile_reference(node);
        if (m.regex) return compile_regex(node);
        if (m.cidr) return compile_cidr(node);
        if (m.time_part) return compile_time_part(node);
        if (m.comparison) return compile_comparison(node);
        const Value value = node.scalar();
        if (value.is_null())
            return has_text_modifier()
                       ? std::optional<Expression>(refuse(node.place, "null cannot be searched as text"))
                       : ask(NullTest{}, "null");
        if (!may_be(node, *text_of_scalar(value))) return std::nullopt;
        const bool typed = !has_text_modifier() && !key_.field.empty();
        if (const auto* flag = value.as<bool>(); flag != nullptr && typed)
            return ask(FlagTest{*flag}, *flag ? "flag true" : "flag false");
        if (const auto number = value.as<std::string>() ? std::nullopt : number_of_scalar(value);
            number && typed)
            return compile_number(Comparison::equal, *number);
        return compile_text(node);
    }

    [[nodiscard]] bool has_text_modifier() const {
        const Modifiers& m = key_.modifiers;
        return m.shape != Modifiers::Shape::whole || m.cased || m.dashes || m.utf16 ||
               m.base64 != Modifiers::Base64::none;
    }

    // For our own events: whether the field can have this value at all.
    bool may_be(const YamlNode& node, const std::string& text) {
        if (context_.catalogue == nullptr || key_.field.empty() || has_text_modifier() ||
            StringPattern::parse(text).has_wildcards())
            return true;
        if (auto message = context_.catalogue->why_never(key_.field, text)) {
            context_.report(node.place, *message);
            return false;
        }
        return true;
    }

    std::optional<Expression> compile_exists(const YamlNode& node) {
        const Value value = node.scalar();
        const auto* flag = value.as<bool>();
        if (flag == nullptr) return refuse(node.place, "`exists` takes true or false");
        return ask(PresenceTest{*flag}, *flag ? "present" : "absent");
    }

    std::optional<Expression> compile_reference(const YamlNode& node) {
        const Modifiers& m = key_.modifiers;
        if (node.text.empty()) return refuse(node.place, "`fieldref` names a field");
        if (context_.catalogue != nullptr && !context_.catalogue->knows(node.text))
            return refuse(node.place, "unknown field '" + node.text + "'");
        ReferenceTest test;
        test.other_field = context_.table.field(node.text);
        test.cased = m.cased;
        using Shape = ReferenceTest::Shape;
        constexpr Shape kShapes[] = {Shape::whole, Shape::contains, Shape::starts_with, Shape::ends_with};
        test.shape = m.comparison ? Shape::number : kShapes[static_cast<std::size_t>(m.shape)];
        test.comparison = m.comparison.value_or(Comparison::equal);
        return ask(test, "field " + node.text + " " + std::to_string(static_cast<int>(test.shape)) +
                             (m.cased ? " cased " : " ") + std::string(to_string(test.comparison)));
    }

    std::optional<Expression> compile_regex(const YamlNode& node) {
        const RegexFlags& flags = key_.modifiers.regex_flags;
        auto pattern = Re2Pattern::compile(node.text, flags);
        if (!pattern) return refuse(node.place, pattern.error().message());
        const std::string options = std::string(flags.ignore_case ? "i" : "") + (flags.multiline ? "m" : "") +
                                    (flags.dot_all ? "s" : "");
        return ask(RegexTest{*pattern}, "re" + options + " " + node.text);
    }

    std::optional<Expression> compile_cidr(const YamlNode& node) {
        const auto range = IpRange::parse(node.text);
        if (!range) return refuse(node.place, "'" + node.text + "' is no block of addresses");
        return ask(RangeTest{*range}, "cidr " + node.text);
    }

    std::optional<Expression> compile_time_part(const YamlNode& node) {
        const auto number = number_of_scalar(node.scalar());
        if (!number) return refuse(node.place, "a number is needed here");
        const TimePartTest test{*key_.modifiers.time_part,
                                key_.modifiers.comparison.value_or(Comparison::equal), *number};
        return ask(test, "time " + std::to_string(static_cast<int>(test.part)) + " " +
                             std::string(to_string(test.comparison)) + " " + std::to_string(*number));
    }

    std::optional<Expression> compile_comparison(const YamlNode& node) {
        const auto number = number_of_scalar(node.scalar());
        if (!number) return refuse(node.place, "a number is needed here");
        return compile_number(*key_.modifiers.comparison, *number);
    }

    Expression compile_number(Comparison comparison, double number) {
        NumberTest test{comparison, number, -1, -1};
        std::string key = "number " + std::string(to_string(comparison)) + " " + std::to_string(number);
        if (context_.slots != nullptr)
            if (const auto slot = context_.slots->find(path_); slot != context_.slots->end()) {
                slot->second.bound = true;
                slot->second.value = number;
                test.parameter = slot->second.parameter;
                test.rule = context_.rule;
                key += " of rule " + std::to_string(context_.rule) + " parameter " +
                       std::to_string(test.parameter);
            }
        return ask(test, std::move(key));
    }

    // The spellings under which the text may appear once its encodings are applied.
    std::optional<std::vector<StringPattern>> encoded(const YamlNode& node) {
        const Modifiers& m = key_.modifiers;
        const bool encodes = m.utf16 || m.base64 != Modifiers::Base64::none;
        std::vector<StringPattern> patterns;
        for (const auto& text : m.dashes ? dash_variants(node.text) : std::vector<std::string>{node.text}) {
            StringPattern pattern = StringPattern::parse(text);
            if (!encodes) {
                patterns.push_back(std::move(pattern));
                continue;
            }
            if (pattern.has_wildcards()) return refuse(node.place, "wildcards cannot be encoded");
            const auto wide = m.utf16 ? to_utf16(pattern.plain(), *m.utf16) : std::optional(pattern.plain());
            if (!wide) return refuse(node.place, "this is no valid UTF-8");
            if (m.base64 == Modifiers::Base64::none)
                patterns.push_back(StringPattern::literal(*wide));
            else if (m.base64 == Modifiers::Base64::plain)
                patterns.push_back(StringPattern::literal(base64_text(*wide)));
            else
                for (auto& variant : base64_at_offsets(*wide))
                    patterns.push_back(StringPattern::literal(std::move(variant)));
        }
        return patterns;
    }

    std::optional<Expression> compile_text(const YamlNode& node) {
        const Modifiers& m = key_.modifiers;
        auto patterns = encoded(node);
        if (!patterns) return std::nullopt;
        std::vector<Expression> alternatives;
        for (StringPattern& pattern : *patterns) {
            // A keyword is found anywhere in a value.
            if (m.shape == Modifiers::Shape::contains || m.shape == Modifiers::Shape::ends_with ||
                key_.field.empty())
                pattern.open_start();
            if (m.shape == Modifiers::Shape::contains || m.shape == Modifiers::Shape::starts_with ||
                key_.field.empty())
                pattern.open_end();
            if (!m.cased) pattern.fold();
            std::string key = (m.cased ? "cased " : "text ") + pattern.key();
            alternatives.push_back(ask(TextTest{std::move(pattern), m.cased}, std::move(key)));
        }
        return Expression::any_of(std::move(alternatives));
    }

    DetectionContext& context_;
    FieldKey key_;
    std::string path_;
};

class BlockCompiler {
public:
    BlockCompiler(std::string block_name, DetectionContext context)
        : name_(std::move(block_name)), context_(context) {}

    std::optional<Expression> compile(const YamlNode& block, const std::vector<std::string>& ignored) {
        const std::size_t faults_before = context_.report.count();
        const YamlEntry* condition = block.find("condition");
        if (condition == nullptr) {
            context_.report(block.place, "'" + name_ + "' has no condition");
            return std::nullopt;
        }
        for (const YamlEntry& entry : block.entries) {
            if (entry.key == "condition" ||
                std::find(ignored.begin(), ignored.end(), entry.key) != ignored.end())
                continue;
            auto selection = compile_selection(entry);
            selections_.push_back(
                {entry.key, entry.place, std::move(selection).value_or(Expression{}), false});
        }
        auto expression = compile_conditions(condition->value);
        for (const Selection& selection : selections_)
            if (!selection.used && !selection.name.starts_with('_') &&
                context_.report.count() == faults_before)
                context_.report(selection.place,
                                "the selection '" + selection.name + "' is not used by the condition");
        return context_.report.count() == faults_before ? std::move(expression) : std::nullopt;
    }

private:
    struct Selection {
        std::string name;
        Place place;
        Expression expression;
        bool used;
    };

    std::nullopt_t refuse(Place place, std::string message) {
        context_.report(place, std::move(message));
        return std::nullopt;
    }

    std::optional<Expression> compile_selection(const YamlEntry& entry) {
        if (entry.value.is_map()) return compile_map(entry.key, entry.value);
        if (!entry.value.is_list()) return compile_keyword(entry.value);
        if (entry.value.items.empty())
            return refuse(entry.place, "the selection '" + entry.key + "' is empty");
        std::vector<Expression> alternatives;
        for (const YamlNode& item : entry.value.items) {
            auto alternative = item.is_map() ? compile_map(entry.key, item) : compile_keyword(item);
            if (!alternative) return std::nullopt;
            alternatives.push_back(std::move(*alternative));
        }
        return Expression::any_of(std::move(alternatives));
    }

    std::optional<Expression> compile_keyword(const YamlNode& value) {
        if (!value.is_scalar() || value.is_null())
            return refuse(value.place, "a selection is a map, a list of maps or a list of keywords");
        return ItemCompiler(context_, FieldKey{}, "").compile(value);
    }

    std::optional<Expression> compile_map(const std::string& selection, const YamlNode& map) {
        if (map.entries.empty()) return refuse(map.place, "the selection '" + selection + "' is empty");
        std::vector<Expression> items;
        for (const YamlEntry& entry : map.entries) {
            auto key = parse_field_key(entry.key);
            if (const auto* message = std::get_if<std::string>(&key)) return refuse(entry.place, *message);
            auto& parsed = std::get<FieldKey>(key);
            if (context_.catalogue != nullptr && !parsed.field.empty() &&
                !context_.catalogue->knows(parsed.field))
                return refuse(entry.place, "unknown field '" + parsed.field + "'");
            auto item = ItemCompiler(context_, std::move(parsed), name_ + "." + selection + "." + entry.key)
                            .compile(entry.value);
            if (!item) return std::nullopt;
            items.push_back(std::move(*item));
        }
        return Expression::all_of(std::move(items));
    }

    std::optional<Expression> compile_conditions(const YamlNode& node) {
        if (!node.is_list()) return compile_text(node);
        if (node.items.empty()) return refuse(node.place, "the condition is empty");
        std::vector<Expression> alternatives;
        for (const YamlNode& item : node.items) {
            auto alternative = compile_text(item);
            if (!alternative) return std::nullopt;
            alternatives.push_back(std::move(*alternative));
        }
        return Expression::any_of(std::move(alternatives));
    }

    std::optional<Expression> compile_text(const YamlNode& node) {
        if (!node.is_scalar() || node.text.empty())
            return refuse(node.place, "a condition is text, or a list of texts");
        auto parsed = parse_condition(node.text);
        if (const auto* fault = std::get_if<ConditionFault>(&parsed))
            return refuse(place_in(node, fault->offset), fault->message);
        return compile_condition(std::get<Condition>(parsed), node);
    }

    static Place place_in(const YamlNode& node, int offset) {
        return {node.place.line, node.place.column + offset + (node.quoted ? 1 : 0)};
    }

    std::optional<Expression> compile_condition(const Condition& condition, const YamlNode& node) {
        using Operation = Condition::Operation;
        if (condition.operation == Operation::name) return named(condition, node);
        if (condition.operation == Operation::of) return quantified(condition, node);
        std::vector<Expression> operands;
        for (const Condition& operand : condition.operands) {
            auto compiled = compile_condition(operand, node);
            if (!compiled) return std::nullopt;
            operands.push_back(std::move(*compiled));
        }
        if (condition.operation == Operation::negation)
            return Expression::not_of(std::move(operands.front()));
        return condition.operation == Operation::all ? Expression::all_of(std::move(operands))
                                                     : Expression::any_of(std::move(operands));
    }

    std::optional<Expression> named(const Condition& condition, const YamlNode& node) {
        for (Selection& selection : selections_)
            if (selection.name == condition.name) {
                selection.used = true;
                return selection.expression;
            }
        return refuse(place_in(node, condition.offset),
                      "condition: there is no selection '" + condition.name + "'");
    }

    std::optional<Expression> quantified(const Condition& condition, const YamlNode& node) {
        std::vector<Expression> fitting;
        for (Selection& selection : selections_)
            if (fits(condition.name, selection.name)) {
                selection.used = true;
                fitting.push_back(selection.expression);
            }
        if (fitting.empty() || condition.count > static_cast<int>(fitting.size()))
            return refuse(
                place_in(node, condition.offset),
                "condition: " +
                    std::string(fitting.empty() ? "no selection fits '" : "too few selections fit '") +
                    condition.name + "'");
        if (condition.count == Condition::kAll) return Expression::all_of(std::move(fitting));
        if (condition.count > 1 && fitting.size() > kCountedMax)
            return refuse(place_in(node, condition.offset),
                          "condition: so many selections cannot be counted");
        return at_least(condition.count, fitting, 0);
    }

    // Either the first holds and count - 1 of the rest, or count of the rest.
    static Expression at_least(int count, const std::vector<Expression>& operands, std::size_t from) {
        if (count == 1)
            return Expression::any_of({operands.begin() + static_cast<std::ptrdiff_t>(from), operands.end()});
        const std::size_t left = operands.size() - from;
        if (static_cast<std::size_t>(count) == left)
            return Expression::all_of({operands.begin() + static_cast<std::ptrdiff_t>(from), operands.end()});
        return Expression::any_of(
            {Expression::all_of({operands[from], at_least(count - 1, operands, from + 1)}),
             at_least(count, operands, from + 1)});
    }

    std::string name_;
    DetectionContext context_;
    std::vector<Selection> selections_;
};

}  // namespace

std::optional<Expression> compile_detection(const std::string& block_name, const YamlNode& block,
                                            const std::vector<std::string>& ignored,
                                            DetectionContext context) {
    if (!block.is_map()) {
        context.report(block.place, "'" + block_name + "' must be a map");
        return std::nullopt;
    }
    return BlockCompiler(block_name, context).compile(block, ignored);
}

}  // namespace sallyport::rules
