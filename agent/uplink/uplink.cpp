// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/uplink.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

#include "agent/uplink/batch_budget.hpp"
#include "agent/uplink/reconnect_pause.hpp"
#include "agent/uplink/send_window.hpp"
#include "protocol/acknowledgement.hpp"
#include "protocol/topics.hpp"

namespace sallyport::agent {
namespace {

using Steady = std::chrono::steady_clock;

// Paho's own limit is 10 s; past this its answer is not coming any more, and a new connection object is made.
constexpr std::chrono::seconds kConnectWatchdog{30};
constexpr std::chrono::seconds kRetryRead{10};
constexpr std::chrono::milliseconds kDisconnectPatience{1000};
// More than ever wait; of a flood the newest are worth remembering, as each says all.
constexpr std::size_t kWaitingAcknowledgementsMax = 64;

}  // namespace

class Uplink::Link {
public:
    Link(UplinkOptions options, Spool& spool, PublicKey collector, SigningKey batch_key,
         BatchKeyCertificate certificate, const Clock& clock, Describe describe, Changed changed, Ordered ordered);

    Result<void> run(const std::stop_token& stop);
    void wake();
    void announce();
    UplinkState state() const;

private:
    enum class Phase { apart, connecting, settling, streaming };

    // What the connection's thread leaves for run().
    struct Inbox {
        bool connected = false;
        bool lost = false;
        std::string why;
        std::deque<std::string> acknowledgements;
        std::optional<std::string> config;  // the newest
        bool refused = false;
        bool woken = false;
        bool announce = false;
        [[nodiscard]] bool anything() const {
            return connected || lost || !acknowledgements.empty() || config || refused || woken || announce;
        }
    };

    Result<void> make_connection();
    Inbox wait(const std::stop_token& stop);
    void take(Inbox& inbox);
    void on_connected();
    void on_lost(const std::string& why);
    void on_acknowledgement(std::string_view message);
    void on_config(std::string_view message);
    void keep_time();
    void start_attempt();
    void start_streaming(std::uint64_t next_seq);
    void send_batches();
    bool send_batch(const SpoolSlice& slice);
    void say(StatusKind kind);
    [[nodiscard]] bool certificate_replaced() const;
    void reconnect();
    void farewell();
    void set_state(bool connected, std::string trouble);
    [[nodiscard]] StatusMessage describe(StatusKind kind) const;
    [[nodiscard]] Steady::time_point next_deadline() const;
    [[nodiscard]] std::string topic(Channel channel) const;

    template <class Action>
    void post(Action action) {
        const std::lock_guard lock(mutex_);
        action(inbox_);
        changed_.notify_all();
    }

    const UplinkOptions options_;
    Spool& spool_;
    const PublicKey collector_;
    const SigningKey batch_key_;
    const BatchKeyCertificate certificate_;
    const Clock& clock_;
    const Describe describe_;
    const Changed tell_;
    const Ordered ordered_;

    mutable std::mutex mutex_;  // for inbox_ and state_
    std::condition_variable_any changed_;
    Inbox inbox_;
    UplinkState state_;

    // Only run()'s thread from here on.
    Phase phase_ = Phase::apart;
    SendWindow window_;
    BatchBudget budget_;
    ReconnectPause pause_;
    Steady::time_point due_{};            // of the phase: next attempt, watchdog, end of the wait for a word
    Steady::time_point heartbeat_due_{};
    Steady::time_point read_again_{};     // after the spool could not be read
    std::filesystem::file_time_type certificate_written_{};  // when this connection began
    std::unique_ptr<MqttConnection> connection_;  // last: its thread uses what stands above
};

Uplink::Link::Link(UplinkOptions options, Spool& spool, PublicKey collector, SigningKey batch_key,
                   BatchKeyCertificate certificate, const Clock& clock, Describe describe, Changed changed,
                   Ordered ordered)
    : options_(std::move(options)),
      spool_(spool),
      collector_(std::move(collector)),
      batch_key_(std::move(batch_key)),
      certificate_(std::move(certificate)),
      clock_(clock),
      describe_(std::move(describe)),
      tell_(std::move(changed)),
      ordered_(std::move(ordered)),
      window_(options_.window, options_.resend_after),
      budget_(options_.bytes_max),
      pause_(options_.shortest_pause, options_.longest_pause) {}

Result<void> Uplink::Link::run(const std::stop_token& stop) {
    if (auto made = make_connection(); !made)
        return made.error().within("uplink");
    while (!stop.stop_requested()) {
        keep_time();
        send_batches();
        Inbox inbox = wait(stop);
        take(inbox);
    }
    farewell();
    return {};
}

Result<void> Uplink::Link::make_connection() {
    connection_.reset();
    MqttHandlers handlers;
    handlers.connected = [this] { post([](Inbox& inbox) { inbox.connected = true; }); };
    handlers.lost = [this](const std::string& why) {
        post([&](Inbox& inbox) {
            inbox.lost = true;
            inbox.connected = false;
            inbox.why = why;
        });
    };
    handlers.received = [this](const MqttMessage& message) {
        if (message.topic == topic(Channel::config)) {
            post([&](Inbox& inbox) { inbox.config = message.payload; });
            return;
        }
        post([&](Inbox& inbox) {
            // A retained one would be an old word; the collector never retains them.
            if (message.retained)
                return;
            inbox.acknowledgements.push_back(message.payload);
            if (inbox.acknowledgements.size() > kWaitingAcknowledgementsMax)
                inbox.acknowledgements.pop_front();
        });
    };
    // A PUBACK means nothing but room in Paho's buffer, and, if refused, that this terminal may not publish.
    handlers.delivered = [this](std::uint64_t, bool accepted) {
        post([&](Inbox& inbox) {
            inbox.woken = true;
            inbox.refused = inbox.refused || !accepted;
        });
    };
    auto made = MqttConnection::create(options_.broker, std::move(handlers));
    if (!made)
        return made.error();
    connection_ = std::move(*made);
    return {};
}

Uplink::Link::Inbox Uplink::Link::wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, next_deadline(), [this] { return inbox_.anything(); });
    return std::exchange(inbox_, {});
}

void Uplink::Link::take(Inbox& inbox) {
    if (inbox.lost)
        on_lost(inbox.why);
    if (inbox.connected)
        on_connected();
    for (const std::string& message : inbox.acknowledgements)
        on_acknowledgement(message);
    if (inbox.config)
        on_config(*inbox.config);
    if (inbox.refused)
        set_state(phase_ >= Phase::settling, "the broker does not let this terminal publish on its topics");
    if (inbox.announce && phase_ >= Phase::settling)
        say(StatusKind::heartbeat);
}

void Uplink::Link::on_connected() {
    if (phase_ != Phase::connecting)
        return;
    phase_ = Phase::settling;
    due_ = Steady::now() + options_.acknowledgement_wait;
    set_state(true, {});
    say(StatusKind::birth);
}

void Uplink::Link::on_lost(const std::string& why) {
    if (phase_ == Phase::apart)
        return;
    phase_ = Phase::apart;
    due_ = Steady::now() + pause_.draw();
    budget_.lost();
    set_state(false, why);
}

void Uplink::Link::on_acknowledgement(std::string_view message) {
    auto ack = decode_acknowledgement(message, collector_);
    if (!ack)
        return set_state(phase_ >= Phase::settling, ack.error().message() + ", ignoring");
    if (ack->terminal != spool_.terminal() || ack->instance != spool_.instance())
        return;
    if (auto done = spool_.acknowledge(ack->seq, ack->head); !done)
        return set_state(phase_ >= Phase::settling, done.error().message() + ", nothing deleted");
    pause_.reset();
    if (phase_ == Phase::settling)
        return start_streaming(ack->seq + 1);
    if (phase_ == Phase::streaming && window_.acknowledged(ack->seq, Steady::now())) {
        budget_.acknowledged(window_.round_trip());
        set_state(true, {});
    }
}

// An empty one is the broker's way of saying that nothing is retained any more.
void Uplink::Link::on_config(std::string_view message) {
    if (message.empty() || !ordered_)
        return;
    auto config = decode_config(message, collector_);
    if (!config)
        return set_state(phase_ >= Phase::settling, config.error().message() + ", ignoring");
    if (config->terminal != spool_.terminal())
        return set_state(phase_ >= Phase::settling, "config: for another terminal, ignoring");
    ordered_(*config);
}

void Uplink::Link::keep_time() {
    const auto now = Steady::now();
    if (phase_ == Phase::apart && now >= due_)
        start_attempt();
    else if (phase_ == Phase::connecting && now >= due_) {
        on_lost("mqtt: no answer to the attempt to connect");
        if (auto made = make_connection(); !made)
            set_state(false, made.error().message());
    } else if (phase_ == Phase::settling && now >= due_)
        start_streaming(spool_.acknowledged() + 1);
    if (phase_ == Phase::streaming && window_.rewind_if_stalled(now))
        budget_.stalled();
    if (phase_ >= Phase::settling && now >= heartbeat_due_)
        certificate_replaced() ? reconnect() : say(StatusKind::heartbeat);
}

bool Uplink::Link::certificate_replaced() const {
    std::error_code gone;
    const auto written = std::filesystem::last_write_time(options_.broker.cert_file, gone);
    return !gone && written != certificate_written_;
}

// A renewed certificate (agent/enrol/) counts from the next connection on, so that is made before the old one runs out.
// The broker is told: no last will. What was under way is sent again, as after any loss.
void Uplink::Link::reconnect() {
    connection_->disconnect(kDisconnectPatience);
    connection_.reset();
    phase_ = Phase::apart;
    due_ = Steady::now();
}

void Uplink::Link::start_attempt() {
    phase_ = Phase::connecting;
    due_ = Steady::now() + kConnectWatchdog;
    if (connection_ == nullptr) {
        if (auto made = make_connection(); !made)
            return on_lost(made.error().message());
    }
    std::error_code gone;
    certificate_written_ = std::filesystem::last_write_time(options_.broker.cert_file, gone);
    auto will = encode_status(describe(StatusKind::will), batch_key_, certificate_);
    if (!will)
        return on_lost(will.error().message());
    auto started = connection_->connect({topic(Channel::ack), topic(Channel::config)}, MqttMessage{topic(Channel::status), *will, 1, true});
    if (!started)
        on_lost(started.error().message());
}

void Uplink::Link::start_streaming(std::uint64_t next_seq) {
    phase_ = Phase::streaming;
    window_.rewind(next_seq);
}

void Uplink::Link::send_batches() {
    while (phase_ == Phase::streaming && window_.open() && Steady::now() >= read_again_) {
        auto slice = spool_.read(window_.next_seq(), options_.lines_max, budget_.bytes());
        if (!slice) {
            read_again_ = Steady::now() + kRetryRead;
            return set_state(true, slice.error().message());
        }
        if (slice->lines.empty() || !send_batch(*slice))
            return;
    }
}

bool Uplink::Link::send_batch(const SpoolSlice& slice) {
    BatchHeader header;
    header.terminal = spool_.terminal();
    header.instance = spool_.instance();
    header.first_seq = slice.first_seq;
    header.previous = slice.previous;
    auto message = encode_batch(std::move(header), slice.lines, batch_key_, certificate_);
    if (!message) {
        read_again_ = Steady::now() + kRetryRead;
        set_state(true, message.error().message());
        return false;
    }
    // A full buffer empties with the next PUBACK, which wakes us; a connection that is gone is told as lost.
    if (!connection_->publish({topic(Channel::events), std::move(*message), 1, false}))
        return false;
    budget_.sent();
    window_.sent(slice.first_seq, slice.first_seq + slice.lines.size() - 1, Steady::now());
    return true;
}

void Uplink::Link::say(StatusKind kind) {
    heartbeat_due_ = Steady::now() + options_.heartbeat;
    auto message = encode_status(describe(kind), batch_key_, certificate_);
    if (!message)
        return set_state(true, message.error().message());
    // One that finds no room is made up for by the next.
    (void)connection_->publish({topic(Channel::status), std::move(*message), 1, true}).ok();
}

// agent.stop and what came just before it would otherwise wait for the next start.
void Uplink::Link::farewell() {
    const auto until = Steady::now() + options_.farewell;
    while (phase_ >= Phase::settling && spool_.depth() > 0 && Steady::now() < until) {
        keep_time();
        send_batches();
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, std::min(until, next_deadline()), [this] { return inbox_.anything(); });
        Inbox inbox = std::exchange(inbox_, {});
        lock.unlock();
        take(inbox);
    }
    if (connection_ != nullptr)
        connection_->disconnect(kDisconnectPatience);
    connection_.reset();
    set_state(false, {});
}

StatusMessage Uplink::Link::describe(StatusKind kind) const {
    StatusMessage status = describe_();
    const SpoolPosition last = spool_.last();
    status.kind = kind;
    status.terminal = spool_.terminal();
    status.instance = spool_.instance();
    status.seq = last.seq;
    status.head = last.head;
    status.at = clock_.now();
    status.queue_depth = spool_.depth();
    status.queue_dropped = spool_.dropped();
    status.heartbeat_s = static_cast<std::uint64_t>(options_.heartbeat.count());
    return status;
}

Steady::time_point Uplink::Link::next_deadline() const {
    auto earliest = phase_ == Phase::streaming ? window_.stalls_at() : due_;
    if (phase_ >= Phase::settling)
        earliest = std::min(earliest, heartbeat_due_);
    if (phase_ == Phase::streaming && read_again_ > Steady::now())
        earliest = std::min(earliest, read_again_);
    return earliest;
}

void Uplink::Link::set_state(bool connected, std::string trouble) {
    UplinkState next{connected, std::move(trouble)};
    {
        const std::lock_guard lock(mutex_);
        if (state_ == next)
            return;
        state_ = next;
    }
    if (tell_)
        tell_(next);
}

std::string Uplink::Link::topic(Channel channel) const {
    return to_string(Topic{options_.ori, spool_.terminal(), channel});
}

void Uplink::Link::wake() {
    post([](Inbox& inbox) { inbox.woken = true; });
}

void Uplink::Link::announce() {
    post([](Inbox& inbox) { inbox.announce = true; });
}

UplinkState Uplink::Link::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

Uplink::Uplink(UplinkOptions options, Spool& spool, PublicKey collector, SigningKey batch_key,
               BatchKeyCertificate certificate, const Clock& clock, Describe describe, Changed changed, Ordered ordered)
    : link_(std::make_unique<Link>(std::move(options), spool, std::move(collector), std::move(batch_key),
                                   std::move(certificate), clock, std::move(describe), std::move(changed),
                                   std::move(ordered))) {}
Uplink::~Uplink() = default;
Result<void> Uplink::run(std::stop_token stop) { return link_->run(stop); }
void Uplink::wake() { link_->wake(); }
void Uplink::announce() { link_->announce(); }
UplinkState Uplink::state() const { return link_->state(); }

}  // namespace sallyport::agent
