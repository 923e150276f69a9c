// SPDX-License-Identifier: Apache-2.0
//
// Makes an evidence bundle of many lines and verifies it, beside what plain SHA-256 over the same bytes takes; CPU time,
// one thread. One JSON object a line of output.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>

#include "collector/evidence/bundle/bundle.hpp"
#include "collector/evidence/bundle/bundle_check.hpp"
#include "collector/store/alert_repository.hpp"
#include "collector/store/schema.hpp"
#include "protocol/json.hpp"
#include "tests/collector/evidence/bundle/memory_log.hpp"
#include "tests/support/test_terminal.hpp"

namespace sallyport::bench {
namespace {

constexpr std::size_t kEvidencePerAlert = 500;

double cpu_ms() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto ms = [](const timeval& time) { return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3; };
    return ms(usage.ru_utime) + ms(usage.ru_stime);
}

template <class Value>
Value must(Result<Value> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "bench-bundle: %s\n", result.error().message().c_str());
    std::exit(3);
}
void must(const Result<void>& result) {
    if (result) return;
    std::fprintf(stderr, "bench-bundle: %s\n", result.error().message().c_str());
    std::exit(3);
}

// Attached sticks, so many a batch, as the terminal would have sent them.
void fill_log(Database& database, testing::TestTerminal& terminal, int events, int batch_size, WallTime now) {
    auto appender = must(store::EventAppender::open(database));
    auto stream = must(store::create_stream(database, terminal.ori, terminal.name, terminal.instance, terminal.head, now));
    for (int taken = 0; taken < events; taken += batch_size) {
        const auto batch = must(decode_batch(terminal.batch(std::min(batch_size, events - taken))));
        std::vector<store::NewEvent> lines;
        for (const std::string& line : batch.lines)
            lines.push_back({std::string(text_of(must(read_json_record(line)), "type")), now, leaf_of(line), line, std::nullopt});
        must(appender.append(stream, batch.header_line, lines, now));
    }
}

void add_incident(Database& database, const testing::TestTerminal& terminal, WallTime now) {
    store::Incident incident;
    incident.incident_id = incident.number = "bench";
    incident.ori = terminal.ori;
    incident.kind = "media";
    incident.severity = "high";
    incident.status = "open";
    incident.discovered_at = now;
    const auto events = must(store::read_events_after(database, 0, 1'000'000));
    for (std::size_t first = 0; first < events.size(); first += kEvidencePerAlert) {
        store::Alert alert;
        alert.alert_id = "alert-" + std::to_string(first);
        alert.ori = terminal.ori;
        alert.rule_id = "USB-01";
        alert.rule_version = std::string(64, 'a');
        alert.severity = "high";
        alert.terminal_id = terminal.name;
        alert.dedupe_key = alert.alert_id;
        alert.lane = "queue";
        alert.kind = "event";
        alert.state = "converted";
        alert.first_event_at = alert.last_event_at = alert.condition_at = alert.raised_at = alert.known_at = now;
        for (std::size_t i = first; i < std::min(first + kEvidencePerAlert, events.size()); ++i)
            alert.evidence.push_back(events[i].ingest_id);
        must(store::insert_alert(database, alert));
        incident.alert_ids.push_back(alert.alert_id);
    }
    must(store::insert_incident(database, incident));
}

void run(const std::filesystem::path& folder, int events, int batch_size) {
    const WallTime now{std::chrono::milliseconds(1'795'456'800'000)};
    const SigningKey key = must(SigningKey::generate());
    const std::vector<PublicKey> keys{key.public_key()};
    Database database = must(Database::open(folder / ("store-" + std::to_string(batch_size) + ".db")));
    must(store::migrate(database));
    testing::TestTerminal terminal;
    {
        auto transaction = must(database.begin());
        must(store::add_key(database, terminal.key(now)));
        fill_log(database, terminal, events, batch_size, now);
        add_incident(database, terminal, now);
        must(transaction.commit());
    }
    testing::MemoryLog log("sallyport/" + terminal.ori + "/1", key);
    log.sign(database, now);

    const evidence::BundleOrder order{"bench", evidence::BundleForm::full, "bench", "auditor", "test", now, {}};
    const double begun = cpu_ms();
    const auto bundle = must(evidence::make_bundle(database, order, log, key));
    const double made = cpu_ms();
    std::vector<double> verified, hashed;
    for (int round = 0; round < 5; ++round) {
        const double before = cpu_ms();
        const auto report = evidence::check_bundle(bundle.file, keys);
        if (!report.holds()) {
            std::fprintf(stderr, "bench-bundle: %s: %s\n", report.faults.front().member.c_str(), report.faults.front().reason.c_str());
            std::exit(1);
        }
        const double between = cpu_ms();
        (void)bundle.sha256();
        verified.push_back(between - before);
        hashed.push_back(cpu_ms() - between);
    }
    std::sort(verified.begin(), verified.end());
    std::sort(hashed.begin(), hashed.end());
    std::cout << write_json(Record{{"events", bundle.manifest.events},
                                   {"batch_size", batch_size},
                                   {"bytes", std::uint64_t{bundle.file.size()}},
                                   {"make_ms", made - begun},
                                   {"verify_ms", verified[verified.size() / 2]},
                                   {"sha256_ms", hashed[hashed.size() / 2]}})
              << '\n';
}

}  // namespace
}  // namespace sallyport::bench

int main(int argc, char** argv) {
    CLI::App app{"Makes and verifies an evidence bundle", "bench-bundle"};
    std::filesystem::path folder;
    int events = 10'000;
    std::vector<int> batch_sizes{1, 20, 300};
    app.add_option("FOLDER", folder, "For the stores; empty")->required();
    app.add_option("--events", events)->capture_default_str();
    app.add_option("--batch", batch_sizes, "Lines a batch")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    for (const int batch_size : batch_sizes)
        sallyport::bench::run(folder, events, batch_size);
    return 0;
}
