// SPDX-License-Identifier: Apache-2.0
#include "agent/health.hpp"

namespace sallyport::agent {

void Health::report(std::string_view sensor, SensorState state, std::string_view reason) {
    const std::lock_guard lock(mutex_);
    const auto known = entries_.find(sensor);
    if (known == entries_.end())
        entries_.emplace(std::string(sensor), Entry{state, std::string(reason), true});
    else if (known->second.state != state || known->second.reason != reason)
        known->second = {state, std::string(reason), true};
    record_due();
}

void Health::retry() {
    const std::lock_guard lock(mutex_);
    record_due();
}

void Health::record_due() {
    bool changed = false;
    for (auto& [sensor, entry] : entries_) {
        if (!entry.due)
            continue;
        Observation observation;
        observation.type = "agent.sensor";
        observation.body = {{"sensor", sensor}, {"state", to_string(entry.state)}};
        if (!entry.reason.empty())
            observation.body.set("reason", entry.reason);
        observation.occurred_at = clock_.now();
        entry.due = !sink_.take(observation).ok();
        changed = changed || !entry.due;
    }
    if (changed && changed_)
        changed_();
}

void Health::describe(StatusMessage& status) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [sensor, entry] : entries_) {
        status.sensors[sensor] = entry.state;
        if (!entry.reason.empty())
            status.reasons[sensor] = entry.reason;
    }
}

}  // namespace sallyport::agent
