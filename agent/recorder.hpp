// SPDX-License-Identifier: Apache-2.0
//
// Turns observations into events: gives them envelope, number and place in the chain, and makes them durable.
//
// Thread-safe: every sensor calls it from its own thread. A failure goes back to the sensor, which keeps what it saw
// and tries again; nothing is dropped here. What the recorder notices itself becomes events too: a step of the wall
// clock (agent.clock_step, from 2 s on) and the spool filling, overflowing and draining (agent.queue).
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "agent/sensors/observation.hpp"
#include "agent/spool/spool.hpp"

namespace sallyport::agent {

class Recorder final : public ObservationSink {
public:
    // `recorded` is called after each event, from the thread that brought it: to wake the uplink.
    Recorder(Spool& spool, const Clock& clock, std::string boot_id, std::string config_sha256,
             std::function<void()> recorded = {});

    [[nodiscard]] Result<void> take(const Observation& observation) override;
    // Tells of a step of the clock without waiting for the next observation.
    [[nodiscard]] Result<void> look_at_clock();
    // Before any sensor runs.
    void when_recorded(std::function<void()> recorded) { recorded_ = std::move(recorded); }

private:
    Result<void> append(const Observation& observation);
    Result<void> note_clock_step();
    Result<void> note_pressure();

    Spool& spool_;
    const Clock& clock_;
    const std::string boot_id_;
    const std::string config_sha256_;
    std::function<void()> recorded_;
    std::mutex mutex_;
    std::chrono::milliseconds wall_ahead_;  // of the monotonic clock
    QueuePressure told_ = QueuePressure::calm;
};

}  // namespace sallyport::agent
