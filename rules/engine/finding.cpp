// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/finding.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace sallyport::rules {

std::vector<Finding> standing(const std::vector<Finding>& said) {
    using Key = std::tuple<std::string, decltype(Finding::group), WallTime>;
    std::map<Key, std::vector<const Finding*>> by_key;
    std::vector<const Finding*> order;
    for (const Finding& finding : said) {
        auto& known = by_key[{finding.rule, finding.group, finding.started_at}];
        if (finding.phase != FindingPhase::raised)
            std::erase_if(known, [&](const Finding* other) {
                return other->phase == FindingPhase::cleared ||
                       (finding.phase == FindingPhase::withdrawn && other->at == finding.at);
            });
        if (finding.phase != FindingPhase::withdrawn) known.push_back(&finding);
    }
    for (const auto& [key, known] : by_key)
        order.insert(order.end(), known.begin(), known.end());
    std::sort(order.begin(), order.end());  // as they were said
    std::vector<Finding> standing;
    for (const Finding* finding : order)
        standing.push_back(*finding);
    return standing;
}

}  // namespace sallyport::rules
