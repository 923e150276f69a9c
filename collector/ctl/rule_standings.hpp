// SPDX-License-Identifier: Apache-2.0
//
// `rules list --states`: how each rule of the catalogue stands at each site of the store.
#pragma once

#include "collector/ctl/invocation.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::ctl {

// Printed, a line a rule and site: for people, or as JSON.
[[nodiscard]] Result<void> print_standings(Invocation& invocation, const rules::RuleSet& rules, bool json);

}  // namespace sallyport::ctl
