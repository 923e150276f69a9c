// SPDX-License-Identifier: Apache-2.0
//
// A rule set as the engine runs it: every document by its number, references between documents resolved.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/engine/condition_parser.hpp"
#include "rules/engine/expression.hpp"
#include "rules/engine/logsource.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::rules {

// A duration of a document, and which of its parameters a site may set it by (-1: none).
struct Timespan {
    std::chrono::milliseconds value{};
    int parameter = -1;
};

// A condition that lasts: begins with a match of one detection, ends with a match of another, in one group.
struct StateSpec {
    int after = -1;
    int without = -1;
    std::vector<std::string> group_by;
    Timespan timespan;  // zero: it holds at once
};

struct DetectionSpec {
    LogsourceFilter logsource;
    Expression expression;
    std::optional<StateSpec> state;     // with a `clear` rule
    std::vector<std::string> group_by;  // what its findings are about
};

enum class CorrelationType {
    event_count,
    value_count,
    temporal,
    temporal_ordered,
    value_sum,
    value_avg,
    value_percentile,
    value_median
};

struct CountCondition {
    Comparison comparison = Comparison::greater_or_equal;
    double number = 1;
    int parameter = -1;
};

struct CorrelationSpec {
    CorrelationType type = CorrelationType::event_count;
    std::vector<int> parts;  // rules, in the document's order
    std::vector<std::string> group_by;
    // The field that stands for group_by[i] in parts[p]: field_of[p][i].
    std::vector<std::vector<std::string>> field_of;
    std::vector<std::string> value_fields;
    double percentile = 50;
    Timespan timespan;
    std::vector<CountCondition> conditions;  // all of them
    std::optional<Condition> expression;     // of a temporal one; names are rules, `parts` their order
    std::vector<std::string> part_names;     // as written, for `expression`
};

struct AbsenceSpec {
    StateSpec state;
};

struct CompiledRule {
    std::variant<DetectionSpec, CorrelationSpec, AbsenceSpec> body;
    std::string fingerprint;     // of this document and all it rests on
    std::vector<int> consumers;  // correlations that this rule is part of

    // The state machine of an absence, or of a detection with a `clear` rule; nullptr for others.
    [[nodiscard]] const StateSpec* state() const;
};

class CompiledRules final : public RuleSet {
public:
    [[nodiscard]] const std::vector<Rule>& rules() const override { return rules_; }
    [[nodiscard]] const Rule* find(std::string_view key) const override;

    std::vector<Rule> rules_;            // what the documents say of themselves
    std::vector<CompiledRule> compiled;  // and what they ask, under the same number
    PredicateTable table;
};

}  // namespace sallyport::rules
