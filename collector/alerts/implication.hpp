// SPDX-License-Identifier: Apache-2.0
//
// Which alerts are only a part of a larger one, as the rules' `implies` says (decisions, point 4). Immutable;
// any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/alert_repository.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::alerts {

class Implication {
public:
    explicit Implication(const rules::RuleSet& rules);

    [[nodiscard]] bool implies_anything(std::string_view rule_id) const;
    [[nodiscard]] bool is_implied_by_anything(std::string_view rule_id) const;
    // The rules about a whole site (their object is `site.id`) that make alerts of this one their parts.
    [[nodiscard]] std::vector<std::string> of_a_site(std::string_view part_rule_id) const;
    // Of the same events, of the same terminal and person at the same time, or of the site that a rule is about.
    // An alert is never hidden behind one that stands in a quieter lane.
    [[nodiscard]] bool is_part(const store::Alert& part, const store::Alert& whole) const;

private:
    std::map<std::string, std::set<std::string>, std::less<>> parts_of_;
    std::set<std::string, std::less<>> parts_, about_a_site_;
};

}  // namespace sallyport::alerts
