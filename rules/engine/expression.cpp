// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/expression.hpp"

#include <algorithm>

namespace sallyport::rules {
namespace {

Expression joined(Expression::Operation operation, std::vector<Expression> operands) {
    if (operands.size() == 1) return std::move(operands.front());
    return {operation, -1, std::move(operands)};
}

}  // namespace

Expression Expression::all_of(std::vector<Expression> operands) {
    return joined(Operation::all, std::move(operands));
}

Expression Expression::any_of(std::vector<Expression> operands) {
    return joined(Operation::any, std::move(operands));
}

Expression Expression::not_of(Expression operand) {
    Expression expression{Operation::negation, -1, {}};
    expression.operands.push_back(std::move(operand));
    return expression;
}

int PredicateTable::field(const std::string& name) {
    const auto [at, is_new] = field_index_.emplace(name, static_cast<int>(fields_.size()));
    const int number = at->second;
    if (!is_new) return number;
    fields_.push_back(name);
    factors_.emplace_back();
    if (name.find('*') == std::string::npos) return number;
    std::vector<int> factors;
    for (std::size_t from = 0; from <= name.size();) {
        const std::size_t star = std::min(name.find('*', from), name.size());
        factors.push_back(field(name.substr(from, star - from)));
        from = star + 1;
    }
    factors_[static_cast<std::size_t>(number)] = std::move(factors);
    return number;
}

int PredicateTable::predicate(Predicate predicate) {
    predicate.key = std::to_string(predicate.field) + ":" + predicate.key;
    const auto [at, is_new] = predicate_index_.emplace(predicate.key, static_cast<int>(predicates_.size()));
    if (is_new) predicates_.push_back(std::move(predicate));
    return at->second;
}

}  // namespace sallyport::rules
