// SPDX-License-Identifier: Apache-2.0
//
// How rules stand at sites, for people: which row decides. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "collector/store/register_repository.hpp"

namespace sallyport::store {

// The row that decides a rule's state at a site, or with an empty site_id for what is of no site: the most specific one of
// rule and site, rule, site, everything that says a state. nullptr: none does.
[[nodiscard]] const RuleSite* deciding_row(const std::vector<RuleSite>& rows, std::string_view rule_id,
                                           std::string_view site_id);

}  // namespace sallyport::store
