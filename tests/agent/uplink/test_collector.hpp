// SPDX-License-Identifier: Apache-2.0
//
// The smallest collector that keeps the contract of system.md 9.1, to test the uplink against: it checks certificate,
// signature and chain, takes only what follows, and acknowledges what it has.
#pragma once

#include <atomic>
#include <mutex>

#include "protocol/acknowledgement.hpp"
#include "protocol/batch.hpp"
#include "protocol/chain.hpp"
#include "protocol/status.hpp"
#include "protocol/topics.hpp"
#include "tests/support/test_broker.hpp"

namespace sallyport::testing {

inline constexpr const char* kOri = "CA0190000";

class TestCollector {
public:
    TestCollector(TestBroker& broker, SigningKey key, PublicKey enrolled, std::string name = "collector")
        : key_(std::move(key)), enrolled_(std::move(enrolled)) {
        MqttHandlers handlers;
        handlers.connected = [this] { connected_ = true; };
        handlers.lost = [this](const std::string&) { connected_ = false; };
        handlers.received = [this](const MqttMessage& message) { take(message); };
        auto made = MqttConnection::create(broker.client(name), std::move(handlers));
        connection_ = std::move(*made);
        connect();
    }
    ~TestCollector() { connection_.reset(); }

    void connect() {
        connected_ = false;
        const auto once = [this] {
            return connection_->connect({topic_filter(Channel::events), topic_filter(Channel::status)}, std::nullopt).ok() &&
                   eventually([this] { return connected_.load(); }, std::chrono::seconds(2));
        };
        if (!eventually(once)) std::abort();
    }
    [[nodiscard]] bool connected() const { return connected_; }
    void answer(bool yes) { answers_ = yes; }
    // The next so many batches vanish, as a broker's full queue makes them vanish.
    void lose(int batches) { to_lose_ = batches; }

    std::vector<std::string> lines() { return read(lines_); }
    std::vector<StatusMessage> statuses() { return read(statuses_); }
    std::vector<std::string> faults() { return read(faults_); }
    int batches() { return batches_; }
    int duplicates() { return duplicates_; }

    void send(const std::string& terminal, const std::string& payload) {
        (void)connection_->publish({to_string(Topic{kOri, terminal, Channel::ack}), payload, 0, false}).ok();
    }

private:
    void take(const MqttMessage& message) {
        const std::lock_guard lock(mutex_);
        const auto topic = parse_topic(message.topic);
        if (topic->channel == Channel::status) {
            auto status = decode_status(message.payload, enrolled_);
            if (!status) return faults_.push_back(status.error().message());
            statuses_.push_back(*status);
            if (status->kind == StatusKind::birth && !message.retained) acknowledge(status->terminal, status->instance);
            return;
        }
        auto batch = decode_batch(message.payload);
        if (!batch) return faults_.push_back(batch.error().message());
        ++batches_;
        if (to_lose_ > 0) {
            --to_lose_;
            return;
        }
        auto signer = batch->header.signer.check(enrolled_, topic->terminal, batch->header.instance);
        if (!signer) return faults_.push_back(signer.error().message());
        if (auto good = verify_signature(batch->header, *signer); !good) return faults_.push_back(good.error().message());
        if (auto good = verify_chain(*batch); !good) return faults_.push_back(good.error().message());
        if (instance_ != batch->header.instance) {
            instance_ = batch->header.instance;
            seq_ = 0;
            head_ = chain_genesis(topic->terminal, instance_, enrolled_);
        }
        for (std::size_t i = 0; i < batch->lines.size(); ++i) {
            const std::uint64_t seq = batch->header.first_seq + i;
            if (seq <= seq_) ++duplicates_;
            if (seq != seq_ + 1) continue;
            head_ = chain_link(head_, *line_leaf(batch->lines[i]));
            ++seq_;
            lines_.push_back(batch->lines[i]);
        }
        acknowledge(topic->terminal, instance_);
    }
    void acknowledge(const std::string& terminal, const std::string& instance) {
        if (!answers_) return;
        if (instance_ != instance) {
            instance_ = instance;
            seq_ = 0;
            head_ = chain_genesis(terminal, instance, enrolled_);
        }
        send(terminal, *encode_acknowledgement({terminal, instance_, seq_, head_}, key_));
    }
    template <class T>
    T read(const T& value) {
        const std::lock_guard lock(mutex_);
        return value;
    }

    const SigningKey key_;
    const PublicKey enrolled_;
    std::mutex mutex_;
    std::string instance_;
    std::uint64_t seq_ = 0;
    Digest head_{};
    std::vector<std::string> lines_;
    std::vector<StatusMessage> statuses_;
    std::vector<std::string> faults_;
    std::atomic<int> batches_{0};
    std::atomic<int> duplicates_{0};
    std::atomic<int> to_lose_{0};
    std::atomic<bool> answers_{true};
    std::atomic<bool> connected_{false};
    std::unique_ptr<MqttConnection> connection_;
};

}  // namespace sallyport::testing
