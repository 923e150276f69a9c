// SPDX-License-Identifier: Apache-2.0
//
// A finding with all that is needed to make an alert of it, gathered before the writer's transaction begins.
#pragma once

#include <string>

#include "protocol/bytes.hpp"
#include "rules/engine/engine.hpp"

namespace sallyport::alerts {

struct Sighting {
    const rules::Rule* rule = nullptr;
    rules::Finding finding;
    Record fields;  // of the event that tells what it is about, with what the registers say
    std::string ori;
    Digest first_leaf{};               // of the finding's first evidence
    bool live = false;                 // the rule's state at the site
    std::string parameters = "{}";     // the rule's parameters in force, as JSON
    WallTime known_at{};               // registers as known at
    std::int64_t received_lag_ms = 0;  // how late its event came
    bool replayed = false;             // judged before, and again after a restart
};

}  // namespace sallyport::alerts
