// SPDX-License-Identifier: Apache-2.0
//
// What the engine says. What is raised stands until it is cleared; what something late shows to be untrue is
// withdrawn. What stands in the end depends on the events alone, not on the order in which they came.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "protocol/clock.hpp"

namespace sallyport::rules {

enum class FindingKind { detection, correlation, absence };

// A condition that lasts is raised once and cleared when it ends; cleared again, the last time counts.
// Withdrawn: as if it had never been raised. A finding is known by rule, group and start.
enum class FindingPhase { raised, cleared, withdrawn };

struct Finding {
    std::string rule;  // the document's id, else name, else title
    FindingKind kind = FindingKind::detection;
    FindingPhase phase = FindingPhase::raised;
    std::vector<std::pair<std::string, std::string>> group;  // group-by field -> value
    double value = 0;                                        // count, sum, ...; seconds for absence
    WallTime started_at{};                                   // first evidence
    WallTime at{};                                           // when the condition held, durations included
    // References, oldest first, at most 500: the first ones and the last. Empty where nothing was ever heard
    // of a member.
    std::vector<std::int64_t> evidence;
};

}  // namespace sallyport::rules
