// SPDX-License-Identifier: Apache-2.0
//
// A sensor watches one thing and tells the sink what it saw. To add one: a folder here, a row in catalogue.cpp, a test.
//
// Each sensor runs on a thread of its own, so that one that hangs or fails takes no other with it. run() returns when
// asked to stop (success) or when its source failed (the error); the supervisor reports that as `agent.sensor`, waits
// with growing pauses, and runs it again. A sensor sleeps in its source, it never polls faster than every 10 s.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "agent/sensors/drill_cues.hpp"
#include "agent/sensors/observation.hpp"
#include "protocol/clock.hpp"
#include "protocol/status.hpp"

namespace sallyport::agent {

// How a sensor reports its own health. Thread-safe. A change of state becomes an `agent.sensor` event and is part of
// every heartbeat; reporting the same state again is free.
class SensorHealth {
public:
    virtual ~SensorHealth() = default;
    // `reason` is a token such as `bus_missing`; empty when ok.
    virtual void report(std::string_view sensor, SensorState state, std::string_view reason) = 0;
};

struct SensorContext {
    ObservationSink& sink;
    SensorHealth& health;
    const Clock& clock;
    DrillCues& drill = no_drill();
};

class Sensor {
public:
    virtual ~Sensor() = default;
    // The name in events and heartbeats: one of the catalogue's sensor names.
    [[nodiscard]] virtual std::string_view name() const = 0;
    // On the first run everything already present is observed with an unknown time. After a failure the sensor
    // compares with what it saw last, so that nothing between is missed.
    [[nodiscard]] virtual Result<void> run(std::stop_token stop, const SensorContext& context) = 0;
};

}  // namespace sallyport::agent
