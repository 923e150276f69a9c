// SPDX-License-Identifier: Apache-2.0
//
// usage: quiet_queue STORE ORI RULES START_MS END_MS < actions.jsonl > alerts.jsonl
//
// Judges simulated days. STORE has the registers imported and the rules live; the actions are explained in
// simulation.hpp. One JSON object a line comes out for each alert and proposed incident, as often as it changed.
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "protocol/json.hpp"
#include "rules/engine/rule_files.hpp"
#include "tests/system/quiet_queue/simulation.hpp"

namespace sallyport::quiet_queue {
namespace {

constexpr JsonLimits kActionLimits{.bytes_max = 1024 * 1024, .depth_max = 8, .fields_max = 100'000};

int complain(const Error& error) {
    std::fprintf(stderr, "quiet_queue: %s\n", error.message().c_str());
    return EXIT_FAILURE;
}

Result<std::shared_ptr<const rules::RuleSet>> load_rules(const std::filesystem::path& folder) {
    auto sources = rules::read_sources({folder});
    if (!sources)
        return sources.error();
    return rules::load_rules(*sources);
}

WallTime time_of(const char* milliseconds) { return WallTime(std::chrono::milliseconds(std::strtoll(milliseconds, nullptr, 10))); }

std::int64_t number(WallTime time) { return time.time_since_epoch().count(); }

void tell_alert(const store::Alert& alert, WallTime now) {
    std::cout << write_json(Record{{"alert", alert.alert_id},
                                   {"now", number(now)},
                                   {"rule", alert.rule_id},
                                   {"title", alert.title},
                                   {"severity", alert.severity},
                                   {"lane", alert.lane},
                                   {"state", alert.state},
                                   {"mark", alert.mark},
                                   {"terminal", alert.terminal_id.value_or("")},
                                   {"site", alert.site_id.value_or("")},
                                   {"operator", alert.operator_ref.value_or("")},
                                   {"part_of", alert.part_of.value_or("")},
                                   {"occurrences", alert.occurrence_count},
                                   {"first_event_at", number(alert.first_event_at)},
                                   {"condition_at", number(alert.condition_at)},
                                   {"raised_at", number(alert.raised_at)},
                                   {"lag_ms", alert.received_lag_ms}})
              << '\n';
}

void tell_incident(const store::Incident& incident, WallTime now) {
    std::cout << write_json(Record{{"incident", incident.incident_id},
                                   {"now", number(now)},
                                   {"kind", incident.kind},
                                   {"severity", incident.severity},
                                   {"status", incident.status},
                                   {"alerts", incident.alert_ids.size()}})
              << '\n';
}

int run(char** arguments) {
    Settings settings;
    settings.store = arguments[1];
    settings.ori = arguments[2];
    settings.start = time_of(arguments[4]);
    auto rules = load_rules(arguments[3]);
    if (!rules)
        return complain(rules.error());
    auto simulation = Simulation::open(std::move(settings), std::move(*rules), tell_alert, tell_incident);
    if (!simulation)
        return complain(simulation.error());
    for (std::string line; std::getline(std::cin, line);) {
        auto action = read_json_record(line, kActionLimits);
        if (!action)
            return complain(action.error());
        if (auto done = (*simulation)->apply(*action); !done)
            return complain(done.error());
    }
    if (auto done = (*simulation)->finish(time_of(arguments[5])); !done)
        return complain(done.error());
    std::cout << write_json(Record{{"lines", (*simulation)->lines()},
                                   {"refused", (*simulation)->refused()},
                                   {"unreadable", (*simulation)->unreadable()}})
              << '\n';
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace sallyport::quiet_queue

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    if (argc != 6) {
        std::fprintf(stderr, "usage: quiet_queue STORE ORI RULES START_MS END_MS < actions.jsonl > alerts.jsonl\n");
        return 2;
    }
    return sallyport::quiet_queue::run(argv);
}
