// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/rule_sites.hpp"

#include <algorithm>

namespace sallyport::registers {

RuleSites::RuleSites(std::vector<store::RuleSite> rows) {
    for (store::RuleSite& row : rows) {
        std::pair key(row.rule_id, row.site_id);
        rows_.emplace(std::move(key), std::move(row));
    }
}

template <class Decides>
const store::RuleSite* RuleSites::most_specific(std::string_view rule_id, std::string_view site_id,
                                                const Decides& decides) const {
    const std::string rule(rule_id), site(site_id.empty() ? store::kOfNoSite : site_id), any;
    for (const auto& key : {std::pair(rule, site), std::pair(rule, any), std::pair(any, site), std::pair(any, any)})
        if (const auto row = rows_.find(key); row != rows_.end() && decides(row->second)) return &row->second;
    return nullptr;
}

const store::RuleSite* RuleSites::deciding(std::string_view rule_id, std::string_view site_id) const {
    return most_specific(rule_id, site_id, [](const store::RuleSite& row) { return row.state.has_value(); });
}

std::optional<double> RuleSites::parameter(std::string_view rule_id, std::string_view site_id,
                                           std::string_view name) const {
    const store::RuleSite* row =
        most_specific(rule_id, site_id, [&](const store::RuleSite& candidate) { return number_of(candidate.parameters, name).has_value(); });
    return row == nullptr ? std::nullopt : number_of(row->parameters, name);
}

std::optional<WallTime> RuleSites::observed_since(std::string_view site_id, WallTime begun) const {
    std::optional<WallTime> since;
    const store::RuleSite* general = deciding("", site_id);
    if (general == nullptr || general->state == "observe") since = general == nullptr ? begun : general->changed_at;
    for (const auto& [key, row] : rows_)
        if (row.state == "observe" && deciding(row.rule_id, site_id) == &row)
            since = std::min(since.value_or(row.changed_at), row.changed_at);
    return since;
}

Result<std::map<std::string, WallTime>> sites_begun(Database& database) {
    std::map<std::string, WallTime> begun;
    auto done = store::each_version(database, "sites", [&](const store::RegisterEntry& version) -> Result<void> {
        begun.emplace(version.id, version.recorded_at);
        return {};
    });
    if (!done) return done.error();
    return begun;
}

}  // namespace sallyport::registers
