// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/broker_link.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "protocol/crypto.hpp"

namespace sallyport::intake {
namespace {

using namespace std::chrono_literals;

constexpr auto kPauseFirst = 200ms;
constexpr auto kPauseLongest = 30s;

class PersistentLink final : public BrokerLink {
public:
    PersistentLink(std::string name, std::vector<std::string> filters)
        : name_(std::move(name)), filters_(std::move(filters)) {}

    ~PersistentLink() override {
        thread_.request_stop();
        wake_.notify_all();
        if (thread_.joinable())
            thread_.join();
        if (connection_)
            connection_->disconnect(1s);
    }

    Result<void> start(MqttOptions options, Received received) {
        MqttHandlers handlers;
        handlers.connected = [this] { change(true, ""); };
        handlers.lost = [this](const std::string& why) { change(false, why); };
        handlers.received = std::move(received);
        auto connection = MqttConnection::create(std::move(options), std::move(handlers));
        if (!connection)
            return connection.error().within(name_);
        connection_ = std::move(connection).value();
        thread_ = std::jthread([this](std::stop_token stop) { keep_connected(stop); });
        return {};
    }

    bool publish(const MqttMessage& message) override { return connected_ && connection_->publish(message).ok(); }
    bool connected() const override { return connected_; }

private:
    enum class State { idle, trying, up };

    void change(bool up, const std::string& why) {
        if (up)
            spdlog::info("{}: connected to the broker", name_);
        else if (connected_ || why != last_why_)
            spdlog::warn("{}: {}; trying again", name_, why);
        const std::scoped_lock lock(mutex_);
        last_why_ = why;
        connected_ = up;
        state_ = up ? State::up : State::idle;
        wake_.notify_all();
    }

    void keep_connected(const std::stop_token& stop) {
        std::minstd_rand dice(std::random_device{}());
        std::chrono::milliseconds pause = kPauseFirst;
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
            if (state_ == State::up)
                pause = kPauseFirst;
            if (state_ != State::idle) {
                wake_.wait(lock, stop, [this] { return state_ == State::idle; });
                continue;
            }
            state_ = State::trying;
            lock.unlock();
            auto started = connection_->connect(filters_, std::nullopt);
            lock.lock();
            if (!started)
                state_ = State::idle;
            wake_.wait(lock, stop, [this] { return state_ != State::trying; });
            if (state_ == State::idle) {
                const auto jittered = pause / 2 + std::chrono::milliseconds(
                    static_cast<std::int64_t>(dice() % static_cast<unsigned>(pause.count())));
                wake_.wait_for(lock, stop, jittered, [] { return false; });
                pause = std::min<std::chrono::milliseconds>(pause * 2, kPauseLongest);
            }
        }
    }

    std::string name_;
    std::vector<std::string> filters_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    State state_ = State::idle;
    std::string last_why_;
    std::atomic<bool> connected_ = false;
    std::unique_ptr<MqttConnection> connection_;
    std::jthread thread_;
};

}  // namespace

// A wrong file would otherwise show as a connection that never comes about.
Result<void> BrokerLink::check_identity(const std::string& name, const MqttOptions& options) {
    auto certificate = PublicKey::load_pem(options.cert_file);
    if (!certificate)
        return certificate.error().within(name);
    auto key = SigningKey::load_pem(options.key_file);
    if (!key)
        return key.error().within(name);
    if (key->public_key().base64() != certificate->base64())
        return Error(Errc::bad_input, name + ": the key " + options.key_file.string() +
                                          " does not belong to the certificate " + options.cert_file.string());
    return {};
}

Result<std::unique_ptr<BrokerLink>> BrokerLink::start(std::string name, MqttOptions options,
                                                      std::vector<std::string> topic_filters, Received received) {
    if (auto good = check_identity(name, options); !good)
        return good.error();
    auto link = std::make_unique<PersistentLink>(std::move(name), std::move(topic_filters));
    if (auto started = link->start(std::move(options), std::move(received)); !started)
        return started.error();
    return std::unique_ptr<BrokerLink>(std::move(link));
}

}  // namespace sallyport::intake
