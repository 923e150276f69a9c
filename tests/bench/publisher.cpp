// SPDX-License-Identifier: Apache-2.0
//
// Many terminals in one process: real keys, real chains, batches signed beforehand, so that what is measured is the
// other side. Ends when the collector has acknowledged everything (or, with --no-ack, when the broker has).
#include <CLI/CLI.hpp>
#include <array>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include "protocol/acknowledgement.hpp"
#include "protocol/adapters/mqtt_connection.hpp"
#include "protocol/batch.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/topics.hpp"
#include "tests/support/event_factory.hpp"

namespace {

using namespace sallyport;
using SteadyClock = std::chrono::steady_clock;

struct Options {
    std::string host = "127.0.0.1", ca, ori, collector_key, terminals;
    int port = 8883;
    std::uint64_t events = 20000, per_message = 20, rate = 0;
    bool wait_for_ack = true;
};

[[noreturn]] void give_up(const std::string& why) {
    std::cerr << "bench-publisher: " << why << "\n";
    std::exit(3);
}

template <class T>
T must(Result<T> result) {
    if (!result)
        give_up(result.error().message());
    return std::move(result).value();
}

// One terminal's stream, encoded and signed before the clock starts.
class Terminal {
public:
    // One of so many `terminals`.
    Terminal(const Options& options, std::size_t terminals, std::string name, const std::string& certificate,
             const std::string& key)
        : options_(options), terminals_(terminals), name_(std::move(name)) {
        const SigningKey enrolled = must(SigningKey::load_pem(key));
        const SigningKey batch_key = must(SigningKey::generate());
        const std::string instance = random_id();
        const auto issued = must(BatchKeyCertificate::issue(enrolled, name_, instance, batch_key.public_key()));
        BatchHeader header;
        header.terminal = name_;
        header.instance = instance;
        header.previous = chain_genesis(name_, instance, enrolled.public_key());
        for (header.first_seq = 1; header.first_seq <= options.events; header.first_seq += options.per_message)
            add_batch(header, instance, batch_key, issued);
        collector_ = must(PublicKey::load_pem(options.collector_key));
        connect(certificate, key);
    }

    void publish_next() {
        const MqttMessage message{to_string(Topic{options_.ori, name_, Channel::events}), batches_[next_], 1, false};
        // Full or away: the window, not us, sets the pace.
        while (!connection_->publish(message))
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ++next_;
    }
    bool more() const { return next_ < batches_.size(); }

    bool finished() {
        const std::scoped_lock lock(mutex_);
        return options_.wait_for_ack ? acknowledged_ >= last_seq_ : delivered_ >= batches_.size();
    }
    bool connected() {
        const std::scoped_lock lock(mutex_);
        return connected_;
    }
    void stop() { connection_->disconnect(std::chrono::seconds(1)); }

private:
    void add_batch(BatchHeader& header, const std::string& instance, const SigningKey& batch_key,
                   const BatchKeyCertificate& issued) {
        std::vector<std::string> lines;
        for (std::uint64_t i = 0; i < options_.per_message && header.first_seq + i <= options_.events; ++i)
            lines.push_back(must(encode_event(event(header.first_seq + i, instance, issued))));
        batches_.push_back(must(encode_batch(header, lines, batch_key, issued)));
        for (const std::string& line : lines)
            header.previous = chain_link(header.previous, leaf_of(line));
        last_seq_ = header.first_seq + lines.size() - 1;
    }

    Event event(std::uint64_t seq, const std::string& instance, const BatchKeyCertificate& issued) const {
        if (seq == 1)
            return testing::event("agent.start", name_, instance, seq,
                                  Record{{"version", "bench"},
                                         {"sha256", std::string(64, '0')},
                                         {"reason", "boot"},
                                         {"batch_key", issued.key},
                                         {"batch_key_cert", issued.signature}},
                                  now_);
        // Nothing that any rule objects to, however often it comes.
        Event made = testing::event("session.lock", name_, instance, seq, {{"cause", "timeout"}}, time_of(seq));
        made.nonce = random_id();
        return made;
    }

    // At the pace at which they will be sent; all at once where there is none.
    WallTime time_of(std::uint64_t seq) const {
        return options_.rate == 0 ? now_ : now_ + std::chrono::milliseconds(seq * terminals_ * 1000 / options_.rate);
    }

    void connect(const std::string& certificate, const std::string& key) {
        MqttOptions mqtt;
        mqtt.host = options_.host;
        mqtt.port = options_.port;
        mqtt.client_id = name_;
        mqtt.ca_file = options_.ca;
        mqtt.cert_file = certificate;
        mqtt.key_file = key;
        MqttHandlers handlers;
        handlers.connected = [this] {
            const std::scoped_lock lock(mutex_);
            connected_ = true;
        };
        handlers.lost = [this](const std::string& why) { give_up(name_ + ": " + why); };
        handlers.received = [this](const MqttMessage& message) {
            auto ack = decode_acknowledgement(message.payload, *collector_);
            const std::scoped_lock lock(mutex_);
            if (ack)
                acknowledged_ = std::max(acknowledged_, ack->seq);
        };
        handlers.delivered = [this](std::uint64_t, bool accepted) {
            const std::scoped_lock lock(mutex_);
            if (!accepted)
                give_up(name_ + ": the broker refused a message");
            ++delivered_;
        };
        connection_ = must(MqttConnection::create(std::move(mqtt), std::move(handlers)));
        must_connect();
    }

    void must_connect() {
        if (auto started = connection_->connect({to_string(Topic{options_.ori, name_, Channel::ack})}, std::nullopt);
            !started)
            give_up(started.error().message());
        while (!connected())
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }

    const Options& options_;
    std::size_t terminals_;
    std::string name_;
    // Events of today: before the terminal was registered every one of them would be a violation.
    const WallTime now_ =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    std::vector<std::string> batches_;
    std::size_t next_ = 0;
    std::uint64_t last_seq_ = 0;
    std::optional<PublicKey> collector_;
    std::mutex mutex_;
    bool connected_ = false;
    std::uint64_t acknowledged_ = 0;
    std::size_t delivered_ = 0;
    std::unique_ptr<MqttConnection> connection_;
};

double publish_all(const Options& options, std::vector<std::unique_ptr<Terminal>>& terminals) {
    const auto start = SteadyClock::now();
    std::uint64_t sent = 0;
    for (bool more = true; more;) {
        more = false;
        for (auto& terminal : terminals) {
            if (!terminal->more())
                continue;
            terminal->publish_next();
            more = true;
            sent += options.per_message;
            if (options.rate > 0)
                std::this_thread::sleep_until(start + std::chrono::microseconds(sent * 1'000'000 / options.rate));
        }
    }
    const auto deadline = SteadyClock::now() + std::chrono::seconds(120);
    for (auto& terminal : terminals)
        while (!terminal->finished()) {
            if (SteadyClock::now() > deadline)
                give_up("not everything was acknowledged within two minutes");
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Publishes signed batches of many terminals", "bench-publisher"};
    app.add_option("--host", options.host);
    app.add_option("--port", options.port);
    app.add_option("--ca", options.ca)->required();
    app.add_option("--ori", options.ori)->required();
    app.add_option("--collector-key", options.collector_key)->required();
    app.add_option("--terminals", options.terminals, "file: NAME CERTIFICATE KEY a line")->required();
    app.add_option("--events", options.events, "events a terminal");
    app.add_option("--per-message", options.per_message);
    app.add_option("--rate", options.rate, "events a second over all terminals; 0: as fast as possible");
    app.add_flag("!--no-ack", options.wait_for_ack);
    CLI11_PARSE(app, argc, argv);

    std::vector<std::array<std::string, 3>> listed;
    std::ifstream list(options.terminals);
    for (std::string name, certificate, key; list >> name >> certificate >> key;)
        listed.push_back({name, certificate, key});
    std::vector<std::unique_ptr<Terminal>> terminals;
    for (const auto& [name, certificate, key] : listed)
        terminals.push_back(std::make_unique<Terminal>(options, listed.size(), name, certificate, key));
    const double seconds = publish_all(options, terminals);
    const auto events = options.events * terminals.size();
    std::cout << write_json(Record{{"events", events},
                                   {"seconds", seconds},
                                   {"events_per_second", static_cast<double>(events) / seconds}})
              << std::endl;
    for (auto& terminal : terminals)
        terminal->stop();
}
