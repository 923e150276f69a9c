// SPDX-License-Identifier: Apache-2.0
//
// How rules stand at sites, as it was decided (decision 11): the most specific row counts, of rule and site, then rule,
// then site, then everything. Immutable; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/store/register_repository.hpp"

namespace sallyport::registers {

class RuleSites {
public:
    RuleSites() = default;
    explicit RuleSites(std::vector<store::RuleSite> rows);

    // The row that decides whether the rule is live there; nothing: nobody decided. An empty site_id: for what is of no
    // site.
    [[nodiscard]] const store::RuleSite* deciding(std::string_view rule_id, std::string_view site_id) const;
    // The site's own value for a parameter (seconds or a count); nothing: the rule's.
    [[nodiscard]] std::optional<double> parameter(std::string_view rule_id, std::string_view site_id,
                                                  std::string_view name) const;

    // Since when some rule only observes at the site, `begun` being when the site was registered; nothing: none does,
    // as far as decisions say.
    [[nodiscard]] std::optional<WallTime> observed_since(std::string_view site_id, WallTime begun) const;

private:
    template <class Decides>
    [[nodiscard]] const store::RuleSite* most_specific(std::string_view rule_id, std::string_view site_id,
                                                       const Decides& decides) const;

    std::map<std::pair<std::string, std::string>, store::RuleSite> rows_;  // by rule and site
};

// When each registered site was first recorded.
[[nodiscard]] Result<std::map<std::string, WallTime>> sites_begun(Database& database);

// Longer than this a rule should not be observed without a decision (decision 11).
inline constexpr std::chrono::days kObservedAtMost{60};

}  // namespace sallyport::registers
