// SPDX-License-Identifier: Apache-2.0
//
// The agent's wiring point: a list of named steps, each of which can fail, and the way back.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "agent/configuration.hpp"
#include "agent/drill/drill.hpp"
#include "agent/end_note.hpp"
#include "agent/enrolment.hpp"
#include "agent/health.hpp"
#include "agent/lifecycle.hpp"
#include "agent/load_guard.hpp"
#include "agent/recorder.hpp"
#include "agent/self_watch.hpp"
#include "agent/sensors/catalogue.hpp"
#include "agent/sensors/host/host_sensor.hpp"
#include "agent/service/linux_host.hpp"
#include "agent/service/linux_own_state.hpp"
#include "agent/service/service_memory.hpp"
#include "agent/spool/spool.hpp"
#include "agent/supervisor.hpp"
#include "agent/uplink/uplink.hpp"
#include "agent/version.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "protocol/adapters/posix_signals.hpp"
#include "protocol/adapters/systemd_notifier.hpp"

namespace sallyport::agent {
namespace {

enum ExitCode { kDone = 0, kCheckedThingWrong = 1, kCallWrong = 2, kEnvironmentFailed = 3 };

constexpr std::chrono::seconds kSensorsPatience{5};
constexpr std::chrono::seconds kSettled{10};  // every sensor has had its first look
constexpr std::chrono::minutes kQuietLook{1};  // at what is due, when no watchdog asks for more

struct Arguments {
    std::filesystem::path configuration;
    bool check = false;
    bool enrol = false;
    bool note_end = false;
};

// The two keys and the collector's: what this run signs with, and whom it believes.
struct Keys {
    SigningKey enrolled;
    SigningKey batch;
    PublicKey collector;
};

int print_faults(const std::vector<std::string>& faults, int code) {
    for (const std::string& fault : faults)
        std::fprintf(stderr, "%s\n", fault.c_str());
    return faults.empty() ? kDone : code;
}

int enrol(const Configuration& configuration) {
    auto request = prepare_enrolment(configuration);
    if (!request)
        return print_faults({request.error().message()}, kEnvironmentFailed);
    std::printf("key:      %s (stays here)\nrequest:  %s\n", configuration.broker.key_file.c_str(), request->c_str());
    std::printf("next:     sallyportctl terminals enrol %s --csr %s --out %s\n", configuration.terminal.c_str(),
                request->c_str(), configuration.broker.cert_file.c_str());
    return kDone;
}

Result<Keys> load_keys(const Configuration& configuration) {
    auto enrolled = SigningKey::load_pem(configuration.broker.key_file);
    if (!enrolled)
        return enrolled.error();
    auto collector = PublicKey::load_pem(configuration.collector_key);
    if (!collector)
        return collector.error();
    auto batch = SigningKey::generate();
    if (!batch)
        return batch.error();
    return Keys{std::move(*enrolled), std::move(*batch), std::move(*collector)};
}

Result<std::unique_ptr<Spool>> open_spool(const Configuration& configuration, const Keys& keys, const Clock& clock) {
    auto opened = Spool::open_or_replace(configuration.spool, configuration.terminal, keys.enrolled.public_key(), clock);
    if (!opened)
        return opened.error();
    if (opened->replaced)
        spdlog::error("{}; a new instance begins", opened->replaced->message());
    return std::move(opened->spool);
}

Result<RunFacts> gather_facts(const Configuration& configuration, const Keys& keys, const Spool& spool) {
    auto program = program_sha256();
    if (!program)
        return program.error();
    auto boot = boot_id();
    if (!boot)
        return boot.error();
    auto certificate = BatchKeyCertificate::issue(keys.enrolled, configuration.terminal, spool.instance(),
                                                  keys.batch.public_key());
    if (!certificate)
        return certificate.error();
    return RunFacts{*program, *boot, configuration.sha256, *certificate};
}

UplinkOptions uplink_options(const Configuration& configuration) {
    UplinkOptions options;
    options.ori = configuration.ori;
    options.broker = configuration.broker;
    options.heartbeat = configuration.heartbeat;
    return options;
}

StatusMessage describe(const RunFacts& facts, const Health& health, const Clock& clock) {
    StatusMessage status;
    status.boot_id = facts.boot_id;
    status.uptime_s = clock.monotonic().count() / 1000;
    status.agent_version = kAgentVersion;
    health.describe(status);
    return status;
}

// Beside the spool, as is all that outlives a run.
std::filesystem::path beside_spool(const Configuration& configuration, std::string_view name) {
    return std::filesystem::absolute(configuration.spool).parent_path() / name;
}

std::unique_ptr<HostWatch> watch_self(const std::filesystem::path& file, const Configuration& configuration,
                                      const RunFacts& facts, const Spool& spool, bool predecessor_known, Recorder& recorder,
                                      std::function<StatusMessage()> status) {
    const auto spool_file = std::filesystem::absolute(configuration.spool);
    OwnFiles files{file, spool_file, {file, spool_file, spool_file.parent_path(), configuration.broker.key_file}};
    SelfWatchOptions options{facts.program_sha256,        facts.config_sha256,
                             spool.instance(),            predecessor_known,
                             beside_spool(configuration, "self.memory"), std::move(status)};
    return make_self_watch(std::move(options), make_linux_own_state(std::move(files)), recorder);
}

void start_sensors(Supervisor& supervisor, Health& health, const Configuration& configuration,
                   std::unique_ptr<HostWatch> self) {
    HostWatches watches;
    watches.push_back(std::move(self));
    for (const SensorRow& row : sensor_catalogue()) {
        if (!configuration.sensors.on(row.name, row.by_default)) {
            health.report(row.name, SensorState::off, row.by_default ? "disabled" : "not_enabled");
            continue;
        }
        auto sensor = row.make != nullptr ? row.make(configuration) : nullptr;
        auto watch = row.watch != nullptr ? row.watch(configuration) : nullptr;
        if (sensor)
            supervisor.start(std::move(sensor));
        else if (watch)
            watches.push_back(std::move(watch));
        else
            health.report(row.name, SensorState::off, "not_configured");
    }
    supervisor.start(make_host_sensor(std::move(watches)));
}

// Takes the step that the memory in use asks for; false when the agent has to be started anew.
bool shed_load(LoadGuard& guard, Supervisor& supervisor) {
    const auto memory = service_memory();
    const LoadStep step = memory ? guard.judge(*memory) : LoadStep::none;
    if (step == LoadStep::none)
        return true;
    const std::string so_much = std::to_string(memory->used >> 20) + " of " + std::to_string(memory->limit >> 20) + " MiB";
    if (step == LoadStep::give_memory_back)
        give_memory_back();
    else if (step == LoadStep::rest_camera && supervisor.rest("camera", "load_shed"))
        spdlog::warn("{} in use: the camera rests", so_much);
    else if (step == LoadStep::let_camera_go_on && supervisor.let_go_on("camera"))
        spdlog::info("{} in use: the camera goes on", so_much);
    else if (step == LoadStep::start_anew)
        spdlog::error("{} in use: ending in order, to be started anew before the limit kills", so_much);
    return step != LoadStep::start_anew;
}

std::string wait_for_the_end(SystemdNotifier& notifier, Health& health, Supervisor& supervisor) {
    LoadGuard guard;
    const auto quiet = SystemdNotifier::watchdog_interval().value_or(kQuietLook);
    for (bool settled = false;; settled = true) {
        const auto signal = wait_for_service_signal(settled ? quiet : std::min<std::chrono::milliseconds>(quiet, kSettled));
        if (signal && *signal != ServiceSignal::reload)  // its configuration is read at the start only
            return std::string(to_string(*signal));
        health.retry();
        notifier.alive();
        if (!settled)
            give_memory_back();
        if (!shed_load(guard, supervisor))
            return "memory";
    }
}

int run(const std::filesystem::path& file, const Configuration& configuration) {
    block_service_signals();
    const LinuxClock clock;
    SystemdNotifier notifier;
    const auto failed = [](const Error& error) {
        spdlog::critical("{}", error.message());
        return static_cast<int>(kEnvironmentFailed);
    };

    auto keys = load_keys(configuration);
    if (!keys)
        return failed(keys.error());
    auto spool = open_spool(configuration, *keys, clock);
    if (!spool)
        return failed(spool.error());
    auto facts = gather_facts(configuration, *keys, **spool);
    if (!facts)
        return failed(facts.error());

    Recorder recorder(**spool, clock, facts->boot_id, facts->config_sha256);
    const auto predecessor = (*spool)->predecessor();
    const auto end = take_end_note(beside_spool(configuration, "agent.end"));
    if (auto started = record_start(recorder, **spool, *facts, end, clock); !started)
        return failed(started.error());
    Health health(recorder, clock);
    Drill drill({beside_spool(configuration, "config.seen"),
                 [&] { return describe(*facts, health, clock); },
                 [](const std::string& sentence) { spdlog::info("{}", sentence); }},
                recorder, clock);

    Uplink uplink(
        uplink_options(configuration), **spool, keys->collector, keys->batch, facts->certificate, clock,
        [&] { return describe(*facts, health, clock); },
        [&](const UplinkState& state) {
            const std::string text = state.connected ? "connected" : "not connected";
            notifier.status(state.trouble.empty() ? text : text + ": " + state.trouble);
            state.trouble.empty() ? spdlog::info("uplink: {}", text) : spdlog::warn("uplink: {}", state.trouble);
        },
        [&](const TerminalConfig& config) { drill.hear(config); });
    recorder.when_recorded([&] { uplink.wake(); });
    health.when_changed([&] { uplink.announce(); });
    std::jthread uplink_thread([&](const std::stop_token& stop) {
        name_this_thread("uplink");
        if (auto ran = uplink.run(stop); !ran)
            spdlog::critical("{}; events stay in the spool", ran.error().message());
    });

    Supervisor supervisor({recorder, health, clock, drill}, {}, [](const std::string& sentence) { spdlog::warn("{}", sentence); });
    start_sensors(supervisor, health, configuration,
                  watch_self(file, configuration, *facts, **spool, predecessor && predecessor->instance != "unknown", recorder,
                             [&] { return describe(*facts, health, clock); }));
    notifier.ready("watching");
    spdlog::info("sallyport-agent {} watches terminal {}, instance {}, {} lines waiting", kAgentVersion,
                 configuration.terminal, (*spool)->instance(), (*spool)->depth());

    const std::string reason = wait_for_the_end(notifier, health, supervisor);
    notifier.stopping();
    drill.stop();
    const auto hanging = supervisor.stop(kSensorsPatience);
    for (const std::string& name : hanging)
        spdlog::error("sensor {} does not stop, ignoring", name);
    if (auto stopped = record_stop(recorder, reason, clock); !stopped)
        spdlog::error("{}", stopped.error().message());
    uplink_thread.request_stop();
    uplink_thread.join();
    spdlog::info("stopped: {}, {} lines waiting", reason, (*spool)->depth());
    // A thread that hangs still refers to all of the above: end without destroying it. What counts is on disk.
    if (!hanging.empty())
        std::_Exit(kDone);
    return kDone;
}

// What the service manager puts into the environment of ExecStopPost.
int note_end(const Configuration& configuration) {
    const auto word = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value != nullptr && *value != '\0' ? value : "unknown");
    };
    const auto noted = write_end_note(beside_spool(configuration, "agent.end"), {word("SERVICE_RESULT"), word("EXIT_STATUS")});
    return noted ? kDone : print_faults({noted.error().message()}, kEnvironmentFailed);
}

int start(const Arguments& arguments) {
    auto loaded = load_configuration(arguments.configuration, sensor_names());
    if (!loaded.configuration)
        return print_faults(loaded.faults, kCheckedThingWrong);
    if (arguments.enrol)
        return enrol(*loaded.configuration);
    if (arguments.note_end)
        return note_end(*loaded.configuration);
    const auto missing = missing_files(*loaded.configuration);
    if (arguments.check)
        return print_faults(missing, kCheckedThingWrong);
    if (!missing.empty())
        return print_faults(missing, kEnvironmentFailed);
    return run(std::filesystem::absolute(arguments.configuration), *loaded.configuration);
}

}  // namespace
}  // namespace sallyport::agent

int main(int argc, char** argv) {
    using namespace sallyport::agent;
    keep_memory_small();
    CLI::App program("Watches this terminal and reports to the collector.", "sallyport-agent");
    Arguments arguments;
    program.add_option("--config", arguments.configuration, "the configuration, agent.yml")->required();
    program.add_flag("--check-config", arguments.check, "print the file, line and reason of each fault, and end");
    program.add_flag("--enrol", arguments.enrol, "make the terminal's key and a request for its certificate, and end");
    program.add_flag("--note-end", arguments.note_end, "keep how the service ended for the next start (ExecStopPost), and end");
    program.set_version_flag("--version", std::string(kAgentVersion));
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kDone : kCallWrong;
    }
    try {
        spdlog::set_default_logger(spdlog::stderr_logger_mt("agent"));
        spdlog::set_pattern("%l: %v");
        return start(arguments);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "sallyport-agent: %s\n", exception.what());
        return kEnvironmentFailed;
    }
}
