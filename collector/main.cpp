// SPDX-License-Identifier: Apache-2.0
//
// The collector's wiring point: a list of named steps, each of which can fail, and the way back in reverse.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <csignal>
#include <ctime>
#include <memory>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "collector/alerts/judge.hpp"
#include "collector/api/server.hpp"
#include "collector/configuration.hpp"
#include "collector/intake/intake.hpp"
#include "collector/registers/expected_terminals.hpp"
#include "collector/store/writer.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "rules/engine/rule_files.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::collector {
namespace {

enum ExitCode { kDone = 0, kCheckedThingWrong = 1, kCallWrong = 2, kEnvironmentFailed = 3 };

using Rules = std::shared_ptr<const rules::RuleSet>;

int complain(const Error& error) {
    std::fprintf(stderr, "sallyport-collector: %s\n", error.message().c_str());
    return kEnvironmentFailed;
}

int print_faults(const std::vector<std::string>& faults) {
    for (const std::string& fault : faults)
        std::fprintf(stderr, "%s\n", fault.c_str());
    return faults.empty() ? kDone : kCheckedThingWrong;
}

// All or nothing: a collector with half its rules would look as if it watched.
Result<Rules> load_rules(const Configuration& configuration) {
    auto sources = rules::read_sources({configuration.rules});
    if (!sources)
        return sources.error();
    auto loaded = rules::RuleSet::load(*sources);
    if (auto* faults = std::get_if<std::vector<rules::Fault>>(&loaded))
        return Error(Errc::bad_input, "rules: " + std::to_string(faults->size()) + " faults, the first: " +
                                          faults->front().text());
    return std::get<Rules>(std::move(loaded));
}

MqttOptions connection(const Configuration& configuration, std::string name, const CertificateFiles& files) {
    MqttOptions options;
    options.host = configuration.broker_host;
    options.port = configuration.broker_port;
    options.client_id = std::move(name);
    options.ca_file = configuration.broker_ca;
    options.cert_file = files.certificate;
    options.key_file = files.key;
    return options;
}

intake::IntakeOptions intake_options(const Configuration& configuration) {
    intake::IntakeOptions options;
    options.ori = configuration.ori;
    options.receive = connection(configuration, "collector-receive", configuration.receive);
    options.receive.persistent_session = true;
    options.send = connection(configuration, "collector-send", configuration.send);
    return options;
}

api::ServerOptions server_options(const Configuration& configuration) {
    api::ServerOptions options;
    options.address = configuration.https_address;
    options.port = configuration.https_port;
    options.certificate = configuration.https.certificate;
    options.key = configuration.https.key;
    options.console = configuration.console;
    options.host_names = configuration.host_names;
    return options;
}

// The registers' words, in intake's terms.
std::function<std::vector<intake::ExpectedTerminal>()> expected_terminals(
    std::shared_ptr<registers::ExpectedTerminals> registered) {
    return [registered = std::move(registered)] {
        std::vector<intake::ExpectedTerminal> expected;
        for (const auto& terminal : registered->current())
            expected.push_back({terminal.terminal_id, terminal.ori, terminal.heartbeat_s});
        return expected;
    };
}

sigset_t awaited_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
}

// Before any thread: they inherit it, so that only the wait below takes the signal.
void block_signals() {
    const sigset_t signals = awaited_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

// The store answers, or the watchdog is not fed: a collector that cannot write must not look alive.
void wait_for_the_end(store::Writer& writer, const std::function<void()>& reload) {
    const sigset_t signals = awaited_signals();
    std::uint64_t watchdog_us = 0;
    sd_watchdog_enabled(0, &watchdog_us);
    const std::uint64_t pause_us = watchdog_us > 0 ? watchdog_us / 2 : 10'000'000;
    const timespec pause{static_cast<std::time_t>(pause_us / 1'000'000), static_cast<long>(pause_us % 1'000'000 * 1000)};
    for (;;) {
        const int signal = sigtimedwait(&signals, nullptr, &pause);
        if (signal == SIGTERM || signal == SIGINT)
            return;
        if (signal == SIGHUP)
            reload();
        if (auto answered = writer.run([](Database&) { return Result<void>(); }); answered)
            sd_notify(0, "WATCHDOG=1");
        else
            spdlog::error("store: {}", answered.error().message());
    }
}

// All or nothing: with one fault in the new rules the old ones stay in force.
void reload_rules(const Configuration& configuration, alerts::Judge& judge) {
    auto rules = load_rules(configuration);
    if (rules)
        judge.reload(std::move(*rules));
    else
        spdlog::error("{}; the rules stay as they were", rules.error().message());
}

int run(const Configuration& configuration) {
    block_signals();
    const LinuxClock clock;
    auto rules = load_rules(configuration);
    if (!rules)
        return complain(rules.error());
    auto signing_key = SigningKey::load_pem(configuration.signing_key);
    if (!signing_key)
        return complain(signing_key.error());
    auto writer = store::Writer::open(configuration.store);
    if (!writer)
        return complain(writer.error());
    auto registered = registers::ExpectedTerminals::open(**writer, clock);
    if (!registered)
        return complain(registered.error());

    api::LiveFeed live;
    auto judge = alerts::Judge::start(**writer, clock, *rules, [&live] { live.notify(); });
    if (!judge)
        return complain(judge.error());
    auto server = api::Server::start(server_options(configuration), {**writer, clock, live, [&judge] { return (*judge)->rules(); }});
    if (!server)
        return complain(server.error());
    auto intake = intake::Intake::start(intake_options(configuration), *signing_key, **writer, clock,
                                        expected_terminals(std::move(registered).value()), [&judge, &live] {
                                            (*judge)->notify();
                                            live.notify();
                                        });
    if (!intake)
        return complain(intake.error());

    spdlog::info("ready: console on https://{}:{}/", configuration.https_address, (*server)->port());
    sd_notify(0, "READY=1\nSTATUS=receiving");
    wait_for_the_end(**writer, [&] { reload_rules(configuration, **judge); });

    // In reverse: no more messages, then no more readers, then the last judgement; the writer finishes what is left.
    sd_notify(0, "STOPPING=1");
    spdlog::info("stopping");
    (*intake).reset();
    (*server)->stop();
    (*server).reset();
    (*judge).reset();
    (*writer).reset();
    return kDone;
}

int main(int argc, char** argv) {
    std::filesystem::path file = "/etc/sallyport/collector.yml";
    bool check = false;
    CLI::App app{"Verifies, stores and judges what terminals report; serves the console.", "sallyport-collector"};
    app.add_option("--config", file, "configuration file (YAML)")->capture_default_str();
    app.add_flag("--check-config", check, "name every fault of the configuration and end");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& fault) {
        return app.exit(fault) == 0 ? kDone : kCallWrong;
    }
    spdlog::set_default_logger(spdlog::stderr_logger_mt("collector"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    auto loaded = load_configuration(file);
    if (auto* faults = std::get_if<std::vector<std::string>>(&loaded))
        return print_faults(*faults);
    if (check) {
        std::printf("%s: no faults\n", file.c_str());
        return kDone;
    }
    return run(std::get<Configuration>(loaded));
}

}  // namespace
}  // namespace sallyport::collector

int main(int argc, char** argv) {
    try {
        return sallyport::collector::main(argc, argv);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "sallyport-collector: %s\n", failure.what());
        return 3;
    }
}
