// SPDX-License-Identifier: Apache-2.0
//
// The collector's wiring point: a list of named steps, each of which can fail, and the way back in reverse.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <future>
#include <memory>
#include <optional>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "collector/alerts/judge.hpp"
#include "collector/alerts/rule_loader.hpp"
#include "collector/api/server.hpp"
#include "collector/configuration.hpp"
#include "collector/evidence/bundle/bundle.hpp"
#include "collector/evidence/bundle/store_proofs.hpp"
#include "collector/evidence/head_signer.hpp"
#include "collector/evidence/tree_tiles.hpp"
#include "collector/intake/broker_check.hpp"
#include "collector/intake/intake.hpp"
#include "collector/registers/daily_sweep.hpp"
#include "collector/registers/expected_terminals.hpp"
#include "collector/retention/keeper.hpp"
#include "collector/store/commit_duty.hpp"
#include "collector/store/restored_mark.hpp"
#include "collector/store/rule_text.hpp"
#include "collector/store/store_file.hpp"
#include "collector/store/store_lock.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "protocol/adapters/posix_signals.hpp"
#include "protocol/adapters/systemd_notifier.hpp"
#include "protocol/crypto_provider.hpp"
#include "protocol/file_rights.hpp"
#include "protocol/files.hpp"
#include "protocol/pem.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::collector {
namespace {

enum ExitCode { kDone = 0, kCheckedThingWrong = 1, kCallWrong = 2, kEnvironmentFailed = 3 };

// At the store, for the watchdog, and at the registers that rules rest on.
constexpr std::chrono::milliseconds kLookEvery{5'000};

int complain(const Error& error) {
    std::fprintf(stderr, "sallyport-collector: %s\n", error.message().c_str());
    return kEnvironmentFailed;
}

int print_faults(const std::vector<std::string>& faults) {
    for (const std::string& fault : faults)
        std::fprintf(stderr, "%s\n", fault.c_str());
    return faults.empty() ? kDone : kCheckedThingWrong;
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

intake::IntakeOptions intake_options(const Configuration& configuration, std::function<Result<void>()> check_broker) {
    intake::IntakeOptions options;
    options.check_broker = std::move(check_broker);
    options.ori = configuration.ori;
    options.receive = connection(configuration, "collector-receive", configuration.receive);
    // No session is kept for us while we are away: mosquitto 2.0.11 ends in a segmentation fault some seconds after it was told
    // to read its files anew while a kept session is offline. What it drops meanwhile the terminals send again.
    options.send = connection(configuration, "collector-send", configuration.send);
    return options;
}

intake::BrokerCheckOptions broker_check_options(const Configuration& configuration) {
    return {configuration.ori, connection(configuration, "collector-send", configuration.send), configuration.probes};
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

Result<api::EnrolmentPapers> enrolment_papers(const Configuration& configuration, const SigningKey& signing_key) {
    auto authority = read_file(configuration.broker_ca);
    if (!authority)
        return authority.error();
    return api::EnrolmentPapers{std::move(*authority), public_key_pem(signing_key.public_key())};
}

// The registers' words, in intake's terms.
std::function<std::vector<intake::ExpectedTerminal>()> expected_terminals(
    std::shared_ptr<registers::ExpectedTerminals> registered) {
    return [registered = std::move(registered), failing = false]() mutable {
        auto read = registered->refresh();
        if (!read && !failing)
            spdlog::error("{}; those known before count on", read.error().message());
        failing = !read;
        std::vector<intake::ExpectedTerminal> expected;
        for (const auto& terminal : registered->known())
            expected.push_back({terminal.terminal_id, terminal.ori, terminal.heartbeat_s});
        return expected;
    };
}

// The sweep's lines as the collector's own.
registers::DailySweep::Append own_lines(intake::Intake& intake) {
    return [&intake](const std::vector<registers::SweepLine>& lines, WallTime occurred_at, const store::Writer::Job& with) {
        std::vector<intake::Notice> notices;
        for (const registers::SweepLine& line : lines)
            notices.push_back({line.type, line.body, occurred_at});
        return intake.tell(notices, with);
    };
}

// A log that is not signed is a failure of the thing that holds the evidence: it stands in the log itself.
void tell_of(const Error& unsigned_head, intake::Intake& intake) {
    spdlog::critical("no head was signed: {}", unsigned_head.message());
    std::string reason(to_string(unsigned_head.code()));
    std::replace(reason.begin(), reason.end(), ' ', '_');
    const intake::Notice notice{"store.failure", Record{{"what", "evidence_head"}, {"reason", reason}}, std::nullopt};
    if (auto told = intake.tell({notice}, [](Database&) { return Result<void>(); }); !told)
        spdlog::error("store: {}", told.error().message());
}

// Against a head that is signed for it, and covers all that was committed before.
decltype(api::Services::bundle) bundle_maker(evidence::HeadSigner& heads, const SigningKey& key) {
    return [&heads, &key](Database& reader, std::string_view ori, const evidence::BundleOrder& order) -> Result<evidence::Bundle> {
        if (auto covered = heads.sign(evidence::HeadReason::exported); !covered)
            return covered.error();
        auto proofs = evidence::StoreProofs::with_newest_head(reader, ori);
        if (!proofs)
            return proofs.error();
        return evidence::make_bundle(reader, order, *proofs, key);
    };
}

// A key that others can read, or exchange, is nobody's: with it a stranger acknowledges, signs heads and takes log-ons.
Result<void> check_secrets(const Configuration& configuration) {
    for (const auto& key : {configuration.signing_key, configuration.receive.key, configuration.send.key, configuration.https.key}) {
        if (auto done = check_secret_file(key); !done)
            return done;
        if (auto done = check_private_folder(key.parent_path()); !done)
            return done;
    }
    return {};
}

// Once, and as the first line of the new instance of the collector's own log.
Result<void> tell_of_restore(store::Writer& writer, intake::Intake& intake) {
    auto reader = writer.reader();
    auto mark = reader ? store::restored_mark(*reader) : Result<std::optional<store::RestoredMark>>(reader.error());
    if (!mark || !*mark)
        return mark ? Result<void>() : Result<void>(mark.error());
    spdlog::warn("the store was restored from a backup of {}; terminals are asked for what came after it",
                 format_time((*mark)->backup_at));
    Record body{{"backup_at", format_time((*mark)->backup_at)}, {"lines", (*mark)->lines}};
    if ((*mark)->missing)
        body.set("missing", *(*mark)->missing);
    return intake.tell({{"store.restored", std::move(body), (*mark)->restored_at}}, store::clear_restored_mark);
}

// The store answers, or the watchdog is not fed: a collector that cannot write must not look alive.
// `look`: at what changes beside it; false ends the collector.
void wait_for_the_end(SystemdNotifier& notifier, store::Writer& writer, const std::function<bool(bool told)>& look_around) {
    const auto look = std::min<std::chrono::milliseconds>(SystemdNotifier::watchdog_interval().value_or(kLookEvery), kLookEvery);
    for (;;) {
        const auto signal = wait_for_service_signal(look);
        if (signal == ServiceSignal::terminate || signal == ServiceSignal::interrupt)
            return;
        if (!look_around(signal == ServiceSignal::reload))
            return;
        if (auto answered = writer.run([](Database&) { return Result<void>(); }); answered)
            notifier.alive();
        else
            spdlog::error("store: {}", answered.error().message());
    }
}

// The whole file is read beside the work: a store of some gigabytes must not keep the terminals waiting.
std::future<Result<void>> begin_page_check(Database reader) {
    return std::async(std::launch::async, [reader = std::move(reader)]() mutable { return store::check_pages(reader); });
}

// What the check found, once it has ended with a fault.
std::optional<Error> fault_of(std::future<Result<void>>& check) {
    if (!check.valid() || check.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
        return std::nullopt;
    auto found = check.get();
    return found ? std::nullopt : std::optional(found.error());
}

// What alerts name as their rule's version can be read for as long as the alert. Before the rules judge.
Result<void> keep_rule_texts(store::Writer& writer, const std::vector<rules::Source>& sources, WallTime now) {
    return writer.run([&](Database& database) -> Result<void> {
        for (const rules::Source& source : sources) {
            const std::string name = std::filesystem::path(source.file).filename().string();
            if (auto kept = store::keep_rule_text(database, {name, source.text}, now); !kept)
                return kept.error();
        }
        return {};
    });
}

// Other files when told so, other lists when the registers have them. With one fault the old rules stay in force.
void renew_rules(alerts::RuleLoader& loader, alerts::Judge& judge, store::Writer& writer, WallTime now, bool told) {
    const auto in_force = judge.rules();
    auto rules = told ? loader.load(in_force.get()) : loader.follow(*in_force);
    if (rules && *rules != nullptr)
        if (auto kept = keep_rule_texts(writer, loader.sources(), now); !kept)
            rules = kept.error();
    if (!rules)
        spdlog::error("{}; the rules stay as they were", rules.error().message());
    else if (*rules != nullptr)
        judge.reload(std::move(*rules));
}

int run(const Configuration& configuration) {
    block_service_signals();
    const LinuxClock clock;
    SystemdNotifier notifier;
    if (auto chosen = use_crypto_provider(configuration.crypto_provider); !chosen)
        return complain(chosen.error());
    if (auto checked = check_secrets(configuration); !checked)
        return complain(checked.error());
    auto signing_key = SigningKey::load_pem(configuration.signing_key);
    if (!signing_key)
        return complain(signing_key.error());
    auto lock = store::StoreLock::take(configuration.store);
    if (!lock)
        return complain(lock.error());
    auto writer = store::open_writer(configuration.store, {}, evidence::tree_growth());
    if (!writer)
        return complain(writer.error());
    auto reader = (*writer)->reader();
    if (!reader)
        return complain(reader.error());
    // A broker that lets strangers in is not used; one that is away is asked when it comes.
    const auto check = [options = broker_check_options(configuration)] { return intake::check_broker(options); };
    const auto checked = check();
    if (!checked && checked.error().code() != Errc::unavailable)
        return complain(checked.error());
    alerts::RuleLoader loader({configuration.rules, configuration.rule_lists}, std::move(*reader), clock);
    // All or nothing: a collector with half its rules would look as if it watched.
    auto rules = loader.load();
    if (!rules)
        return complain(rules.error());
    if (auto kept = keep_rule_texts(**writer, loader.sources(), clock.now()); !kept)
        return complain(kept.error());
    auto registered = registers::ExpectedTerminals::open(**writer, clock);
    if (!registered)
        return complain(registered.error());

    api::LiveFeed live;
    auto judge = alerts::Judge::start(**writer, clock, *rules, [&live] { live.notify(); });
    if (!judge)
        return complain(judge.error());
    auto papers = enrolment_papers(configuration, *signing_key);
    if (!papers)
        return complain(papers.error());
    // Heads are told to the broker as long as there is an intake.
    std::atomic<intake::Intake*> publisher = nullptr;
    evidence::HeadSigner heads(**writer, clock, *signing_key, {}, [&publisher](const evidence::PublishedHead& head) {
        if (intake::Intake* intake = publisher)
            intake->publish_head(head.ori, head.checkpoint);
    });
    auto server = api::Server::start(server_options(configuration), {**writer, clock, live, [&judge] { return (*judge)->rules(); },
                                                                     bundle_maker(heads, *signing_key), std::move(*papers)});
    if (!server)
        return complain(server.error());
    auto intake = intake::Intake::start(intake_options(configuration, checked ? std::function<Result<void>()>() : check), *signing_key, **writer, clock,
                                        expected_terminals(std::move(registered).value()), [&judge, &live] {
                                            (*judge)->notify();
                                            live.notify();
                                        });
    if (!intake)
        return complain(intake.error());
    publisher = intake->get();
    auto signing = std::make_unique<evidence::HeadThread>(heads, [&intake](const Error& failure) { tell_of(failure, **intake); });
    if (auto told = tell_of_restore(**writer, **intake); !told)
        return complain(told.error());
    auto sweep = registers::DailySweep::open(**writer, clock, own_lines(**intake));
    if (!sweep)
        return complain(sweep.error());
    auto sweeping = std::make_unique<registers::SweepThread>(
        std::move(*sweep), [](const Error& failure) { spdlog::error("{}; going on with it later", failure.message()); });

    auto keeper = retention::Keeper::open(configuration.store, **writer, clock);
    if (!keeper)
        return complain(keeper.error());
    auto keeping = std::make_unique<retention::KeeperThread>(
        std::move(*keeper), [](const Error& failure) { spdlog::error("{}; going on with it later", failure.message()); });

    spdlog::info("ready: console on https://{}:{}/", configuration.https_address, (*server)->port());
    notifier.ready("receiving");
    auto whole = (*writer)->reader();
    if (!whole)
        return complain(whole.error());
    auto page_check = begin_page_check(std::move(*whole));
    std::optional<Error> unsafe;
    wait_for_the_end(notifier, **writer, [&](bool told) {
        renew_rules(loader, **judge, **writer, clock.now(), told);
        unsafe = fault_of(page_check);
        if (!unsafe)
            unsafe = (*intake)->broker_fault();
        return !unsafe;
    });

    // No more requests, then no more messages, then the last head and the last judgement; the writer finishes what is left.
    notifier.stopping();
    spdlog::info("stopping");
    keeping.reset();
    sweeping.reset();
    signing.reset();
    (*server)->stop();
    publisher = nullptr;
    (*intake).reset();
    if (auto covered = heads.sign(evidence::HeadReason::stop); !covered)
        spdlog::critical("the last lines are covered by no head: {}", covered.error().message());
    (*server).reset();
    (*judge).reset();
    (*writer).reset();
    return unsafe ? complain(*unsafe) : kDone;
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
