// SPDX-License-Identifier: Apache-2.0
//
// What the system cannot know, said in every bundle: in general, and for each kind of rule that its alerts are of. A fixed
// list, so that nobody leaves a sentence out because it does not suit. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace sallyport::evidence {

struct Limit {
    std::string_view kind;  // of the rule: USB, PRN, ...; empty: of every bundle
    std::string_view text;
};

// Those of every bundle, then those of the rules' kinds in the order of the list. A rule id is USB-01 and the like.
[[nodiscard]] std::vector<Limit> limits_for(const std::vector<std::string_view>& rule_ids);

}  // namespace sallyport::evidence
