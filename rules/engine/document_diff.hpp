// SPDX-License-Identifier: Apache-2.0
//
// Two versions of one rule document, entry by entry. Pure.
#pragma once

#include <vector>

#include "rules/engine/rule_diff.hpp"
#include "rules/engine/yaml_document.hpp"

namespace sallyport::rules {

// In the order of the newer one; empty where both say the same, in whatever layout and order of entries.
[[nodiscard]] std::vector<RuleDifference> diff_documents(const YamlNode& before, const YamlNode& after);

}  // namespace sallyport::rules
