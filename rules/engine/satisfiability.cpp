// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/satisfiability.hpp"

#include <utility>
#include <vector>

#include "rules/engine/scalar.hpp"

namespace sallyport::rules {
namespace {

using Operation = Expression::Operation;

constexpr int kStepsMax = 20'000;

// A predicate that has to hold, or must not.
struct Literal {
    int predicate;
    bool holds;
};

struct Goal {
    const Expression* expression;
    bool holds;
};

// The one text a predicate leaves its field, where it is so strict.
std::optional<std::string> only_text(const Predicate& predicate) {
    if (const auto* text = std::get_if<TextTest>(&predicate.test);
        text != nullptr && !text->pattern.has_wildcards())
        return text->pattern.plain();
    if (const auto* flag = std::get_if<FlagTest>(&predicate.test)) return flag->value ? "true" : "false";
    return std::nullopt;
}

const NumberTest* fixed_number(const Predicate& predicate) {
    const auto* number = std::get_if<NumberTest>(&predicate.test);
    return number != nullptr && number->parameter < 0 ? number : nullptr;
}

bool needs_value(const Predicate& predicate) {
    return !std::holds_alternative<NullTest>(predicate.test) &&
           !std::holds_alternative<PresenceTest>(predicate.test);
}

bool wants_nothing(const Predicate& predicate, bool holds) {
    if (std::holds_alternative<NullTest>(predicate.test)) return holds;
    const auto* presence = std::get_if<PresenceTest>(&predicate.test);
    return presence != nullptr && presence->present != holds;
}

// Whether a text fulfils a predicate on texts or numbers; nothing: that cannot be said.
std::optional<bool> fulfils(const std::string& text, const Predicate& predicate) {
    if (const auto* other = std::get_if<TextTest>(&predicate.test))
        return other->cased ? std::nullopt : std::optional(other->pattern.matches(text));
    if (const auto* flag = std::get_if<FlagTest>(&predicate.test))
        return text == (flag->value ? "true" : "false");
    if (const NumberTest* number = fixed_number(predicate)) {
        const auto value = number_of_text(text);
        return value && compare(*value, number->comparison, number->threshold);
    }
    return std::nullopt;
}

bool is_lower_bound(Comparison comparison) {
    return comparison == Comparison::greater || comparison == Comparison::greater_or_equal;
}

bool is_upper_bound(Comparison comparison) {
    return comparison == Comparison::less || comparison == Comparison::less_or_equal;
}

// Whether no single number fulfils both.
bool exclude(const NumberTest& a, const NumberTest& b) {
    if (a.comparison == Comparison::equal) return !compare(a.threshold, b.comparison, b.threshold);
    if (b.comparison == Comparison::equal) return exclude(b, a);
    if (is_upper_bound(a.comparison) && is_lower_bound(b.comparison)) return exclude(b, a);
    if (!is_lower_bound(a.comparison) || !is_upper_bound(b.comparison)) return false;
    return a.threshold > b.threshold ||
           (a.threshold == b.threshold &&
            (a.comparison != Comparison::greater_or_equal || b.comparison != Comparison::less_or_equal));
}

class Search {
public:
    explicit Search(const PredicateTable& table) : table_(table) {}

    std::optional<Contradiction> run(const Expression& expression) {
        if (can_hold({{&expression, true}}) || steps_ > kStepsMax) return std::nullopt;
        return first_;
    }

private:
    // Tries one way after another to make all goals hold.
    bool can_hold(std::vector<Goal> goals) {
        const std::size_t literals_before = literals_.size();
        while (!goals.empty()) {
            if (++steps_ > kStepsMax) return true;
            const auto [expression, holds] = goals.back();
            goals.pop_back();
            if (expression->operation == Operation::predicate) {
                if (!take({expression->predicate, holds})) {
                    literals_.resize(literals_before);
                    return false;
                }
            } else if (expression->operation == Operation::negation) {
                goals.push_back({&expression->operands.front(), !holds});
            } else if ((expression->operation == Operation::all) == holds) {
                for (const Expression& operand : expression->operands)
                    goals.push_back({&operand, holds});
            } else {
                const bool any = any_way(*expression, holds, goals);
                literals_.resize(literals_before);
                return any;
            }
        }
        return true;
    }

    bool any_way(const Expression& expression, bool holds, const std::vector<Goal>& others) {
        for (const Expression& operand : expression.operands) {
            const std::size_t literals_before = literals_.size();
            auto goals = others;
            goals.push_back({&operand, holds});
            if (can_hold(std::move(goals))) return true;
            literals_.resize(literals_before);
        }
        return false;
    }

    bool take(Literal literal) {
        for (const Literal& other : literals_)
            if (auto contradiction = between(other, literal)) {
                // One that is certain in one way and not in another is not certain.
                if (!first_)
                    first_ = std::move(contradiction);
                else
                    first_->certain = first_->certain && contradiction->certain;
                return false;
            }
        literals_.push_back(literal);
        return true;
    }

    std::optional<Contradiction> between(const Literal& a, const Literal& b) const {
        const Predicate& left = at(a.predicate);
        const Predicate& right = at(b.predicate);
        if (left.field != right.field) return std::nullopt;
        const std::string field = left.field == kAnyField
                                      ? std::string("the event")
                                      : "'" + table_.fields()[static_cast<std::size_t>(left.field)] + "'";
        if (a.predicate == b.predicate && a.holds != b.holds)
            return Contradiction{field + " would have to pass and to fail the same test", true};
        if (left.field == kAnyField) return std::nullopt;
        if ((wants_nothing(left, a.holds) && needs_value(right) && b.holds) ||
            (wants_nothing(right, b.holds) && needs_value(left) && a.holds))
            return Contradiction{field + " would have to have a value and none", true};
        if (auto contradiction = of_texts(field, a, b)) return contradiction;
        if (auto contradiction = of_texts(field, b, a)) return contradiction;
        const NumberTest *first = fixed_number(left), *second = fixed_number(right);
        if (a.holds && b.holds && first != nullptr && second != nullptr && exclude(*first, *second))
            return Contradiction{field + " would have to be two numbers at once", false};
        return std::nullopt;
    }

    // `a` leaves the field one text, with which `b` does not agree.
    std::optional<Contradiction> of_texts(const std::string& field, const Literal& a,
                                          const Literal& b) const {
        const auto text = a.holds ? only_text(at(a.predicate)) : std::nullopt;
        const auto* cased = std::get_if<TextTest>(&at(a.predicate).test);
        if (!text || (cased != nullptr && cased->cased)) return std::nullopt;
        const auto agrees = fulfils(*text, at(b.predicate));
        if (!agrees || *agrees == b.holds) return std::nullopt;
        return b.holds
                   ? Contradiction{field + " would have to be '" + *text + "' and something else", false}
                   : Contradiction{field + " would have to be '" + *text + "' and is excluded to be", true};
    }

    [[nodiscard]] const Predicate& at(int predicate) const {
        return table_.predicates()[static_cast<std::size_t>(predicate)];
    }

    const PredicateTable& table_;
    std::vector<Literal> literals_;
    std::optional<Contradiction> first_;
    int steps_ = 0;
};

}  // namespace

std::optional<Contradiction> why_never(const Expression& expression, const PredicateTable& table) {
    return Search(table).run(expression);
}

}  // namespace sallyport::rules
