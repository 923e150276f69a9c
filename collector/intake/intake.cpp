// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/intake.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "collector/intake/admission.hpp"
#include "collector/intake/audit_relay.hpp"
#include "collector/intake/broker_link.hpp"
#include "collector/intake/chronicle.hpp"
#include "collector/intake/clock_watch.hpp"
#include "collector/intake/drill_marks.hpp"
#include "collector/intake/drill_orders.hpp"
#include "collector/intake/enrolled_keys.hpp"
#include "collector/intake/fair_queue.hpp"
#include "collector/intake/flow_gate.hpp"
#include "collector/intake/refusal_ledger.hpp"
#include "protocol/topics.hpp"

namespace sallyport::intake {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 500ms;
constexpr auto kHoldBack = 5ms;
// Checked and not yet committed: some 7,000 events, a fifth of a second of the writer's work. What waits before the checks
// waits in turns, what waits here does not.
constexpr std::size_t kBytesUnderWay = 4 * 1024 * 1024;
constexpr unsigned kCheckersMax = 4;
constexpr std::chrono::minutes kToldAgain{10};
constexpr std::size_t kRefusedMax = 10'000;
constexpr auto kAskBrokerEvery = 3s;
constexpr const char* kDropCounter = "$SYS/broker/publish/messages/dropped";

class RunningIntake final : public Intake {
public:
    RunningIntake(IntakeOptions options, SigningKey signing_key, store::Writer& writer, const Clock& clock,
                  std::function<std::vector<ExpectedTerminal>()> expected,
                  std::function<void()> stored, const std::vector<store::TerminalLiveness>& liveness)
        : options_(std::move(options)),
          signing_key_(signing_key),
          writer_(writer),
          clock_(clock),
          expected_(std::move(expected)),
          stored_(std::move(stored)),
          chronicle_(own_log_),
          own_log_(options_.ori, std::move(signing_key), clock),
          liveness_(liveness, clock.now()),
          clock_watch_(clock) {}

    ~RunningIntake() override {
        opening_.request_stop();
        if (opening_.joinable())
            opening_.join();
        receive_.reset();
        queue_.close();
        for (auto& checker : checkers_)
            checker->thread.join();
        ticking_.request_stop();
        if (ticking_.joinable())
            ticking_.join();
        finish();
        send_.reset();
    }

    Result<void> start() {
        if (auto checking = start_checkers(); !checking)
            return checking.error();
        if (!options_.check_broker) {
            if (auto opened = open_links(); !opened)
                return opened;
        } else {
            for (const auto& [name, identity] : {std::pair("collector-send", &options_.send), std::pair("collector-receive", &options_.receive)})
                if (auto good = BrokerLink::check_identity(name, *identity); !good)
                    return good;
            opening_ = std::jthread([this](const std::stop_token& stop) { open_when_safe(stop); });
        }
        ticking_ = std::jthread([this](const std::stop_token& stop) { tick(stop); });
        return {};
    }

    std::optional<Error> broker_fault() const override {
        const std::scoped_lock lock(opening_mutex_);
        return broker_fault_;
    }

    void publish_head(const std::string& ori, const std::string& checkpoint) override {
        // One thread sends them, so that no older one comes after a newer: to a witness that would be a log that shrank.
        const std::scoped_lock lock(heads_mutex_);
        heads_[ori] = checkpoint;
    }

    Result<void> tell(const std::vector<Notice>& notices, const store::Writer::Job& with) override {
        auto written = writer_.run([&](Database& database) {
            auto done = with(database);
            return done ? own_log_.append(database, notices) : done;
        });
        if (written && !notices.empty())
            stored_();
        return written;
    }

private:
    Result<void> open_links() {
        auto send = BrokerLink::start("collector-send", options_.send, {}, [](const MqttMessage&) {});
        if (!send)
            return send.error();
        auto receive = BrokerLink::start("collector-receive", options_.receive,
                                         {topic_filter(Channel::events), topic_filter(Channel::status), kDropCounter},
                                         [this](MqttMessage message) { receive_message(std::move(message)); });
        if (!receive)
            return receive.error();
        const std::scoped_lock lock(opening_mutex_);
        send_ = std::move(send).value();
        receive_ = std::move(receive).value();
        return {};
    }

    // The broker was away when the collector started.
    void open_when_safe(const std::stop_token& stop) {
        spdlog::warn("intake: the broker does not answer; trying again");
        for (;;) {
            auto done = options_.check_broker();
            if (done)
                done = open_links();
            std::unique_lock lock(opening_mutex_);
            if (!done && done.error().code() != Errc::unavailable)
                broker_fault_ = done.error();
            if (done || broker_fault_)
                return;
            if (opening_wake_.wait_for(lock, stop, kAskBrokerEvery, [] { return false; }); stop.stop_requested())
                return;
        }
    }

    // What waits is written, and every job that holds a reference to us has run.
    void finish() {
        for (;;) {
            Chronicle::Slice slice;
            auto written = writer_.run([this, &slice](Database& database) {
                appender_.reset();  // its statements belong to this thread
                return chronicle_.write(database, slice);
            });
            if (written && chronicle_.empty())
                return;
            if (!written && written.error().code() != Errc::exhausted) {
                spdlog::error("intake: stop: {}", written.error().message());
                return;
            }
        }
    }

    // --- receiving thread -------------------------------------------------------------------------------------------

    // Nothing but a place in the queue; the broker is made to wait while there is none.
    void receive_message(MqttMessage message) {
        if (message.topic == kDropCounter)
            return watch_drops(message.payload);
        const auto topic = parse_topic(message.topic);
        const std::string terminal = topic ? topic->terminal : std::string();
        if (queue_.push(terminal, std::move(message)))
            return;
        // Not acknowledged: the terminal keeps it and sends it again.
        const auto now = clock_.monotonic();
        ++turned_away_;
        if (turned_away_told_ && now - *turned_away_told_ < kToldAgain)
            return;
        turned_away_told_ = now;
        spdlog::warn("intake: {} sends more than its share, {} messages turned away so far; it keeps them", terminal,
                     turned_away_);
    }

    // The broker counts since its own start; a smaller number is a broker that began anew.
    void watch_drops(const std::string& payload) {
        std::uint64_t count = 0;
        const auto [end, fault] = std::from_chars(payload.data(), payload.data() + payload.size(), count);
        if (fault != std::errc() || end != payload.data() + payload.size())
            return;
        const std::uint64_t before = std::exchange(drops_, count).value_or(count);
        if (count > before)
            chronicle_.add({std::nullopt, Notice{"server.broker", Record{{"dropped", count - before}}, clock_.now()}});
    }

    // --- checking threads -------------------------------------------------------------------------------------------

    // Signatures cost more than all the rest. The order within a terminal is the queue's to keep.
    struct Checker {
        Checker(Database reader, const Clock& clock) : keys(std::move(reader), clock) {}
        EnrolledKeys keys;
        BatchCheck check;
        std::thread thread;
    };

    Result<void> start_checkers() {
        const unsigned count = std::clamp(std::thread::hardware_concurrency() / 2, 1U, kCheckersMax);
        for (unsigned i = 0; i < count; ++i) {
            auto reader = writer_.reader();
            if (!reader)
                return reader.error();
            checkers_.push_back(std::make_unique<Checker>(std::move(reader).value(), clock_));
        }
        for (auto& checker : checkers_)
            checker->thread = std::thread([this, &checker = *checker] {
                while (auto item = queue_.pop()) {
                    check_message(checker, item->message);
                    queue_.done(item->lane);
                }
            });
        return {};
    }

    void check_message(Checker& checker, const MqttMessage& message) {
        const auto topic = parse_topic(message.topic);
        if (topic && topic->channel == Channel::status)
            take_status(checker, message, *topic);
        else
            take_batch(checker, message, topic ? topic->terminal : std::string());
    }

    void take_batch(Checker& checker, const MqttMessage& message, const std::string& terminal) {
        std::variant<CheckedBatch, Refusal> checked = Refusal{};
        for (const bool fresh : {false, true}) {
            auto keys = checker.keys.of(terminal, fresh);
            if (!keys) {
                spdlog::error("intake: {}", keys.error().message());
                return;  // not acknowledged: the terminal sends it again
            }
            checked = checker.check.check(message.topic, message.payload, *keys);
            if (std::holds_alternative<CheckedBatch>(checked))
                break;
        }
        if (const auto* refusal = std::get_if<Refusal>(&checked)) {
            refuse(*refusal, message);
            return;
        }
        auto batch = std::make_shared<CheckedBatch>(std::get<CheckedBatch>(std::move(checked)));
        auto admitted = std::make_shared<Admitted>();
        submit(
            [this, batch, admitted](Database& database) { return store(database, *batch, *admitted); },
            [this, batch, admitted](const Result<void>& committed) { settle(*batch, *admitted, committed); },
            batch->events.size(), message.payload.size());
    }

    void take_status(Checker& checker, const MqttMessage& message, const Topic& topic) {
        if (message.retained)
            return;  // somebody's last words, kept by the broker: no sign of life (system.md 9.4)
        auto keys = checker.keys.of(topic.terminal, true);
        if (!keys) {
            spdlog::error("intake: {}", keys.error().message());
            return;
        }
        for (const store::TerminalKey& key : *keys) {
            auto enrolled = PublicKey::from_base64(key.public_key);
            if (key.revoked_at || !enrolled)
                continue;
            auto status = decode_status(message.payload, *enrolled);
            if (!status || status->terminal != topic.terminal || key.ori != topic.ori)
                continue;
            if (status->kind != StatusKind::will)
                answer(checker.keys.reader(), *status, topic, *enrolled);
            // Behind the batches that came before it: a shutdown announced in one of them explains this will.
            write_with([this, status = *status, ori = topic.ori, text = message.payload](Database& database) {
                return hear(database, status, ori, text);
            });
            return;
        }
        refuse({keys->empty() ? "unknown_terminal" : "bad_status", topic.terminal, "status not signed by an enrolled key"},
               message);
    }

    // The agent that just connected learns where we stand, so that it sends what we lack and nothing else. So does one that
    // announced what we lack still a heartbeat later, or that we hear of for the first time: we may have been restored from
    // a backup, and a quiet terminal would have no reason to say it again.
    void answer(Database& reader, const StatusMessage& status, const Topic& topic, const PublicKey& enrolled) {
        auto stream = store::find_stream(reader, status.terminal, status.instance);
        if (!stream) {
            spdlog::error("intake: status of {}: {}", status.terminal, stream.error().message());
            return;
        }
        Acknowledgement ack{status.terminal, status.instance, 0,
                            chain_genesis(status.terminal, status.instance, enrolled)};
        if (*stream) {
            ack.seq = (*stream)->last_seq;
            ack.head = (*stream)->head;
        }
        const std::uint64_t announced = announced_before(status);
        if (status.kind == StatusKind::birth || announced > ack.seq)
            send_ack(topic.ori, ack);
    }

    // The last number of the status before this one; of this one, where there was none of its instance.
    std::uint64_t announced_before(const StatusMessage& status) {
        const std::scoped_lock lock(announced_mutex_);
        const auto [known, first] = announced_.try_emplace(status.terminal, status.instance, status.seq);
        const bool heard_before = !first && known->second.first == status.instance;
        const std::uint64_t before = heard_before ? known->second.second : status.seq;
        known->second = {status.instance, status.seq};
        return before;
    }

    void refuse(const Refusal& refusal, const MqttMessage& message) {
        const std::scoped_lock lock(ledger_mutex_);
        auto notice = ledger_.note(refusal, message.topic, message.payload, clock_.now());
        if (!notice)
            return;
        spdlog::warn("intake: refused a message for '{}': {}: {}", refusal.terminal, refusal.reason, refusal.why);
        chronicle_.add({std::nullopt, std::move(notice)});  // written within the tick
    }

    // Waits while too much is on its way: what waits here is not acknowledged to the broker, and stays in the spools.
    void submit(const store::Writer::Job& job, store::Writer::Done done, std::size_t weight, std::size_t bytes) {
        gate_.enter(bytes);
        done = [this, bytes, done = std::move(done)](const Result<void>& committed) {
            gate_.leave(bytes);
            done(committed);
        };
        for (;;) {
            auto submitted = writer_.submit(job, done, weight);
            if (submitted)
                return;
            if (submitted.error().code() != Errc::exhausted) {
                spdlog::error("intake: {}", submitted.error().message());
                gate_.leave(bytes);
                return;
            }
            std::this_thread::sleep_for(kHoldBack);
        }
    }

    // Runs `first`, then writes what the collector has to say, in one transaction.
    void write_with(store::Writer::Job first) {
        auto slice = std::make_shared<Chronicle::Slice>();
        submit(chronicler(std::move(first), slice),
               [this, slice](const Result<void>& committed) { settle(std::move(*slice), committed); }, 1, 0);
    }

    store::Writer::Job chronicler(store::Writer::Job first, std::shared_ptr<Chronicle::Slice> slice) {
        return [this, first = std::move(first), slice = std::move(slice)](Database& database) {
            auto done = first(database);
            return done ? chronicle_.write(database, *slice) : done;
        };
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
        if (admitted.refused)
            std::erase_if(admitted.notices, [&](const Notice& notice) { return told_lately(notice.type, batch); });
        for (auto at = batch.events.end() - static_cast<std::ptrdiff_t>(admitted.stored); at != batch.events.end(); ++at)
            if (!at->marked)  // a drill is no work, and counts as none
                liveness_.on_event(batch.batch.header.terminal, batch.ori, at->type, clock_.now());
        if (auto noted = note_marks(database, batch, clock_.now(), admitted); !noted)
            return noted;
        return own_log_.append(database, admitted.notices);
    }

    // A fork or a broken chain is sent again and again by an agent that is not answered: told once in ten minutes.
    bool told_lately(const std::string& type, const CheckedBatch& batch) {
        const auto now = clock_.monotonic();
        const std::string key = type + ' ' + batch.batch.header.terminal + ' ' + batch.batch.header.instance;
        const auto at = refused_.find(key);
        if (at != refused_.end() && now - at->second < kToldAgain)
            return true;
        if (refused_.size() >= kRefusedMax)
            refused_.clear();
        refused_[key] = now;
        return false;
    }

    Result<void> hear(Database& database, const StatusMessage& status, const std::string& ori, const std::string& text) {
        LivenessChange change = liveness_.on_status(status, ori, text, clock_.now());
        chronicle_.add({std::move(change.row), std::move(change.notice)});
        auto stream = store::find_stream(database, status.terminal, status.instance);
        if (!stream)
            return stream.error();
        if (*stream)
            liveness_.on_committed(status.terminal, status.instance, (*stream)->last_seq);
        return {};
    }

    void settle(const CheckedBatch& batch, const Admitted& admitted, const Result<void>& committed) {
        if (!committed) {
            refused_.clear();  // what was told is not written
            fail("batch", committed.error().within("batch of " + batch.batch.header.terminal));
            return;
        }
        if (admitted.ack) {
            const std::scoped_lock lock(ack_mutex_);
            acks_[batch.batch.header.terminal] = {batch.ori, *admitted.ack};
            ack_wake_.notify_one();
        }
        if (admitted.stored > 0)
            liveness_.on_committed(batch.batch.header.terminal, batch.batch.header.instance, admitted.ack->seq);
        if (admitted.stored > 0 || !admitted.notices.empty())
            stored_();
    }

    void settle(Chronicle::Slice slice, const Result<void>& committed) {
        if (!committed) {
            chronicle_.give_back(std::move(slice));
            fail("own_log", committed.error().within("own log"));
            return;
        }
        if (failing_)
            spdlog::info("intake: the store takes writes again");
        failing_ = false;
        if (std::any_of(slice.begin(), slice.end(), [](const auto& item) { return item.second.notice.has_value(); }))
            stored_();
    }

    // Told once a failure; the agents keep what is theirs, the chronicle what is ours, until the store takes it again.
    void fail(const char* what, const Error& error) {
        if (failing_)
            return;
        failing_ = true;
        spdlog::critical("intake: the store fails: {}", error.message());
        std::string reason(to_string(error.code()));
        std::replace_if(reason.begin(), reason.end(), [](char c) { return c == ' ' || c == '/'; }, '_');
        chronicle_.add({std::nullopt, Notice{"store.failure", Record{{"what", what}, {"reason", reason}}, clock_.now()}});
    }

    Result<void> pass_time(Database& database, const std::vector<ExpectedTerminal>& expected, std::size_t& relayed) {
        if (chronicle_.empty()) {  // else the ledger goes on counting
            const std::scoped_lock lock(ledger_mutex_);
            for (Notice& notice : ledger_.due(clock_.now()))
                chronicle_.add({std::nullopt, std::move(notice)});
        }
        if (auto notice = clock_watch_.look())
            chronicle_.add({std::nullopt, std::move(notice)});
        for (LivenessChange& change : liveness_.advance(expected, clock_.now()))
            chronicle_.add({std::move(change.row), std::move(change.notice)});
        auto told = relay_audit(database, own_log_);
        if (!told)
            return told.error();
        relayed = *told;
        return orders_.read(database, clock_.now());
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
                for (const MqttMessage& order : orders_.due(signing_key_, clock_.monotonic()))
                    hand_over(order);
                let_time_pass();
                send_heads();
                due = std::chrono::steady_clock::now() + kTick;
            }
        }
    }

    // One at a time, and not at all while the writer is full: this thread has acknowledgements to send.
    void let_time_pass() {
        if (passing_.exchange(true))
            return;
        auto slice = std::make_shared<Chronicle::Slice>();
        auto relayed = std::make_shared<std::size_t>(0);
        auto submitted = writer_.submit(
            chronicler([this, relayed, expected = expected_()](
                           Database& database) { return pass_time(database, expected, *relayed); },
                       slice),
            [this, slice, relayed](const Result<void>& committed) {
                settle(std::move(*slice), committed);
                if (committed && *relayed > 0)
                    stored_();
                passing_ = false;
            },
            1);
        if (!submitted)
            passing_ = false;
    }

    // The newest head of each agency, until it could be handed over.
    void send_heads() {
        std::map<std::string, std::string> waiting;
        {
            const std::scoped_lock lock(heads_mutex_);
            waiting.swap(heads_);
        }
        std::erase_if(waiting, [this](const auto& head) {
            return hand_over({"sallyport/1/" + head.first + "/head", head.second, 1, true});
        });
        const std::scoped_lock lock(heads_mutex_);
        heads_.merge(waiting);  // a newer one that came meanwhile stays
    }

    void send_ack(const std::string& ori, const Acknowledgement& ack) {
        auto message = encode_acknowledgement(ack, signing_key_);
        if (!message) {
            spdlog::error("intake: {}", message.error().message());
            return;
        }
        (void)hand_over({to_string(Topic{ori, ack.terminal, Channel::ack}), std::move(message).value(), 0, false});
    }

    // False while there is no connection, or none yet.
    bool hand_over(const MqttMessage& message) {
        const std::scoped_lock lock(opening_mutex_);
        return send_ && send_->publish(message);
    }

    IntakeOptions options_;
    SigningKey signing_key_;
    store::Writer& writer_;
    const Clock& clock_;
    std::function<std::vector<ExpectedTerminal>()> expected_;
    std::function<void()> stored_;

    std::optional<std::uint64_t> drops_;  // receiving thread only: the broker's counter at the last look
    FairQueue queue_;
    std::vector<std::unique_ptr<Checker>> checkers_;
    std::optional<MonotonicTime> turned_away_told_;  // receiving thread only, as the next
    std::uint64_t turned_away_ = 0;
    std::mutex announced_mutex_;
    std::unordered_map<std::string, std::pair<std::string, std::uint64_t>> announced_;  // terminal -> instance, last seq
    FlowGate gate_{kBytesUnderWay};
    Chronicle chronicle_;

    // Writer's thread only.
    std::optional<store::EventAppender> appender_;
    OwnLog own_log_;
    LivenessTracker liveness_;
    ClockWatch clock_watch_;
    std::unordered_map<std::string, MonotonicTime> refused_;
    bool failing_ = false;

    std::atomic<bool> passing_ = false;
    DrillOrders orders_;
    std::mutex ledger_mutex_;
    RefusalLedger ledger_;
    std::mutex ack_mutex_;
    std::condition_variable_any ack_wake_;
    std::map<std::string, std::pair<std::string, Acknowledgement>> acks_;  // terminal -> ori, newest answer
    mutable std::mutex opening_mutex_;  // for the links' coming about, and broker_fault_
    std::condition_variable_any opening_wake_;
    std::optional<Error> broker_fault_;
    std::mutex heads_mutex_;
    std::map<std::string, std::string> heads_;  // ori -> checkpoint that is not yet handed over
    std::unique_ptr<BrokerLink> send_, receive_;
    std::jthread ticking_, opening_;
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
                                                  std::move(expected), std::move(stored), *liveness);
    if (auto started = intake->start(); !started)
        return started.error().within("intake");
    return std::unique_ptr<Intake>(std::move(intake));
}

}  // namespace sallyport::intake
