// SPDX-License-Identifier: Apache-2.0
//
// How each rule of the catalogue stands at each site: whether it speaks, what it lacks, how often it would, and how
// often it was wrong (decision 11, rule catalogue 3.10). Pure functions; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/registers/rule_sites.hpp"
#include "collector/store/rule_statistics.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::alerts {

struct RuleStanding {
    enum class State { inactive, observe, live };

    const rules::Rule* rule = nullptr;  // the document that stands for the catalogue's rule; of the rule set
    std::string rule_id;
    std::string site_id, site_name;  // without an id: for what is of no site
    State state = State::observe;
    // What nothing sends yet. Of an inactive rule it is why; another waits for it with some of its documents only.
    std::vector<std::string> missing;
    std::optional<store::RuleSite> decided;  // who decided that it is live or observed; nothing: nobody
    bool undecided_for_long = false;         // observed for more than 60 days: a finding
    store::RuleCount alerts;                 // of the span
    double alerts_a_day = 0;
    bool to_be_tuned = false;  // more than 30 % of 20 decisions and more were false positives, and it has a number to set
};

[[nodiscard]] std::string_view to_string(RuleStanding::State state);
// Of those that people decided on; nothing: nobody did.
[[nodiscard]] std::optional<double> false_positive_share(const store::RuleCount& count);

struct StandingFacts {
    registers::RuleSites decisions;
    std::vector<store::RuleCount> counts;  // of the span before `now`
    WallTime now{};
    // At most 30 days, and no longer than the log reaches back; a day at least.
    std::chrono::milliseconds span{};
};

struct StandingSite {
    std::string site_id, name;
    WallTime since{};  // when it began to observe, where nobody decided
};

// One a catalogue rule and site, by rule.
[[nodiscard]] std::vector<RuleStanding> rule_standings(const rules::RuleSet& rules, const std::vector<StandingSite>& sites,
                                                       const StandingFacts& facts);

// As the store has them: `now` is the end of the span.
[[nodiscard]] Result<StandingFacts> read_standing_facts(Database& database, WallTime now);
// The registered sites, and the agency as the one without an id.
[[nodiscard]] Result<std::vector<StandingSite>> read_standing_sites(Database& database, WallTime now);

// The document that stands for each rule of the catalogue, by its id: one that raises alerts, before those that only
// feed it.
[[nodiscard]] std::map<std::string, const rules::Rule*> by_catalogue_id(const rules::RuleSet& rules);

}  // namespace sallyport::alerts
