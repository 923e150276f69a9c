// SPDX-License-Identifier: Apache-2.0
//
// A detection after compilation: predicates joined by all, any and not. Two-valued: a missing field makes a
// predicate false, and its negation true.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "rules/engine/predicate.hpp"

namespace sallyport::rules {

struct Expression {
    enum class Operation { predicate, all, any, negation };
    Operation operation = Operation::all;
    int predicate = -1;
    std::vector<Expression> operands;

    [[nodiscard]] static Expression of_predicate(int index) { return {Operation::predicate, index, {}}; }
    [[nodiscard]] static Expression all_of(std::vector<Expression> operands);
    [[nodiscard]] static Expression any_of(std::vector<Expression> operands);
    [[nodiscard]] static Expression not_of(Expression operand);
};

template <class Holds>
bool evaluate(const Expression& expression, const Holds& holds) {
    switch (expression.operation) {
        case Expression::Operation::predicate:
            return holds(expression.predicate);
        case Expression::Operation::negation:
            return !evaluate(expression.operands.front(), holds);
        case Expression::Operation::all:
            for (const auto& operand : expression.operands)
                if (!evaluate(operand, holds)) return false;
            return true;
        case Expression::Operation::any:
            for (const auto& operand : expression.operands)
                if (evaluate(operand, holds)) return true;
            return false;
    }
    return false;
}

// Every predicate and every field name of a rule set, each once.
class PredicateTable {
public:
    // The number of that name. `a*b` is a product; what it joins become fields as well.
    [[nodiscard]] int field(const std::string& name);
    // What the field is the product of, in order; nothing for an ordinary one.
    [[nodiscard]] const std::vector<int>& factors(int field) const {
        return factors_[static_cast<std::size_t>(field)];
    }
    [[nodiscard]] int predicate(Predicate predicate);

    [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
    [[nodiscard]] const std::vector<Predicate>& predicates() const { return predicates_; }

private:
    std::vector<std::string> fields_;
    std::vector<std::vector<int>> factors_;
    std::vector<Predicate> predicates_;
    std::unordered_map<std::string, int> field_index_, predicate_index_;
};

}  // namespace sallyport::rules
