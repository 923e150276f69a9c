// SPDX-License-Identifier: Apache-2.0
//
// A terminal as the other side sees it: connects, says its birth, waits for the collector's word, keeps a window of
// batches on its way, goes back when told so or when nothing moves. Window, pauses and waits are the agent's own
// (agent/uplink); a noisy one has a window of its own choice. One thread.
#pragma once

#include <functional>
#include <optional>

#include "agent/uplink/reconnect_pause.hpp"
#include "agent/uplink/send_window.hpp"
#include "tests/bench/fleet/mosquitto_link.hpp"
#include "tests/bench/fleet/terminal_stream.hpp"

namespace sallyport::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

struct TerminalPlan {
    std::string ori;
    std::uint64_t per_message = 20;
    double rate = 0;                // events a second of this terminal; 0: whenever the window has room
    std::uint64_t events = 0;       // in all; 0: no end
    std::size_t window = 8;         // batches not acknowledged
    bool acknowledged_by_broker = false;  // PUBACK counts, there is no collector
    std::size_t prepared = 0;       // batches made before the start
};

class SimulatedTerminal {
public:
    // `told`: microseconds from the spooling of a batch's last line to the acknowledgement, and its lines.
    using Told = std::function<void(double latency_us, std::uint64_t lines)>;

    SimulatedTerminal(const MqttOptions& options, TerminalPlan plan, const SigningKey& enrolled, PublicKey collector,
                      Told told);

    // Makes what the plan wants made before anything is measured.
    void prepare();
    void start(SteadyTime now);       // of its work; connections may be made before
    void keep_time(SteadyTime now);   // reconnects, makes lines, sends: whenever something may be due
    void stop_producing() { stopped_ = true; }
    void disconnect() { link_.disconnect(); }

    [[nodiscard]] bool connected() const { return phase_ >= Phase::settling; }
    [[nodiscard]] bool settled() const { return phase_ == Phase::streaming; }
    [[nodiscard]] bool finished() const;
    [[nodiscard]] std::uint64_t acknowledged() const { return plan_.acknowledged_by_broker ? delivered_ : stream_.acknowledged(); }
    // Spooled and not acknowledged, by the plan's pace.
    [[nodiscard]] std::uint64_t backlog(SteadyTime now) const;
    [[nodiscard]] std::uint64_t resent() const { return resent_; }
    [[nodiscard]] bool forked() const { return forked_; }
    [[nodiscard]] const std::string& instance() const { return stream_.instance(); }
    [[nodiscard]] MosquittoLink& link() { return link_; }

private:
    enum class Phase { apart, connecting, settling, streaming };

    void on_connected();
    void on_lost();
    void on_acknowledgement(std::string_view payload);
    void send(SteadyTime now);
    void say(StatusKind kind, SteadyTime now);
    [[nodiscard]] std::uint64_t produced(SteadyTime now) const;
    // Makes the batch that begins at `seq` if its lines are due.
    void make_batch(SteadyTime now);

    const TerminalPlan plan_;
    const PublicKey collector_;
    const Told told_;
    TerminalStream stream_;
    agent::SendWindow window_;
    agent::ReconnectPause pause_;
    Phase phase_ = Phase::apart;
    SteadyTime due_{};  // of the phase
    SteadyTime heartbeat_due_{};
    SteadyTime started_ = SteadyTime::max();
    std::uint64_t sent_to_ = 0;  // highest seq ever sent
    std::uint64_t resent_ = 0;   // lines
    std::uint64_t delivered_ = 0, delivered_batches_ = 0;
    bool stopped_ = false;
    bool forked_ = false;
    MosquittoLink link_;  // last: calls back into what stands above
};

}  // namespace sallyport::bench
