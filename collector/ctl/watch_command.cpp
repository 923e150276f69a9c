// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/watch_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/watch/watcher.hpp"
#include "protocol/adapters/posix_signals.hpp"
#include "protocol/adapters/systemd_notifier.hpp"
#include "protocol/json.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::filesystem::path file = "/etc/sallyport/watch.yml";
    bool once = false, check = false, json = false;
    std::string accept;
};

void print(const watch::Watcher::Outcome& outcome, bool json) {
    if (json) {
        List concerns;
        for (const watch::Concern& one : outcome.concerns)
            concerns.emplace_back(Record{{"kind", one.kind}, {"grave", one.grave}, {"text", one.text}});
        std::cout << write_json(Record{{"well", outcome.concerns.empty()}, {"concerns", std::move(concerns)}}) << '\n';
    } else {
        for (const watch::Concern& one : outcome.concerns)
            std::cout << one.kind << (one.grave ? " (GRAVE): " : ": ") << one.text << '\n';
        if (outcome.concerns.empty()) std::cout << "all is well\n";
    }
    if (outcome.trouble) std::cerr << "sallyportctl: watch: " << outcome.trouble->message() << '\n';
}

// Fed only while it looks, so that a watch that hangs does not look alive.
void watch_on(watch::Watcher& watcher, const watch::WatchConfiguration& configuration, bool json) {
    SystemdNotifier notifier;
    notifier.ready("watching");
    for (;;) {
        const auto outcome = watcher.once();
        if (!outcome.concerns.empty() || outcome.trouble) print(outcome, json);
        notifier.status(outcome.concerns.empty() ? "all is well" : outcome.concerns.front().kind);
        notifier.alive();
        const auto signal = wait_for_service_signal(configuration.look_every);
        if (signal == ServiceSignal::terminate || signal == ServiceSignal::interrupt) break;
    }
    notifier.stopping();
}

Result<void> run(Invocation& invocation, const Clock& clock, const Options& options,
                 const watch::WatchConfiguration& configuration) {
    const watch::Lookout lookout(configuration);
    auto watcher = watch::Watcher::create(
        configuration, clock, [&](WallTime now) { return lookout.look(now); },
        [&](std::uint64_t from, std::uint64_t to) { return lookout.growth(from, to); },
        [&](const watch::Alarm& alarm) { return watch::sound(configuration.alarm, alarm); });
    if (!watcher) return watcher.error();
    if (!options.accept.empty()) {
        auto accepted = watcher->accept(options.accept);
        if (!accepted) return accepted.error();
        std::cout << *accepted << '\n';
        return {};
    }
    if (!options.once) {
        block_service_signals();
        watch_on(*watcher, configuration, options.json);
        return {};
    }
    const auto outcome = watcher->once();
    print(outcome, options.json);
    if (!outcome.concerns.empty())
        invocation.end_with(ExitCode::checked_wrong);
    else if (outcome.trouble)
        invocation.end_with(ExitCode::environment_failed);
    return {};
}

}  // namespace

void add_watch_command(CLI::App& app, Invocation& invocation, const Clock& clock) {
    auto* command = app.add_subcommand("watch",
                                       "From another host: raises the alarm when collector, broker or evidence log is "
                                       "silent, old or contradicts itself");
    auto options = std::make_shared<Options>();
    command->add_option("--watch-config", options->file, "The watching host's configuration (YAML)")
        ->capture_default_str();
    command->add_flag("--once", options->once, "One look: ends with 1 when something is wrong, and says what");
    command->add_flag("--check-config", options->check, "Name every fault of the configuration and end");
    command->add_option("--accept", options->accept,
                        "Believe the head that is shown now, whatever was seen before: the reason");
    command->add_flag("--json", options->json, "As JSON");
    command->callback([options, &invocation, &clock] {
        invocation.run([&]() -> Result<void> {
            const auto loaded = watch::load_watch_configuration(options->file);
            if (const auto* faults = std::get_if<std::vector<std::string>>(&loaded)) {
                for (const std::string& fault : *faults)
                    std::cerr << fault << '\n';
                invocation.end_with(options->check ? ExitCode::checked_wrong : ExitCode::call_wrong);
                return {};
            }
            if (options->check) {
                std::cout << options->file.string() << ": no faults\n";
                return {};
            }
            return run(invocation, clock, *options, std::get<watch::WatchConfiguration>(loaded));
        });
    });
}

}  // namespace sallyport::ctl
