// SPDX-License-Identifier: Apache-2.0
//
// The innocent explanations that an alert may have, each asked of the store and answered with what it says: what counsel
// asks first should have been asked before. Nothing here judges; a `yes` says that the explanation cannot be ruled out.
// One thread.
#pragma once

#include <string>
#include <vector>

#include "collector/evidence/bundle/case_file.hpp"

namespace sallyport::evidence {

struct Explanation {
    std::string alert_id;
    std::string check;  // window, register_lag, clock, late_arrival, sensors, missing_lines, second_sender, mark
    std::string question;
    std::string answer;                // yes, no, unknown
    std::string said;                  // what the store says, in a sentence or two
    std::vector<std::int64_t> events;  // the lines that say it: they are in the bundle, and proven
};

// Every check of every alert, in that order. `now`: what is known later than then is not looked at.
[[nodiscard]] Result<std::vector<Explanation>> explanations_of(Database& reader, const CaseFile& file, WallTime now);

[[nodiscard]] Record to_record(const Explanation& explanation);

}  // namespace sallyport::evidence
