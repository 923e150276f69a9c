// SPDX-License-Identifier: Apache-2.0
#include "agent/recorder.hpp"

namespace sallyport::agent {
namespace {

// Dictionary section 9, agent.clock_step.
constexpr std::chrono::milliseconds kClockStep{2000};

std::chrono::milliseconds ahead(const Clock& clock) {
    return clock.now().time_since_epoch() - std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic());
}

std::string_view to_string(QueuePressure pressure) {
    switch (pressure) {
        case QueuePressure::filling: return "filling";
        case QueuePressure::overflow: return "overflow";
        case QueuePressure::calm: break;
    }
    return "drained";
}

}  // namespace

Recorder::Recorder(Spool& spool, const Clock& clock, std::string boot_id, std::string config_sha256,
                   std::function<void()> recorded)
    : spool_(spool),
      clock_(clock),
      boot_id_(std::move(boot_id)),
      config_sha256_(std::move(config_sha256)),
      recorded_(std::move(recorded)),
      wall_ahead_(ahead(clock)),
      told_(spool.pressure()) {}

Result<void> Recorder::take(const Observation& observation) {
    const std::lock_guard lock(mutex_);
    if (auto noted = note_clock_step(); !noted)
        return noted.error().within("recorder");
    if (auto taken = append(observation); !taken)
        return taken.error().within("recorder: " + observation.type);
    // The observation itself is safe by now: that the note about the queue was not is no reason to take it twice. The
    // pressure lasts, so the note is made with the next one.
    (void)note_pressure().ok();
    if (recorded_)
        recorded_();
    return {};
}

Result<void> Recorder::look_at_clock() {
    const std::lock_guard lock(mutex_);
    const auto before = spool_.last().seq;
    if (auto noted = note_clock_step(); !noted)
        return noted.error().within("recorder");
    if (recorded_ && spool_.last().seq != before)
        recorded_();
    return {};
}

Result<void> Recorder::append(const Observation& observation) {
    Event event;
    event.observed_at = clock_.now();
    event.monotonic = clock_.monotonic();
    event.clock = clock_.state();
    event.event_id = make_event_id(event.observed_at);
    event.terminal_id = spool_.terminal();
    event.agent_instance = spool_.instance();
    event.boot_id = boot_id_;
    event.type = observation.type;
    event.occurred_at = observation.occurred_at;
    event.session_id = observation.session_id;
    event.operator_account = observation.operator_account;
    event.outcome = observation.outcome;
    event.config_sha256 = config_sha256_;
    event.nonce = random_id();
    event.drill = observation.drill;
    event.body = observation.body;
    auto position = spool_.append(event.type, [&](std::uint64_t seq) {
        event.seq = seq;
        return encode_event(event);
    });
    return position ? Result<void>() : position.error();
}

Result<void> Recorder::note_clock_step() {
    const auto now_ahead = ahead(clock_);
    const auto delta = now_ahead - wall_ahead_;
    if (delta > -kClockStep && delta < kClockStep)
        return {};
    Observation step;
    step.type = "agent.clock_step";
    step.body = {{"delta_ms", static_cast<std::int64_t>(delta.count())}, {"source", "observed"}};
    step.occurred_at = clock_.now();
    if (auto taken = append(step); !taken)
        return taken.error();
    wall_ahead_ = now_ahead;
    return {};
}

Result<void> Recorder::note_pressure() {
    const QueuePressure pressure = spool_.pressure();
    if (pressure == told_)
        return {};
    Observation queue;
    queue.type = "agent.queue";
    queue.body = {{"state", to_string(pressure)}, {"depth", spool_.depth()}, {"dropped", spool_.dropped()}};
    queue.occurred_at = clock_.now();
    if (auto taken = append(queue); !taken)
        return taken.error();
    told_ = pressure;
    return {};
}

}  // namespace sallyport::agent
