// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/sweep_facts.hpp"

#include "collector/registers/rule_sites.hpp"
#include "collector/store/event_log.hpp"

namespace sallyport::registers {
namespace {

// Since when some rule only observes there, by site; the agency's own rules under no site.
Result<std::map<std::string, WallTime>> read_observing_since(Database& reader, WallTime log_begun) {
    auto rule_sites = store::all_rule_sites(reader);
    if (!rule_sites) return rule_sites.error();
    auto sites = sites_begun(reader);
    if (!sites) return sites.error();
    sites->emplace("", log_begun);
    const RuleSites decisions(std::move(*rule_sites));
    std::map<std::string, WallTime> observing;
    for (const auto& [site, registered] : *sites)
        if (const auto since = decisions.observed_since(site, registered)) observing.emplace(site, *since);
    return observing;
}

}  // namespace

Result<SweepFacts> read_sweep_facts(Database& reader, WallTime now) {
    auto use = store::all_operator_use(reader);
    if (!use) return use.error();
    auto pages = store::all_printed_pages(reader);
    if (!pages) return pages.error();
    auto keys = store::all_keys(reader);
    if (!keys) return keys.error();
    auto liveness = store::all_liveness(reader);
    if (!liveness) return liveness.error();
    auto begun = store::log_begun(reader, now);
    if (!begun) return begun.error();
    auto observing = read_observing_since(reader, *begun);
    if (!observing) return observing.error();
    SweepFacts facts;
    facts.last_session = std::move(*use);
    facts.printed = std::move(*pages);
    facts.keys = std::move(*keys);
    facts.observing_since = std::move(*observing);
    facts.watched_since = *begun;
    for (const store::TerminalLiveness& terminal : *liveness)
        if (terminal.last_seen_at) facts.last_seen.emplace(terminal.terminal_id, *terminal.last_seen_at);
    return facts;
}

}  // namespace sallyport::registers
