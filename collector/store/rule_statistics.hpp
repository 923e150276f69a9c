// SPDX-License-Identifier: Apache-2.0
//
// How often each rule spoke, and what people made of it (rule catalogue 3.10).
#pragma once

#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

// Alerts of one rule at one site (empty: of no site), by the lane they are in.
struct RuleCount {
    std::string rule_id, site_id;
    std::int64_t observed = 0, digested = 0, queued = 0;
    std::int64_t decided = 0;          // with a disposition
    std::int64_t false_positives = 0;  // of those: false_positive_sensor, false_positive_rule
};

// Of the alerts raised in the span, its end excluded; by rule and site.
[[nodiscard]] Result<std::vector<RuleCount>> count_alerts_by_rule(Database& database, WallTime from, WallTime to);

}  // namespace sallyport::store
