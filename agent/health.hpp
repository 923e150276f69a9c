// SPDX-License-Identifier: Apache-2.0
//
// The state of every sensor: each change is an `agent.sensor` event, and all of them go into every heartbeat.
//
// Thread-safe. A change that could not be recorded stays due: it is tried again with the next report or retry(), so
// that the events end up saying what the heartbeat says.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

class Health final : public SensorHealth {
public:
    explicit Health(ObservationSink& sink, const Clock& clock) : sink_(sink), clock_(clock) {}

    void report(std::string_view sensor, SensorState state, std::string_view reason) override;
    // Records what is still due.
    void retry();
    // Called after a change was recorded. Before any sensor runs.
    void when_changed(std::function<void()> changed) { changed_ = std::move(changed); }

    // Fills in the sensors' states and reasons of a status message.
    void describe(StatusMessage& status) const;

private:
    struct Entry {
        SensorState state = SensorState::off;
        std::string reason;
        bool due = false;
    };
    void record_due();

    ObservationSink& sink_;
    const Clock& clock_;
    std::function<void()> changed_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace sallyport::agent
