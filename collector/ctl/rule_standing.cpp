// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/rule_standing.hpp"

#include "collector/alerts/alert_identity.hpp"
#include "collector/store/rule_standing.hpp"

namespace sallyport::ctl {

Record RuleStanding::of(const rules::Rule& rule) const {
    Record states;
    for (const std::string& site : sites) {
        const auto* row = store::deciding_row(rows, alerts::rule_id_of(rule), site);
        const bool live = rule.live_at_once || (row != nullptr && row->state == "live");
        states.append(site, live ? "live" : "observe");
    }
    return states;
}

std::string RuleStanding::text_of(const Record& states) {
    std::string text;
    for (const std::string_view state : {"live", "observe"}) {
        std::string sites;
        for (const auto& [site, value] : states)
            if (*value.as<std::string>() == state)
                sites += (sites.empty() ? "" : ", ") + (site.empty() ? std::string("agency") : site);
        if (!sites.empty())
            text += (text.empty() ? "" : "; ") + std::string(state) + ": " + sites;
    }
    return text;
}

Result<RuleStanding> rule_standing(Invocation& invocation) {
    auto database = invocation.open_store_for_reading();
    if (!database)
        return database.error();
    auto rows = store::all_rule_sites(*database);
    if (!rows)
        return rows.error();
    auto sites = store::list_entries(*database, "sites", invocation.now(), invocation.now());
    if (!sites)
        return sites.error();
    RuleStanding standing{std::move(*rows), {""}};
    for (const store::RegisterEntry& site : *sites)
        standing.sites.push_back(site.id);
    return standing;
}

}  // namespace sallyport::ctl
