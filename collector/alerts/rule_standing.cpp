// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/rule_standing.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "collector/alerts/alert_identity.hpp"
#include "collector/store/event_log.hpp"

namespace sallyport::alerts {
namespace {

constexpr std::chrono::days kSpan{30};
constexpr std::int64_t kDecisionsNeeded = 20;   // rule catalogue 3.10
constexpr double kFalsePositivesAtMost = 0.30;  // likewise

// What all documents of one catalogue rule are together.
struct Entry {
    const rules::Rule* rule = nullptr;
    std::set<std::string> missing;
    bool speaks = false;  // some document that raises alerts has all it needs
    bool tunable = false;
    bool live_at_once = false;
};

std::map<std::string, Entry> entries_of(const rules::RuleSet& rules) {
    std::map<std::string, Entry> entries;
    for (const auto& [id, rule] : by_catalogue_id(rules))
        entries[id].rule = rule;
    for (const rules::Rule& rule : rules.rules()) {
        Entry& entry = entries[rule_id_of(rule)];
        entry.missing.insert(rule.needs.begin(), rule.needs.end());
        entry.speaks = entry.speaks || (rule.generates && !rule.is_inactive());
        entry.live_at_once = entry.live_at_once || rule.live_at_once;
        entry.tunable = entry.tunable || std::any_of(rule.parameters.begin(), rule.parameters.end(), [](const auto& one) {
                            return one.basis == rules::Basis::project;
                        });
    }
    std::erase_if(entries, [](const auto& item) { return !item.second.rule->generates; });
    return entries;
}

RuleStanding::State state_of(const Entry& entry, const store::RuleSite* decided) {
    if (!entry.speaks) return RuleStanding::State::inactive;
    const bool live = entry.live_at_once || (decided != nullptr && decided->state == "live");
    return live ? RuleStanding::State::live : RuleStanding::State::observe;
}

store::RuleCount count_of(const std::vector<store::RuleCount>& counts, std::string_view rule, std::string_view site) {
    const auto at = std::find_if(counts.begin(), counts.end(), [&](const store::RuleCount& count) {
        return count.rule_id == rule && count.site_id == site;
    });
    return at == counts.end() ? store::RuleCount{std::string(rule), std::string(site)} : *at;
}

bool is_often_wrong(const store::RuleCount& count) {
    const auto share = false_positive_share(count);
    return count.decided >= kDecisionsNeeded && share && *share > kFalsePositivesAtMost;
}

}  // namespace

std::string_view to_string(RuleStanding::State state) {
    constexpr std::string_view kNames[] = {"inactive", "observe", "live"};
    return kNames[static_cast<std::size_t>(state)];
}

std::optional<double> false_positive_share(const store::RuleCount& count) {
    if (count.decided == 0) return std::nullopt;
    return static_cast<double>(count.false_positives) / static_cast<double>(count.decided);
}

std::map<std::string, const rules::Rule*> by_catalogue_id(const rules::RuleSet& rules) {
    std::map<std::string, const rules::Rule*> found;
    for (const rules::Rule& rule : rules.rules()) {
        auto [at, added] = found.try_emplace(rule_id_of(rule), &rule);
        if (!added && rule.generates && !at->second->generates) at->second = &rule;
    }
    return found;
}

std::vector<RuleStanding> rule_standings(const rules::RuleSet& rules, const std::vector<StandingSite>& sites,
                                         const StandingFacts& facts) {
    const double days = std::chrono::duration<double, std::ratio<86'400>>(facts.span).count();
    std::vector<RuleStanding> standings;
    for (const auto& [id, entry] : entries_of(rules))
        for (const StandingSite& site : sites) {
            const store::RuleSite* decided = facts.decisions.deciding(id, site.site_id);
            RuleStanding standing;
            standing.rule = entry.rule;
            standing.rule_id = id;
            standing.site_id = site.site_id;
            standing.site_name = site.name.empty() ? site.site_id : site.name;
            standing.state = state_of(entry, decided);
            standing.missing.assign(entry.missing.begin(), entry.missing.end());
            if (decided != nullptr) standing.decided = *decided;
            const WallTime since = decided != nullptr ? decided->changed_at : site.since;
            standing.undecided_for_long =
                standing.state == RuleStanding::State::observe && facts.now - since > registers::kObservedAtMost;
            standing.alerts = count_of(facts.counts, id, site.site_id);
            const auto all = standing.alerts.observed + standing.alerts.digested + standing.alerts.queued;
            standing.alerts_a_day = static_cast<double>(all) / days;
            standing.to_be_tuned = entry.tunable && is_often_wrong(standing.alerts);
            standings.push_back(std::move(standing));
        }
    return standings;
}

Result<StandingFacts> read_standing_facts(Database& database, WallTime now) {
    auto rows = store::all_rule_sites(database);
    if (!rows) return rows.error();
    auto begun = store::log_begun(database, now);
    if (!begun) return begun.error();
    StandingFacts facts;
    facts.decisions = registers::RuleSites(std::move(*rows));
    facts.now = now;
    facts.span = std::clamp<std::chrono::milliseconds>(now - *begun, std::chrono::days(1), kSpan);
    auto counts = store::count_alerts_by_rule(database, now - facts.span, now);
    if (!counts) return counts.error();
    facts.counts = std::move(*counts);
    return facts;
}

Result<std::vector<StandingSite>> read_standing_sites(Database& database, WallTime now) {
    auto entries = store::list_entries(database, "sites", now, now);
    if (!entries) return entries.error();
    auto begun = registers::sites_begun(database);
    if (!begun) return begun.error();
    auto log_begun = store::log_begun(database, now);
    if (!log_begun) return log_begun.error();
    std::vector<StandingSite> sites{{"", "Agency", *log_begun}};
    for (const store::RegisterEntry& entry : *entries)
        sites.push_back({entry.id, std::string(text_of(entry.data, "site_name")), begun->at(entry.id)});
    return sites;
}

}  // namespace sallyport::alerts
