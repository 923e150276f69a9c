// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/intake.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "collector/intake/admission.hpp"
#include "collector/intake/broker_link.hpp"
#include "collector/intake/refusal_ledger.hpp"
#include "protocol/topics.hpp"

namespace sallyport::intake {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 500ms;
constexpr auto kHoldBack = 5ms;

class RunningIntake final : public Intake {
public:
    RunningIntake(IntakeOptions options, SigningKey signing_key, store::Writer& writer, const Clock& clock,
                  Database reader, std::function<std::vector<ExpectedTerminal>()> expected,
                  std::function<void()> stored, const std::vector<store::TerminalLiveness>& liveness)
        : options_(std::move(options)),
          signing_key_(signing_key),
          writer_(writer),
          clock_(clock),
          reader_(std::move(reader)),
          expected_(std::move(expected)),
          stored_(std::move(stored)),
          own_log_(options_.ori, std::move(signing_key), clock),
          liveness_(liveness, clock.now()) {}

    ~RunningIntake() override {
        receive_.reset();
        ticking_.request_stop();
        if (ticking_.joinable())
            ticking_.join();
        // Every job that holds a reference to us has run when this one has.
        if (auto finished = writer_.run([](Database&) { return Result<void>(); }); !finished)
            spdlog::error("intake: stop: {}", finished.error().message());
        send_.reset();
    }

    Result<void> start() {
        auto send = BrokerLink::start("collector-send", options_.send, {}, [](const MqttMessage&) {});
        if (!send)
            return send.error();
        send_ = std::move(send).value();
        auto receive = BrokerLink::start("collector-receive", options_.receive,
                                         {topic_filter(Channel::events), topic_filter(Channel::status)},
                                         [this](const MqttMessage& message) { receive_message(message); });
        if (!receive)
            return receive.error();
        receive_ = std::move(receive).value();
        ticking_ = std::jthread([this](const std::stop_token& stop) { tick(stop); });
        return {};
    }

private:
    // --- receiving thread -------------------------------------------------------------------------------------------

    void receive_message(const MqttMessage& message) {
        const auto topic = parse_topic(message.topic);
        auto keys = store::keys_of(reader_, topic ? topic->terminal : std::string());
        if (!keys) {
            spdlog::error("intake: {}", keys.error().message());
            return;  // not acknowledged: the terminal sends it again
        }
        if (topic && topic->channel == Channel::status)
            take_status(message, *topic, *keys);
        else
            take_batch(message, *keys);
    }

    void take_batch(const MqttMessage& message, const std::vector<store::TerminalKey>& keys) {
        auto checked = check_.check(message.topic, message.payload, keys);
        if (const auto* refusal = std::get_if<Refusal>(&checked)) {
            refuse(*refusal, message);
            return;
        }
        auto batch = std::make_shared<CheckedBatch>(std::get<CheckedBatch>(std::move(checked)));
        auto admitted = std::make_shared<Admitted>();
        submit(
            [this, batch, admitted](Database& database) { return store(database, *batch, *admitted); },
            [this, batch, admitted](const Result<void>& committed) { settle(*batch, *admitted, committed); },
            batch->events.size());
    }

    void take_status(const MqttMessage& message, const Topic& topic, const std::vector<store::TerminalKey>& keys) {
        if (message.retained)
            return;  // somebody's last words, kept by the broker: no sign of life (system.md 9.4)
        for (const store::TerminalKey& key : keys) {
            auto enrolled = PublicKey::from_base64(key.public_key);
            if (key.revoked_at || !enrolled)
                continue;
            auto status = decode_status(message.payload, *enrolled);
            if (!status || status->terminal != topic.terminal || key.ori != topic.ori)
                continue;
            if (status->kind == StatusKind::birth)
                answer_birth(*status, topic, *enrolled);
            std::vector<LivenessChange> changes;
            {
                const std::scoped_lock lock(liveness_mutex_);
                changes.push_back(liveness_.on_status(*status, topic.ori, message.payload, clock_.now()));
            }
            write(changes);
            return;
        }
        refuse({keys.empty() ? "unknown_terminal" : "bad_status", topic.terminal, "status not signed by an enrolled key"},
               message);
    }

    // The agent that just connected learns where we stand, so that it sends what we lack and nothing else.
    void answer_birth(const StatusMessage& status, const Topic& topic, const PublicKey& enrolled) {
        auto stream = store::find_stream(reader_, status.terminal, status.instance);
        if (!stream) {
            spdlog::error("intake: birth of {}: {}", status.terminal, stream.error().message());
            return;
        }
        Acknowledgement ack{status.terminal, status.instance, 0,
                            chain_genesis(status.terminal, status.instance, enrolled)};
        if (*stream) {
            ack.seq = (*stream)->last_seq;
            ack.head = (*stream)->head;
        }
        send_ack(topic.ori, ack);
    }

    void refuse(const Refusal& refusal, const MqttMessage& message) {
        std::optional<Notice> notice;
        {
            const std::scoped_lock lock(ledger_mutex_);
            notice = ledger_.note(refusal, message.topic, message.payload, clock_.now());
        }
        if (!notice)
            return;
        spdlog::warn("intake: refused a message for '{}': {}: {}", refusal.terminal, refusal.reason, refusal.why);
        write_notices({std::move(*notice)});
    }

    // Waits while the writer is full: what waits here is not acknowledged to the broker, and stays in the spools.
    void submit(store::Writer::Job job, store::Writer::Done done, std::size_t weight) {
        for (;;) {
            auto submitted = writer_.submit(job, done, weight);
            if (submitted)
                return;
            if (submitted.error().code() != Errc::exhausted) {
                spdlog::error("intake: {}", submitted.error().message());
                return;
            }
            std::this_thread::sleep_for(kHoldBack);
        }
    }

    // --- writer's thread --------------------------------------------------------------------------------------------

    Result<void> store(Database& database, const CheckedBatch& batch, Admitted& admitted) {
        if (!appender_) {
            auto opened = store::EventAppender::open(database);
            if (!opened)
                return opened.error();
            appender_.emplace(std::move(opened).value());
        }
        auto result = admit(database, *appender_, batch, clock_.now());
        if (!result)
            return result.error();
        admitted = std::move(result).value();
        return own_log_.append(database, admitted.notices);
    }

    void settle(const CheckedBatch& batch, const Admitted& admitted, const Result<void>& committed) {
        if (!committed) {
            spdlog::error("intake: batch of {}: {}", batch.batch.header.terminal, committed.error().message());
            return;
        }
        if (admitted.ack) {
            const std::scoped_lock lock(ack_mutex_);
            acks_[batch.batch.header.terminal] = {batch.ori, *admitted.ack};
            ack_wake_.notify_one();
        }
        if (admitted.stored > 0) {
            const std::scoped_lock lock(liveness_mutex_);
            liveness_.on_committed(batch.batch.header.terminal, batch.batch.header.instance, admitted.ack->seq);
            for (const store::NewEvent& event : batch.events)
                liveness_.on_event(batch.batch.header.terminal, batch.ori, event.type, clock_.now());
        }
        if (admitted.stored > 0 || !admitted.notices.empty())
            stored_();
    }

    void write_notices(std::vector<Notice> notices) {
        submit([this, notices = std::move(notices)](Database& database) { return own_log_.append(database, notices); },
               [this](const Result<void>& committed) {
                   if (!committed)
                       spdlog::error("intake: own log: {}", committed.error().message());
                   else
                       stored_();
               },
               1);
    }

    void write(const std::vector<LivenessChange>& changes) {
        const bool noticed = std::any_of(changes.begin(), changes.end(),
                                         [](const LivenessChange& change) { return change.notice.has_value(); });
        submit(
            [this, changes](Database& database) -> Result<void> {
                std::vector<Notice> notices;
                for (const LivenessChange& change : changes) {
                    if (auto saved = store::save_liveness(database, change.row); !saved)
                        return saved;
                    if (change.notice)
                        notices.push_back(*change.notice);
                }
                return own_log_.append(database, notices);
            },
            [this, noticed](const Result<void>& committed) {
                if (!committed)
                    spdlog::error("intake: liveness: {}", committed.error().message());
                else if (noticed)
                    stored_();
            },
            changes.size());
    }

    // --- own thread -------------------------------------------------------------------------------------------------

    // Acknowledgements are signed here, the newest of each terminal: a busy one is answered once for many batches.
    void tick(const std::stop_token& stop) {
        auto due = std::chrono::steady_clock::now() + kTick;
        while (!stop.stop_requested()) {
            std::map<std::string, std::pair<std::string, Acknowledgement>> acks;
            {
                std::unique_lock lock(ack_mutex_);
                ack_wake_.wait_until(lock, stop, due, [this] { return !acks_.empty(); });
                acks.swap(acks_);
            }
            for (const auto& [terminal, answer] : acks)
                send_ack(answer.first, answer.second);
            if (std::chrono::steady_clock::now() >= due) {
                pass_time();
                due = std::chrono::steady_clock::now() + kTick;
            }
        }
    }

    void pass_time() {
        std::vector<Notice> held_back;
        {
            const std::scoped_lock lock(ledger_mutex_);
            held_back = ledger_.due(clock_.now());
        }
        if (!held_back.empty())
            write_notices(std::move(held_back));
        const auto expected = expected_();
        std::vector<LivenessChange> changes;
        {
            const std::scoped_lock lock(liveness_mutex_);
            changes = liveness_.advance(expected, clock_.now());
        }
        if (!changes.empty())
            write(changes);
    }

    void send_ack(const std::string& ori, const Acknowledgement& ack) {
        auto message = encode_acknowledgement(ack, signing_key_);
        if (!message) {
            spdlog::error("intake: {}", message.error().message());
            return;
        }
        send_->publish({to_string(Topic{ori, ack.terminal, Channel::ack}), std::move(message).value(), 0, false});
    }

    IntakeOptions options_;
    SigningKey signing_key_;
    store::Writer& writer_;
    const Clock& clock_;
    Database reader_;  // receiving thread only
    std::function<std::vector<ExpectedTerminal>()> expected_;
    std::function<void()> stored_;

    BatchCheck check_;  // receiving thread only
    std::optional<store::EventAppender> appender_;  // writer's thread only, as is the own log
    OwnLog own_log_;
    std::mutex ledger_mutex_;
    RefusalLedger ledger_;
    std::mutex liveness_mutex_;  // never held while submitting: the writer's thread takes it, too
    LivenessTracker liveness_;
    std::mutex ack_mutex_;
    std::condition_variable_any ack_wake_;
    std::map<std::string, std::pair<std::string, Acknowledgement>> acks_;  // terminal -> ori, newest answer
    std::unique_ptr<BrokerLink> send_, receive_;
    std::jthread ticking_;
};

}  // namespace

Result<std::unique_ptr<Intake>> Intake::start(IntakeOptions options, SigningKey signing_key, store::Writer& writer,
                                              const Clock& clock,
                                              std::function<std::vector<ExpectedTerminal>()> expected,
                                              std::function<void()> stored) {
    auto reader = writer.reader();
    if (!reader)
        return reader.error().within("intake");
    auto liveness = store::all_liveness(*reader);
    if (!liveness)
        return liveness.error().within("intake");
    auto intake = std::make_unique<RunningIntake>(std::move(options), std::move(signing_key), writer, clock,
                                                  std::move(reader).value(), std::move(expected), std::move(stored),
                                                  *liveness);
    if (auto started = intake->start(); !started)
        return started.error().within("intake");
    return std::unique_ptr<Intake>(std::move(intake));
}

}  // namespace sallyport::intake
