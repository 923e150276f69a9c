// SPDX-License-Identifier: Apache-2.0
//
// What rules would have raised: the stored events of a time, judged again as they came, into a store of their own. The
// same engine, enrichment and alert book as the judge's, with a clock that goes from event to event.
//
// What differs from the live judge: nobody acknowledges or resolves anything, and timers do not wait for a backlog. Rules
// stand at sites as they do now.
//
// One thread. Writes nothing but its scratch store, which is never made durable.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "collector/store/alert_repository.hpp"
#include "rules/engine/engine.hpp"

namespace sallyport::alerts {

struct RehearsalPlan {
    std::shared_ptr<const rules::RuleSet> rules;
    std::set<std::string> as_live;  // catalogue ids that are judged as if live at every site
    WallTime since{}, until{};      // alerts raised in this time are told of
    std::size_t examples = 3;       // to be kept with what the rules saw, of the rules in `as_live`
};

struct Rehearsal {
    struct Example {
        store::Alert alert;
        std::string rule;  // the document that found it
        Record fields;     // of the event that tells what it is about
    };

    std::vector<store::Alert> alerts;  // raised from since to until; oldest first
    std::vector<Example> examples;
    std::uint64_t events = 0, not_judged = 0;  // withheld or not understood, of the lines read
    std::chrono::milliseconds judging{};       // the rules' part of the time it took, by the given clock
    rules::EngineStatistics most;              // held at once: groups, matches, timers

    // In the queue and not taken off it by a larger alert.
    [[nodiscard]] static bool is_queue_item(const store::Alert& alert);
    // Somebody is called for it.
    [[nodiscard]] static bool is_page(const store::Alert& alert);
};

// `connect` opens connections to the store, for reading; `scratch` is an empty store, brought to this program's schema.
// Windows are filled from the events before `since`, as far back as a rule looks.
[[nodiscard]] Result<Rehearsal> rehearse(const RehearsalPlan& plan,
                                         const std::function<Result<Database>()>& connect, Database& scratch,
                                         const Clock& clock);

}  // namespace sallyport::alerts
