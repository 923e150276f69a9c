// SPDX-License-Identifier: Apache-2.0
//
// A rule set as the engine runs it: every document by its number, references between documents resolved.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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
    int after = -1;  // -1: it begins when a member is expected, and anew with each match of `without`
    int without = -1;
    std::vector<std::string> group_by;
    Timespan timespan;  // zero: it holds at once
    std::string each;   // the register whose members are expected; empty: whatever group comes
    int gate = -1;      // a detection that must hold of the member while the time runs; -1: it always does
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

// One way for a temporal correlation to hold: each of these parts, and none of those. Ascending.
struct Conjunction {
    std::vector<int> with, without;
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
    std::vector<Conjunction> terms;  // of a temporal one: any of them; none: `conditions` count its parts
};

struct AbsenceSpec {
    StateSpec state;
};

struct CompiledRule {
    std::variant<DetectionSpec, CorrelationSpec, AbsenceSpec> body;
    std::vector<int> consumers;  // correlations that this rule is part of
    // Whether a timer of it is decided by what its members themselves send, which may still be on its way.
    bool waits_for_members = false;

    // Whether it remembers anything between events.
    [[nodiscard]] bool has_state() const {
        return state() != nullptr || std::holds_alternative<CorrelationSpec>(body);
    }
    // The state machine of an absence, or of a detection with a `clear` rule; nullptr for others.
    [[nodiscard]] const StateSpec* state() const;
};

class CompiledRules final : public RuleSet {
public:
    [[nodiscard]] const std::vector<Rule>& rules() const override { return rules_; }
    [[nodiscard]] const Rule* find(std::string_view key) const override;
    [[nodiscard]] const std::vector<Fault>& warnings() const override { return warnings_; }
    [[nodiscard]] const std::map<std::string, PlaceholderList>& lists() const override { return lists_; }

    std::vector<Rule> rules_;            // what the documents say of themselves
    std::vector<CompiledRule> compiled;  // and what they ask, under the same number
    PredicateTable table;
    std::vector<Fault> warnings_;
    std::map<std::string, PlaceholderList> lists_;
};

}  // namespace sallyport::rules
