// SPDX-License-Identifier: Apache-2.0
//
// Where a sensor under test puts what it saw. Everything taken is checked against the event catalogue, as the real
// recorder would; waiting is for a condition with a deadline, never for a fixed time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/sensors/sensor.hpp"
#include "protocol/schema.hpp"

namespace sallyport::testing {

class RecordingSink final : public agent::ObservationSink, public agent::SensorHealth {
public:
    Result<void> take(const agent::Observation& observation) override {
        const EventType* type = find_event_type(observation.type);
        const std::scoped_lock lock(mutex_);
        if (type == nullptr)
            faults_.push_back(observation.type + ": unknown type");
        else if (auto fault = check_fields(observation.body, type->fields))
            faults_.push_back(observation.type + ": " + fault->field + ": " + fault->reason);
        observations_.push_back(observation);
        changed_.notify_all();
        return {};
    }

    void report(std::string_view sensor, SensorState state, std::string_view reason) override {
        const std::scoped_lock lock(mutex_);
        health_[std::string(sensor)] = {state, std::string(reason)};
        changed_.notify_all();
    }

    using Matcher = std::function<bool(const agent::Observation&)>;
    // The first observation that fits, or nothing after the patience.
    std::optional<agent::Observation> wait_for(const Matcher& fits, std::chrono::seconds patience = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        std::optional<agent::Observation> found;
        changed_.wait_for(lock, patience, [&] {
            for (const auto& observation : observations_)
                if (fits(observation)) {
                    found = observation;
                    return true;
                }
            return false;
        });
        return found;
    }
    bool wait_for_health(const std::string& sensor, SensorState state, std::chrono::seconds patience = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] {
            const auto at = health_.find(sensor);
            return at != health_.end() && at->second.first == state;
        });
    }

    std::vector<agent::Observation> observations() {
        const std::scoped_lock lock(mutex_);
        return observations_;
    }
    std::string reason(const std::string& sensor) {
        const std::scoped_lock lock(mutex_);
        return health_[sensor].second;
    }
    // Observations the catalogue would have refused: must be empty.
    std::vector<std::string> faults() {
        const std::scoped_lock lock(mutex_);
        return faults_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<agent::Observation> observations_;
    std::map<std::string, std::pair<SensorState, std::string>> health_;
    std::vector<std::string> faults_;
};

}  // namespace sallyport::testing
