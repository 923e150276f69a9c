// SPDX-License-Identifier: Apache-2.0
//
// Thousands of terminals in one process and one thread, each with its own enrolled key, chain, signed batches and TLS
// connection. Prints a JSON object a second while it works and one at the end. Batches are signed while it runs, or
// beforehand with --prepare (then what is measured is the other side alone).
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>

#include "protocol/json.hpp"
#include "tests/bench/fleet/simulated_terminal.hpp"

namespace {

using namespace sallyport;
using namespace sallyport::bench;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

struct Options {
    std::string host = "127.0.0.1", ca, ori, collector_key, terminals;
    int port = 8883;
    std::uint64_t per_message = 20, events = 0;
    double rate = 0, seconds = 0;
    std::size_t window = 8, noisy = 0, noisy_window = 1000;
    bool prepare = false, no_ack = false;
    double patience = 120;
};

volatile std::sig_atomic_t asked_to_stop = 0;

[[noreturn]] void give_up(const std::string& why) {
    std::cerr << "bench-fleet: " << why << "\n";
    std::exit(3);
}

template <class T>
T must(Result<T> result) {
    if (!result)
        give_up(result.error().message());
    return std::move(result).value();
}

// Of one kind of terminals: latencies since the last look, and of all time.
class Latencies {
public:
    void add(double us) { now_.push_back(static_cast<float>(us)); }
    Record take() {
        all_.insert(all_.end(), now_.begin(), now_.end());
        return summary(std::exchange(now_, {}));
    }
    Record total() {
        (void)take();
        return summary(all_);
    }

private:
    static Record summary(std::vector<float> values) {
        if (values.empty())
            return Record{{"count", 0}};
        const auto at = [&](double share) {
            const auto place = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
            std::nth_element(values.begin(), place, values.end());
            return static_cast<double>(*place) / 1000;
        };
        return Record{{"count", values.size()}, {"p50_ms", at(0.5)}, {"p99_ms", at(0.99)}, {"max_ms", at(1)}};
    }
    std::vector<float> now_, all_;
};

class Fleet {
public:
    explicit Fleet(const Options& options) : options_(options), poll_(epoll_create1(0)) {
        const PublicKey collector = must(PublicKey::load_pem(options.collector_key));
        std::ifstream list(options.terminals);
        std::vector<std::array<std::string, 3>> listed;
        for (std::string name, certificate, key; list >> name >> certificate >> key;)
            listed.push_back({name, certificate, key});
        if (listed.empty())
            give_up(options.terminals + " names no terminal");
        for (const auto& [name, certificate, key] : listed)
            add(name, certificate, key, collector, listed.size());
        watched_.resize(terminals_.size(), {-1, 0});
    }

    int run() {
        if (options_.prepare)
            for (auto& terminal : terminals_)
                terminal->prepare();
        begun_ = Steady::now();
        if (!loop_until([this](SteadyTime) { return all(&SimulatedTerminal::settled); }, options_.patience))
            give_up("not every terminal was let in and answered within the patience");
        const auto start = Steady::now();
        std::cout << write_json(Record{{"ready", terminals_.size()}, {"seconds", seconds_between(begun_, start)}}) << std::endl;
        begun_ = start;
        for (auto& terminal : terminals_)
            terminal->start(start);
        loop_until([&](SteadyTime now) {
            return asked_to_stop != 0 || (options_.seconds > 0 && seconds_between(start, now) >= options_.seconds) ||
                   (options_.events > 0 && all(&SimulatedTerminal::finished));
        }, options_.events > 0 ? options_.patience : 1e9);
        for (auto& terminal : terminals_)
            terminal->stop_producing();
        const bool finished = loop_until([this](SteadyTime) { return all(&SimulatedTerminal::finished); }, options_.patience);
        summary(seconds_between(start, Steady::now()), finished);
        for (auto& terminal : terminals_)
            terminal->disconnect();
        return finished ? 0 : 1;
    }

private:
    void add(const std::string& name, const std::string& certificate, const std::string& key, const PublicKey& collector,
             std::size_t count) {
        const bool noisy = terminals_.size() < options_.noisy;
        TerminalPlan plan;
        plan.ori = options_.ori;
        plan.per_message = options_.per_message;
        plan.rate = noisy ? 0 : options_.rate / static_cast<double>(count - options_.noisy);
        plan.events = options_.events;
        plan.window = noisy ? options_.noisy_window : options_.no_ack ? 100 : options_.window;
        plan.acknowledged_by_broker = options_.no_ack;
        plan.prepared = options_.prepare ? (options_.events + options_.per_message - 1) / options_.per_message : 0;
        MqttOptions mqtt;
        mqtt.host = options_.host;
        mqtt.port = options_.port;
        mqtt.client_id = name;
        mqtt.ca_file = options_.ca;
        mqtt.cert_file = certificate;
        mqtt.key_file = key;
        auto& latencies = noisy ? noisy_latencies_ : latencies_;
        terminals_.push_back(std::make_unique<SimulatedTerminal>(
            mqtt, std::move(plan), must(SigningKey::load_pem(key)), collector,
            [&latencies](double us, std::uint64_t) { latencies.add(us); }));
    }

    // Moves everything until `done`; false when the patience (seconds) is over.
    template <class Done>
    bool loop_until(Done done, double patience) {
        const auto begun = Steady::now();
        std::vector<epoll_event> ready(terminals_.size());
        for (;;) {
            const auto now = Steady::now();
            const bool each_second = now >= misc_due_;
            if (each_second)
                misc_due_ = now + 1s;
            for (std::size_t i = 0; i < terminals_.size(); ++i) {
                if (each_second)
                    terminals_[i]->link().keep_alive();
                terminals_[i]->keep_time(now);
                watch(i);
            }
            if (done(now))
                return true;
            if (seconds_between(begun, now) > patience)
                return false;
            if (each_second)
                report(now);
            const int count = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 2);
            for (int at = 0; at < count; ++at) {
                auto& link = terminals_[ready[static_cast<std::size_t>(at)].data.u64]->link();
                if ((ready[static_cast<std::size_t>(at)].events & EPOLLOUT) != 0 && link.socket() >= 0)
                    link.write();
                if ((ready[static_cast<std::size_t>(at)].events & ~EPOLLOUT) != 0 && link.socket() >= 0)
                    link.read();
            }
        }
    }

    void watch(std::size_t i) {
        auto& link = terminals_[i]->link();
        const int socket = link.socket();
        const unsigned events = EPOLLIN | (socket >= 0 && link.wants_to_write() ? EPOLLOUT : 0U);
        auto& [known, watched] = watched_[i];
        if (socket == known && events == watched && socket >= 0)
            return;
        epoll_event event{};
        event.events = events;
        event.data.u64 = i;
        // A closed socket left the set by itself, and its number may be somebody else's by now.
        if (socket >= 0 && epoll_ctl(poll_, EPOLL_CTL_MOD, socket, &event) != 0)
            epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event);
        known = socket;
        watched = events;
    }

    bool all(bool (SimulatedTerminal::*question)() const) const {
        return std::all_of(terminals_.begin(), terminals_.end(), [&](const auto& one) { return (*one.*question)(); });
    }

    std::uint64_t acknowledged() const {
        std::uint64_t sum = 0;
        for (const auto& terminal : terminals_)
            sum += terminal->acknowledged();
        return sum;
    }

    void report(SteadyTime now) {
        std::uint64_t backlog = 0, connected = 0, settled = 0;
        for (const auto& terminal : terminals_) {
            backlog += terminal->backlog(now);
            connected += terminal->connected() ? 1 : 0;
            settled += terminal->settled() ? 1 : 0;
        }
        std::cout << write_json(Record{{"t", seconds_between(begun_, now)}, {"acknowledged", acknowledged()},
                                       {"backlog", backlog}, {"connected", connected}, {"settled", settled},
                                       {"latency", latencies_.take()}})
                  << std::endl;
    }

    void summary(double seconds, bool finished) {
        std::uint64_t resent = 0, forked = 0;
        for (const auto& terminal : terminals_) {
            resent += terminal->resent();
            forked += terminal->forked() ? 1 : 0;
        }
        rusage used{};
        getrusage(RUSAGE_SELF, &used);
        const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
        std::cout << write_json(Record{{"finished", finished},
                                       {"events", acknowledged()},
                                       {"seconds", seconds},
                                       {"events_per_second", static_cast<double>(acknowledged()) / seconds},
                                       {"resent", resent},
                                       {"forked", forked},
                                       {"cpu_s", cpu},
                                       {"latency", latencies_.total()},
                                       {"noisy_latency", noisy_latencies_.total()}})
                  << std::endl;
    }

    static double seconds_between(SteadyTime from, SteadyTime to) { return std::chrono::duration<double>(to - from).count(); }

    const Options options_;
    const int poll_;
    Latencies latencies_, noisy_latencies_;
    std::vector<std::unique_ptr<SimulatedTerminal>> terminals_;
    std::vector<std::pair<int, unsigned>> watched_;  // socket and events of each in the poll set
    SteadyTime begun_{}, misc_due_{};
};

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Simulated terminals with real keys, chains and connections", "bench-fleet"};
    app.add_option("--host", options.host);
    app.add_option("--port", options.port);
    app.add_option("--ca", options.ca)->required();
    app.add_option("--ori", options.ori)->required();
    app.add_option("--collector-key", options.collector_key)->required();
    app.add_option("--terminals", options.terminals, "file: NAME CERTIFICATE KEY a line")->required();
    app.add_option("--events", options.events, "events a terminal; 0: until --seconds are over or SIGTERM");
    app.add_option("--seconds", options.seconds);
    app.add_option("--per-message", options.per_message);
    app.add_option("--rate", options.rate, "events a second over all terminals; 0: as fast as their windows let them");
    app.add_option("--window", options.window, "batches a terminal has on its way");
    app.add_option("--noisy", options.noisy, "so many terminals send without a pace");
    app.add_option("--noisy-window", options.noisy_window, "batches that those have on their way");
    app.add_option("--patience", options.patience, "seconds for connecting, and for the last acknowledgement");
    app.add_flag("--prepare", options.prepare, "sign everything before the clock starts (needs --events)");
    app.add_flag("--no-ack", options.no_ack, "the broker's word is enough: there is no collector");
    CLI11_PARSE(app, argc, argv);
    std::signal(SIGTERM, [](int) { asked_to_stop = 1; });
    std::signal(SIGPIPE, SIG_IGN);
    rlimit files{65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);
    return Fleet(options).run();
}
