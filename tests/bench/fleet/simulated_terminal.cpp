// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fleet/simulated_terminal.hpp"

#include <algorithm>

#include "protocol/acknowledgement.hpp"
#include "protocol/topics.hpp"

namespace sallyport::bench {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

// The agent's (agent/uplink/uplink.hpp).
constexpr auto kAcknowledgementWait = 2s;
constexpr auto kResendAfter = 10s;
constexpr auto kShortestPause = 500ms;
constexpr auto kLongestPause = 60s;
constexpr auto kHeartbeat = 60s;
constexpr auto kConnectWatchdog = 30s;

WallTime wall_now() { return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::string topic(const TerminalPlan& plan, const std::string& terminal, Channel channel) {
    return to_string(Topic{plan.ori, terminal, channel});
}

}  // namespace

SimulatedTerminal::SimulatedTerminal(const MqttOptions& options, TerminalPlan plan, const SigningKey& enrolled,
                                     PublicKey collector, Told told)
    : plan_(std::move(plan)),
      collector_(std::move(collector)),
      told_(std::move(told)),
      stream_(options.client_id, enrolled),
      window_(plan_.window, kResendAfter),
      pause_(kShortestPause, kLongestPause),
      link_(options, {[this] { on_connected(); }, [this] { on_lost(); },
                      [this](std::string_view payload) { on_acknowledgement(payload); },
                      [this] { ++delivered_batches_; }}) {}

void SimulatedTerminal::prepare() {
    while (stream_.last_seq() < plan_.prepared * plan_.per_message)
        stream_.add_batch(std::min(plan_.per_message, plan_.events == 0 ? plan_.per_message : plan_.events - stream_.last_seq()),
                          {}, wall_now());
}

void SimulatedTerminal::start(SteadyTime now) { started_ = now; }

std::uint64_t SimulatedTerminal::produced(SteadyTime now) const {
    if (now < started_)
        return 0;
    std::uint64_t count = UINT64_MAX;
    if (plan_.rate > 0)
        count = static_cast<std::uint64_t>(std::chrono::duration<double>(now - started_).count() * plan_.rate);
    if (plan_.events > 0)
        count = std::min(count, plan_.events);
    return stopped_ ? std::min(count, stream_.last_seq()) : count;
}

std::uint64_t SimulatedTerminal::backlog(SteadyTime now) const {
    if (plan_.rate == 0)
        return stream_.waiting();
    const std::uint64_t made = produced(now);
    return made > acknowledged() ? made - acknowledged() : 0;
}

bool SimulatedTerminal::finished() const {
    return plan_.events > 0 ? acknowledged() >= plan_.events : stopped_ && acknowledged() >= stream_.last_seq();
}

void SimulatedTerminal::make_batch(SteadyTime now) {
    const std::uint64_t there = produced(now);
    const std::uint64_t made = stream_.last_seq();
    if (there <= made)
        return;
    // A paced terminal waits for a whole message, as its lines come one by one; one that is behind sends fuller ones.
    std::uint64_t lines = std::min<std::uint64_t>(there - made, plan_.rate > 0 ? std::max<std::uint64_t>(plan_.per_message, 200)
                                                                             : plan_.per_message);
    if (plan_.rate > 0 && lines < plan_.per_message && plan_.events != there)
        return;
    if (plan_.rate > 0)
        lines = lines / plan_.per_message * plan_.per_message + (plan_.events == there ? lines % plan_.per_message : 0);
    SteadyTime due = now;
    if (plan_.rate > 0)
        due = started_ + std::chrono::duration_cast<SteadyTime::duration>(
                             std::chrono::duration<double>(static_cast<double>(made + lines) / plan_.rate));
    stream_.add_batch(lines, due, wall_now());
}

void SimulatedTerminal::send(SteadyTime now) {
    while (phase_ == Phase::streaming && window_.open()) {
        const std::uint64_t next = std::max(window_.next_seq(), stream_.acknowledged() + 1);
        const StreamBatch* batch = stream_.batch_of(next);
        if (batch == nullptr) {
            make_batch(now);
            batch = stream_.batch_of(next);
        }
        if (batch == nullptr || batch->last_seq > produced(now))
            return;
        if (!link_.publish({topic(plan_, stream_.terminal(), Channel::events), batch->message, 1, false}))
            return;
        if (batch->last_seq <= sent_to_)
            resent_ += batch->last_seq - batch->first_seq + 1;
        sent_to_ = std::max(sent_to_, batch->last_seq);
        window_.sent(batch->first_seq, batch->last_seq, now);
    }
}

void SimulatedTerminal::keep_time(SteadyTime now) {
    if (phase_ == Phase::apart && now >= due_) {
        phase_ = Phase::connecting;
        due_ = now + kConnectWatchdog;
        link_.connect(topic(plan_, stream_.terminal(), Channel::ack),
                      {topic(plan_, stream_.terminal(), Channel::status), stream_.status(StatusKind::will, wall_now()), 1, true});
    } else if (phase_ == Phase::connecting && now >= due_) {
        link_.disconnect();
        on_lost();
    } else if (phase_ == Phase::settling && now >= due_) {
        phase_ = Phase::streaming;
        window_.rewind(stream_.acknowledged() + 1);
    }
    if (phase_ == Phase::streaming && plan_.acknowledged_by_broker) {
        // There is no window to speak of: the broker's PUBACK is all that comes back.
        while (delivered_batches_ > 0 && delivered_ < stream_.last_seq()) {
            const StreamBatch* batch = stream_.batch_of(delivered_ + 1);
            delivered_ = batch->last_seq;
            --delivered_batches_;
            window_.acknowledged(delivered_, now);
        }
    } else if (phase_ == Phase::streaming) {
        window_.rewind_if_stalled(now);
    }
    if (phase_ >= Phase::settling && now >= heartbeat_due_)
        say(StatusKind::heartbeat, now);
    send(now);
}

void SimulatedTerminal::on_connected() {
    const auto now = Steady::now();
    phase_ = Phase::settling;
    due_ = now + (plan_.acknowledged_by_broker ? 0s : kAcknowledgementWait);
    say(StatusKind::birth, now);
}

void SimulatedTerminal::say(StatusKind kind, SteadyTime now) {
    heartbeat_due_ = now + kHeartbeat;
    if (plan_.acknowledged_by_broker)
        return;  // nobody listens, and its PUBACK would count as a batch's
    link_.publish({topic(plan_, stream_.terminal(), Channel::status), stream_.status(kind, wall_now()), 1, true});
}

void SimulatedTerminal::on_lost() {
    phase_ = Phase::apart;
    due_ = Steady::now() + pause_.draw();
}

void SimulatedTerminal::on_acknowledgement(std::string_view payload) {
    auto ack = decode_acknowledgement(payload, collector_);
    if (!ack || ack->instance != stream_.instance())
        return;
    const auto now = Steady::now();
    const bool ours = stream_.acknowledge(ack->seq, ack->head, [&](const StreamBatch& batch) {
        told_(batch.due == SteadyTime{} ? 0 : std::chrono::duration<double, std::micro>(now - batch.due).count(),
              batch.last_seq - batch.first_seq + 1);
    });
    if (!ours) {
        forked_ = true;
        return;
    }
    pause_.reset();
    if (phase_ == Phase::settling) {
        phase_ = Phase::streaming;
        window_.rewind(ack->seq + 1);
    } else if (phase_ == Phase::streaming) {
        window_.acknowledged(ack->seq, now);
    }
    send(now);
}

}  // namespace sallyport::bench
