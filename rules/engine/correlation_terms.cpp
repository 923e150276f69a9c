// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/correlation_terms.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace sallyport::rules {
namespace {

constexpr std::size_t kTermsMax = 64;

// One way: part -> must it be there, or must it not.
struct Way {
    std::set<int> with, without;
};
using Ways = std::vector<Way>;

class Expander {
public:
    explicit Expander(const std::vector<std::string>& names) : names_(names) {}

    Ways expand(const Condition& condition, bool wanted) {
        switch (condition.operation) {
            case Condition::Operation::name:
                return of_name(condition, wanted);
            case Condition::Operation::negation:
                return expand(condition.operands.front(), !wanted);
            case Condition::Operation::of:
                refuse(condition.offset, "`of` is not taken in a correlation's condition");
                return {};
            default:
                break;
        }
        const bool all = (condition.operation == Condition::Operation::all) == wanted;
        Ways ways = all ? Ways{Way{}} : Ways{};
        for (const Condition& operand : condition.operands) {
            const Ways more = expand(operand, wanted);
            if (all)
                ways = joined(ways, more);
            else
                ways.insert(ways.end(), more.begin(), more.end());
            if (ways.size() > kTermsMax) refuse(0, "the condition has too many ways to hold");
            if (fault_) return {};
        }
        return ways;
    }

    [[nodiscard]] const std::optional<ConditionFault>& fault() const { return fault_; }

private:
    Ways of_name(const Condition& condition, bool wanted) {
        const auto at = std::find(names_.begin(), names_.end(), condition.name);
        if (at == names_.end()) {
            refuse(condition.offset, "'" + condition.name + "' is none of the rules above");
            return {};
        }
        Way way;
        (wanted ? way.with : way.without).insert(static_cast<int>(at - names_.begin()));
        return {way};
    }

    // Both at once; what would have to be there and not be there is no way.
    static Ways joined(const Ways& first, const Ways& second) {
        Ways ways;
        for (const Way& a : first)
            for (const Way& b : second) {
                Way way = a;
                way.with.insert(b.with.begin(), b.with.end());
                way.without.insert(b.without.begin(), b.without.end());
                const bool contradicts = std::any_of(way.with.begin(), way.with.end(),
                                                     [&](int part) { return way.without.contains(part); });
                if (!contradicts) ways.push_back(std::move(way));
            }
        return ways;
    }

    void refuse(int offset, std::string message) {
        if (!fault_) fault_ = {offset, "condition: " + std::move(message)};
    }

    const std::vector<std::string>& names_;
    std::optional<ConditionFault> fault_;
};

}  // namespace

std::variant<std::vector<Conjunction>, ConditionFault> terms_of(const Condition& condition,
                                                                const std::vector<std::string>& names) {
    Expander expander(names);
    const Ways ways = expander.expand(condition, true);
    if (expander.fault()) return *expander.fault();
    if (ways.empty()) return ConditionFault{0, "condition: this can never hold"};
    std::vector<Conjunction> terms;
    for (const Way& way : ways) {
        if (way.with.empty())
            return ConditionFault{0,
                                  "condition: this holds where nothing happens at all; name what has to be "
                                  "there, too"};
        terms.push_back({{way.with.begin(), way.with.end()}, {way.without.begin(), way.without.end()}});
    }
    return terms;
}

std::vector<std::string> names_in(const Condition& condition) {
    std::vector<std::string> names;
    if (condition.operation == Condition::Operation::name) names.push_back(condition.name);
    for (const Condition& operand : condition.operands)
        for (std::string& name : names_in(operand))
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    return names;
}

}  // namespace sallyport::rules
