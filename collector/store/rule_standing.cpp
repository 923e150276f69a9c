// SPDX-License-Identifier: Apache-2.0
#include "collector/store/rule_standing.hpp"

#include <utility>

namespace sallyport::store {

const RuleSite* deciding_row(const std::vector<RuleSite>& rows, std::string_view rule_id, std::string_view site_id) {
    const std::string_view any, site = site_id.empty() ? kOfNoSite : site_id;
    for (const auto& [wanted_rule, wanted_site] :
         {std::pair(rule_id, site), std::pair(rule_id, any), std::pair(any, site), std::pair(any, any)})
        for (const RuleSite& row : rows)
            if (row.rule_id == wanted_rule && row.site_id == wanted_site && row.state)
                return &row;
    return nullptr;
}

}  // namespace sallyport::store
