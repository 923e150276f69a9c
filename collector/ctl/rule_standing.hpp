// SPDX-License-Identifier: Apache-2.0
//
// How each rule stands at each site of the store, for `rules list --states`.
#pragma once

#include <string>
#include <vector>

#include "collector/ctl/invocation.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/value.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::ctl {

struct RuleStanding {
    std::vector<store::RuleSite> rows;
    std::vector<std::string> sites;  // an empty one: what is of no site

    // Site to `live` or `observe`.
    [[nodiscard]] Record of(const rules::Rule& rule) const;
    // `live: agency, HQ; observe: ANNEX`.
    [[nodiscard]] static std::string text_of(const Record& states);
};

// As of now.
[[nodiscard]] Result<RuleStanding> rule_standing(Invocation& invocation);

}  // namespace sallyport::ctl
