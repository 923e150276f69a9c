// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/detection_compiler.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "rules/engine/condition_parser.hpp"
#include "rules/engine/item_compiler.hpp"

namespace sallyport::rules {
namespace {

// `3 of x*` is written out as alternatives, whose number explodes with this.
constexpr std::size_t kCountedMax = 12;

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
        return compile_item(context_, FieldKey{}, "", value);
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
            auto item =
                compile_item(context_, parsed, name_ + "." + selection + "." + entry.key, entry.value);
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
