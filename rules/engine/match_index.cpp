// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/match_index.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>

namespace sallyport::rules {
namespace {

using Operation = Expression::Operation;

// Whether a predicate that holds proves that its field is there.
bool needs_field(const Predicate& predicate) {
    if (std::holds_alternative<NullTest>(predicate.test)) return false;
    const auto* presence = std::get_if<PresenceTest>(&predicate.test);
    return presence == nullptr || presence->present;
}

// An expression over questions, with `not` only before questions.
struct Term {
    enum class Kind { question, all, any };
    Kind kind = Kind::question;
    int question = -1;
    bool negated = false;
    std::vector<Term> operands;
};

// Questions or fields of which one is there in every event that matches.
struct Witness {
    std::set<int> questions, fields;
    double cost = std::numeric_limits<double>::infinity();  // how many of a thousand events have it
};

}  // namespace

class MatchIndexBuilder {
public:
    explicit MatchIndexBuilder(std::shared_ptr<const CompiledRules> rules)
        : index_(std::make_shared<MatchIndex>()), table_(rules->table) {
        index_->rules_ = std::move(rules);
        index_->fields_.resize(table_.fields().size() + 1);
        index_->questions_of_.resize(table_.predicates().size());
    }

    std::shared_ptr<const MatchIndex> build() {
        const auto& compiled = index_->rules_->compiled;
        for (std::size_t i = 0; i < compiled.size(); ++i)
            if (const auto* spec = std::get_if<DetectionSpec>(&compiled[i].body))
                add_detection(static_cast<int>(i), *spec);
        index_->witnessed_by_.resize(index_->questions_.size());
        index_->witnessed_by_field_.resize(index_->fields_.size());
        for (std::size_t i = 0; i < index_->detections_.size(); ++i) {
            for (const int question : index_->detections_[i].witness)
                index_->witnessed_by_[static_cast<std::size_t>(question)].push_back(static_cast<int>(i));
            for (const int field : index_->detections_[i].witness_fields)
                index_->witnessed_by_field_[MatchIndex::place_of(field)].push_back(static_cast<int>(i));
        }
        build_fields();
        return std::move(index_);
    }

private:
    void add_detection(int rule, const DetectionSpec& spec) {
        Detection detection;
        detection.rule = rule;
        detection.logsource = spec.logsource;
        const Term term = term_of(spec.expression, false);
        detection.entry = write(term, Step::kMatches, Step::kFails, detection.program);
        const Witness witness = witness_of(term);
        detection.has_witness = witness.cost < std::numeric_limits<double>::infinity();
        if (detection.has_witness) {
            detection.witness.assign(witness.questions.begin(), witness.questions.end());
            detection.witness_fields.assign(witness.fields.begin(), witness.fields.end());
        }
        std::set<int> fields;
        collect_fields(spec.expression, fields);
        detection.fields.assign(fields.begin(), fields.end());
        index_->detections_.push_back(std::move(detection));
    }

    void collect_fields(const Expression& expression, std::set<int>& fields) const {
        for (const Expression& operand : expression.operands)
            collect_fields(operand, fields);
        if (expression.operation != Operation::predicate) return;
        const Predicate& predicate = predicate_at(expression.predicate);
        add_field(predicate.field, fields);
        if (const auto* reference = std::get_if<ReferenceTest>(&predicate.test))
            add_field(reference->other_field, fields);
    }

    void add_field(int field, std::set<int>& fields) const {
        fields.insert(field);
        if (field != kAnyField)
            for (const int factor : table_.factors(field))
                fields.insert(factor);
    }

    [[nodiscard]] const Predicate& predicate_at(int number) const {
        return table_.predicates()[static_cast<std::size_t>(number)];
    }

    // --- questions
    // --------------------------------------------------------------------------------------------

    Term term_of(const Expression& expression, bool negated) {
        switch (expression.operation) {
            case Operation::predicate:
                return {Term::Kind::question, question_of({expression.predicate}), negated, {}};
            case Operation::negation:
                return term_of(expression.operands.front(), !negated);
            case Operation::all:
                return joined(expression, negated ? Term::Kind::any : Term::Kind::all, negated);
            case Operation::any:
                return alternatives(expression, negated);
        }
        return {};
    }

    Term joined(const Expression& expression, Term::Kind kind, bool negated) {
        Term term{kind, -1, false, {}};
        for (const Expression& operand : expression.operands)
            term.operands.push_back(term_of(operand, negated));
        return term;
    }

    // Alternatives that the index of one field answers are one question.
    Term alternatives(const Expression& expression, bool negated) {
        Term term{negated ? Term::Kind::all : Term::Kind::any, -1, false, {}};
        std::map<int, std::set<int>> by_field;
        for (const Expression& operand : expression.operands)
            if (operand.operation == Operation::predicate && is_indexed(operand.predicate))
                by_field[predicate_at(operand.predicate).field].insert(operand.predicate);
            else
                term.operands.push_back(term_of(operand, negated));
        for (const auto& [field, predicates] : by_field)
            term.operands.push_back(
                {Term::Kind::question, question_of({predicates.begin(), predicates.end()}), negated, {}});
        return term;
    }

    [[nodiscard]] bool is_indexed(int number) const {
        const Predicate& predicate = predicate_at(number);
        const bool product = predicate.field != kAnyField && !table_.factors(predicate.field).empty();
        return !product && FieldIndex::takes(predicate);
    }

    int question_of(const std::vector<int>& predicates) {
        const auto number = static_cast<int>(index_->questions_.size());
        const auto [at, is_new] = question_numbers_.emplace(predicates, number);
        if (!is_new) return at->second;
        const bool indexed = is_indexed(predicates.front());
        index_->questions_.push_back(
            {predicate_at(predicates.front()).field, indexed ? -1 : predicates.front()});
        double guess = 0;
        for (const int predicate : predicates) {
            guess += FieldIndex::guess(predicate_at(predicate));
            if (indexed) index_->questions_of_[static_cast<std::size_t>(predicate)].push_back(number);
        }
        guesses_.push_back(guess);
        return number;
    }

    // --- programs
    // ---------------------------------------------------------------------------------------------

    // Writes the steps from the last to the first, as each has to know where it goes on; returns the entry.
    int write(const Term& term, int on_true, int on_false, std::vector<Step>& program) {
        if (term.kind == Term::Kind::question) {
            if (term.negated) std::swap(on_true, on_false);
            program.push_back({term.question, on_true, on_false});
            return static_cast<int>(program.size()) - 1;
        }
        const bool all = term.kind == Term::Kind::all;
        int entry = all ? on_true : on_false;  // of nothing: all hold, none does
        std::vector<std::size_t> order(term.operands.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return effort(term.operands[a]) < effort(term.operands[b]);
        });
        for (auto at = order.rbegin(); at != order.rend(); ++at)
            entry = all ? write(term.operands[*at], entry, on_false, program)
                        : write(term.operands[*at], on_true, entry, program);
        return entry;
    }

    // Bits first, then whole terms, then what has to be asked.
    [[nodiscard]] int effort(const Term& term) const {
        if (term.kind != Term::Kind::question) return 1;
        return index_->questions_[static_cast<std::size_t>(term.question)].asked < 0 ? 0 : 2;
    }

    // --- witnesses
    // --------------------------------------------------------------------------------------------

    [[nodiscard]] Witness witness_of(const Term& term) const {
        if (term.kind == Term::Kind::question) return witness_of_question(term);
        Witness best;
        if (term.kind == Term::Kind::all) {
            for (const Term& operand : term.operands)
                if (Witness witness = witness_of(operand); witness.cost < best.cost)
                    best = std::move(witness);
            return best;
        }
        best.cost = 0;
        for (const Term& operand : term.operands) {
            Witness witness = witness_of(operand);
            best.cost += witness.cost;
            best.questions.merge(witness.questions);
            best.fields.merge(witness.fields);
        }
        return best;
    }

    [[nodiscard]] Witness witness_of_question(const Term& term) const {
        if (term.negated) return {};
        const Question& question = index_->questions_[static_cast<std::size_t>(term.question)];
        if (question.asked < 0)
            return {{term.question}, {}, guesses_[static_cast<std::size_t>(term.question)]};
        if (question.field == kAnyField || !needs_field(predicate_at(question.asked))) return {};
        constexpr double kFieldIsThere = 900;
        return {{}, {question.field}, kFieldIsThere};
    }

    // --- fields
    // -----------------------------------------------------------------------------------------------

    void build_fields() {
        for (std::size_t i = 0; i < table_.predicates().size(); ++i) {
            const Predicate& predicate = table_.predicates()[i];
            if (!index_->questions_of_[i].empty())
                index_->fields_[MatchIndex::place_of(predicate.field)].add(predicate, static_cast<int>(i));
        }
        for (FieldIndex& field : index_->fields_)
            field.build();
    }

    std::shared_ptr<MatchIndex> index_;
    const PredicateTable& table_;
    std::map<std::vector<int>, int> question_numbers_;
    std::vector<double> guesses_;  // one a question
};

std::shared_ptr<const MatchIndex> MatchIndex::build(std::shared_ptr<const CompiledRules> rules) {
    return MatchIndexBuilder(std::move(rules)).build();
}

void MatchIndex::prepare(FieldScan& scan) const {
    for (const FieldIndex& field : fields_)
        field.prepare(*scan.scratch);
}

std::size_t MatchIndex::bytes() const {
    std::size_t bytes = questions_.size() * sizeof(Question);
    for (const FieldIndex& field : fields_)
        bytes += field.bytes();
    for (const Detection& detection : detections_)
        bytes += sizeof detection + detection.program.size() * sizeof(Step) +
                 (detection.witness.size() + detection.witness_fields.size() + detection.fields.size()) *
                     sizeof(int);
    for (const auto* lists : {&questions_of_, &witnessed_by_, &witnessed_by_field_})
        for (const auto& list : *lists)
            bytes += sizeof list + list.size() * sizeof(int);
    return bytes;
}

}  // namespace sallyport::rules
