// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/broker_check.hpp"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "protocol/crypto.hpp"
#include "protocol/topics.hpp"

namespace sallyport::intake {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 8s;        // for an answer of the broker
constexpr int kTries = 3;
constexpr auto kEvictionWithin = 2s;  // of the older of two sessions with one id
constexpr const char* kNobody = "sallyport-probe";  // a terminal that is not

// One client, asked one thing after the other.
class Stranger {
public:
    explicit Stranger(MqttOptions options) : options_(std::move(options)) {}

    // True when the broker let it in.
    bool enters(std::vector<std::string> filters = {}) {
        MqttHandlers handlers;
        handlers.connected = [this] { note([this] { connected_ = true; }); };
        handlers.lost = [this](const std::string& why) { note([&] { lost_ = why; }); };
        handlers.received = [this](const MqttMessage& message) { note([&] { heard_.insert(message.topic); }); };
        handlers.delivered = [this](std::uint64_t token, bool taken) { note([&] { answers_.emplace_back(token, taken); }); };
        auto made = MqttConnection::create(options_, std::move(handlers));
        if (!made)
            return false;
        connection_ = std::move(*made);
        if (!connection_->connect(std::move(filters), std::nullopt))
            return false;
        wait(kPatience, [this] { return connected_ || lost_; });
        return inside();
    }
    bool inside() {
        const std::lock_guard lock(mutex_);
        return connected_ && !lost_;
    }
    std::string why_not() {
        const std::lock_guard lock(mutex_);
        return lost_.value_or("no answer");
    }
    bool may_publish(const std::string& topic, bool retained = false) {
        const auto token = connection_->publish({topic, "probe", 1, retained});
        if (!token)
            return false;
        bool taken = false;
        wait(kPatience, [&] {
            const auto at = std::find_if(answers_.begin(), answers_.end(), [&](const auto& one) { return one.first == *token; });
            taken = at != answers_.end() && at->second;
            return at != answers_.end() || lost_.has_value();
        });
        return taken;
    }
    bool is_thrown_out() {
        return wait(kEvictionWithin, [this] { return lost_.has_value(); });
    }
    bool heard(const std::string& topic) {
        const std::lock_guard lock(mutex_);
        return heard_.contains(topic);
    }

private:
    template <class Act>
    void note(Act act) {
        const std::lock_guard lock(mutex_);
        act();
        changed_.notify_all();
    }
    template <class Condition>
    bool wait(std::chrono::milliseconds patience, Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, condition);
    }

    MqttOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool connected_ = false;
    std::optional<std::string> lost_;
    std::set<std::string> heard_;
    std::vector<std::pair<std::uint64_t, bool>> answers_;
    std::unique_ptr<MqttConnection> connection_;  // last: ends before what its callbacks touch
};

class BrokerCheck {
public:
    explicit BrokerCheck(const BrokerCheckOptions& options) : options_(options) {}

    Result<void> run() {
        if (auto there = check_probes(); !there)
            return there;
        Stranger sender(options_.send);
        if (!sender.enters())
            return Error(Errc::unavailable, "broker check: the broker does not answer");
        // Each refusal takes seconds: all are asked for at once.
        auto refusals = std::async(std::launch::async, [this] { return let_in(); });
        auto rights = check_rights(sender);
        for (std::string& fault : refusals.get())
            faults_.push_back(std::move(fault));
        if (!rights)
            return rights;
        return faults_.empty() ? Result<void>() : Error(Errc::refused, sentence());
    }

private:
    MqttOptions as(const std::string& probe, const std::string& client_id) const {
        MqttOptions options = options_.send;
        options.client_id = client_id;
        options.cert_file = options_.probes / (probe + ".crt");
        options.key_file = options_.probes / (probe + ".key");
        return options;
    }
    std::string topic(Channel channel) const { return to_string(Topic{options_.ori, kNobody, channel}); }

    Result<void> check_probes() const {
        for (const std::string name : {"rightless", "revoked", "expired", "foreign"})
            for (const std::string kind : {".crt", ".key"})
                if (!std::filesystem::exists(options_.probes / (name + kind)))
                    return Error(Errc::not_found, "broker check: " + (options_.probes / (name + kind)).string() +
                                                      " is not there; `sallyportctl ca probes` makes it");
        return {};
    }

    // Who must not even come in.
    std::vector<std::string> let_in() const {
        MqttOptions bare = options_.send;
        bare.client_id = "stranger-" + random_id().substr(0, 8);
        bare.cert_file.clear();
        bare.key_file.clear();
        const std::vector<std::pair<MqttOptions, std::string>> strangers = {
            {bare, "a client without a certificate (require_certificate, allow_anonymous)"},
            {as("foreign", "stranger-foreign"), "a certificate of another authority (cafile)"},
            {as("revoked", "stranger-revoked"), "a revoked certificate (crlfile)"},
            {as("expired", "stranger-expired"), "a certificate that has run out"}};
        std::vector<std::future<bool>> entering;
        for (const auto& [options, what] : strangers)
            entering.push_back(std::async(std::launch::async, [&options = options] { return Stranger(options).enters(); }));
        std::vector<std::string> faults;
        for (std::size_t i = 0; i < strangers.size(); ++i)
            if (entering[i].get())
                faults.push_back("let in " + strangers[i].second);
        return faults;
    }

    // Who comes in with a good certificate and no rights, as a terminal does on another's topics.
    Result<void> check_rights(Stranger& sender) {
        // A broker that reads its files anew breaks off whoever is just coming in.
        std::optional<Stranger> first;
        for (int i = 0; i < kTries && (!first || !first->inside()); ++i)
            (void)first.emplace(as("rightless", "probe-first")).enters({"#"});
        Stranger& probe = *first;
        if (!probe.inside())
            return Error(Errc::not_found, "broker check: the broker does not take the certificate " +
                                              (options_.probes / "rightless.crt").string() + " (" + probe.why_not() +
                                              "); `sallyportctl ca probes` makes another");
        for (const Channel channel : {Channel::events, Channel::status, Channel::ack, Channel::config})
            if (probe.may_publish(topic(channel)))
                faults_.push_back("took a message on " + topic(channel) + " from a certificate without that right (acl_file)");
        // What is said is heard before the answer to the probe's own next message, which takes the same way back.
        const bool said = sender.may_publish(topic(Channel::ack));
        if (!said && sender.inside())
            return Error(Errc::not_found, "broker check: the collector itself may not write on " + topic(Channel::ack) +
                                              "; `sallyportctl broker config` writes the access list");
        (void)probe.may_publish(topic(Channel::events));
        // Who was cut off in between was refused nothing: that says nothing of the broker.
        if (!said || !probe.inside())
            return Error(Errc::unavailable, "broker check: the connection broke");
        if (probe.heard(topic(Channel::ack)))
            faults_.push_back("handed what is for a terminal to a certificate without that right (acl_file)");
        Stranger again(as("rightless", "probe-second"));
        if (again.enters() && !probe.is_thrown_out())
            faults_.push_back("let one certificate in under two names (use_username_as_clientid)");
        return {};
    }

    std::string sentence() const {
        std::string text = "broker check: the broker at " + options_.send.host + ":" + std::to_string(options_.send.port) +
                           " is not safe to use: it ";
        for (const std::string& fault : faults_)
            text += (&fault == &faults_.front() ? "" : "; it ") + fault;
        return text;
    }

    const BrokerCheckOptions& options_;
    std::vector<std::string> faults_;
};

}  // namespace

Result<void> check_broker(const BrokerCheckOptions& options) { return BrokerCheck(options).run(); }

}  // namespace sallyport::intake
