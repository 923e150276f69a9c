// SPDX-License-Identifier: Apache-2.0
//
// The detections of a rule set arranged for speed. Immutable once built; one serves any number of matchers.
//
// Predicates become questions: a predicate, or the list of alternatives that one entry of a selection gives
// for one field. A question has one bit an event. Each rule has a witness, a few questions of which at least
// one is true whenever the rule matches: an event looks only at rules with a witness among its true
// questions. Those run a flat program of questions with two places to go on.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/field_index.hpp"

namespace sallyport::rules {

struct Question {
    int field = kAnyField;
    int asked = -1;  // the predicate to be asked by itself; -1: the field's index answers
};

// One step: go on at `on_true` or `on_false`.
struct Step {
    static constexpr int kMatches = -1, kFails = -2;
    int question, on_true, on_false;
};

struct Detection {
    int rule = -1;  // its number in the rule set
    LogsourceFilter logsource;
    std::vector<Step> program;
    int entry = Step::kFails;         // where the program begins
    std::vector<int> witness;         // questions, one of which is true where the rule matches
    std::vector<int> witness_fields;  // or fields, one of which is there
    bool has_witness = false;         // without one the rule is always looked at
    std::vector<int> fields;          // all that it asks about, kAnyField among them
};

class MatchIndex {
public:
    [[nodiscard]] static std::shared_ptr<const MatchIndex> build(std::shared_ptr<const CompiledRules> rules);

    [[nodiscard]] const CompiledRules& rules() const { return *rules_; }
    [[nodiscard]] const std::vector<Detection>& detections() const { return detections_; }
    [[nodiscard]] const std::vector<Question>& questions() const { return questions_; }
    [[nodiscard]] const FieldIndex& field(int number) const { return fields_[place_of(number)]; }
    [[nodiscard]] std::size_t fields() const { return fields_.size(); }  // one more than there are: kAnyField

    // The questions that a predicate answers, and the detections that a question or a field bears witness
    // for.
    [[nodiscard]] std::span<const int> questions_of(int predicate) const {
        return questions_of_[static_cast<std::size_t>(predicate)];
    }
    [[nodiscard]] std::span<const int> witnessed_by(int question) const {
        return witnessed_by_[static_cast<std::size_t>(question)];
    }
    [[nodiscard]] std::span<const int> witnessed_by_field(int field) const {
        return witnessed_by_field_[place_of(field)];
    }

    // kAnyField comes first.
    [[nodiscard]] static std::size_t place_of(int field) { return static_cast<std::size_t>(field + 1); }
    // Makes the scratch fit for every field.
    void prepare(FieldScan& scan) const;
    [[nodiscard]] std::size_t bytes() const;

private:
    friend class MatchIndexBuilder;

    std::shared_ptr<const CompiledRules> rules_;
    std::vector<Question> questions_;
    std::vector<FieldIndex> fields_;
    std::vector<Detection> detections_;
    std::vector<std::vector<int>> questions_of_, witnessed_by_, witnessed_by_field_;
};

}  // namespace sallyport::rules
