// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/rehearse_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>

#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/event_fields.hpp"
#include "collector/ctl/history_replay.hpp"
#include "collector/ctl/rule_lists.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/explanation.hpp"
#include "rules/engine/rule_files.hpp"
#include "rules/engine/yaml_document.hpp"

namespace sallyport::ctl {
namespace {

namespace fs = std::filesystem;
using Rules = std::shared_ptr<const rules::RuleSet>;
using Sources = std::vector<rules::Source>;

struct Options {
    explicit Options(Invocation& invocation) : lists(invocation) {}

    RuleLists lists;
    std::string rule, since, until;
    std::vector<fs::path> rules;
    bool json = false;
};

// --- which rules
// ---------------------------------------------------------------------------------------------------------

// What the documents call themselves: ids, else names, else titles, and the rules of the catalogue.
std::set<std::string> names_in(const rules::Source& source) {
    std::set<std::string> names;
    std::vector<rules::Fault> faults;  // loading tells of them
    for (const rules::YamlNode& document : rules::parse_yaml(source, faults)) {
        if (!document.is_map()) continue;
        const auto text_at = [](const rules::YamlNode& node, std::string_view key) {
            const rules::YamlEntry* entry = node.find(key);
            return entry != nullptr && entry->value.is_scalar() ? entry->value.text : std::string();
        };
        for (const std::string_view key : {"id", "name", "title"}) {
            std::string name = text_at(document, key);
            if (name.empty()) continue;
            names.insert(std::move(name));
            break;
        }
        const rules::YamlEntry* block = document.find("sallyport");
        if (block == nullptr || !block->value.is_map()) continue;
        if (std::string catalogue = text_at(block->value, "catalogue"); !catalogue.empty())
            names.insert(std::move(catalogue));
    }
    return names;
}

// The proposed file stands in place of the files that hold the same rules.
Sources with_proposed(Sources in_force, const rules::Source& proposed) {
    const auto names = names_in(proposed);
    std::erase_if(in_force, [&](const rules::Source& source) {
        const auto others = names_in(source);
        return std::any_of(others.begin(), others.end(), [&](const auto& name) { return names.contains(name); });
    });
    in_force.push_back(proposed);
    return in_force;
}

struct Cast {
    Sources proposed_sources;
    rules::PlaceholderSource lists;
    Rules proposed, in_force;     // the latter only where a file is proposed
    std::set<std::string> ids;    // of the rules that are rehearsed
    std::vector<std::string> inactive;
};

Result<Cast> cast_of(Invocation& invocation, Options& options) {
    auto paths = options.rules;
    if (paths.empty()) {
        auto folder = invocation.rules_folder();
        if (!folder) return folder.error();
        paths = {*folder};
    }
    auto sources = rules::read_sources(paths);
    if (!sources) return sources.error();
    auto lists = options.lists.source();
    if (!lists) return lists.error();
    Cast cast;
    cast.lists = std::move(*lists);
    std::string file;
    if (std::error_code ignored; fs::is_regular_file(options.rule, ignored)) {
        auto proposed = rules::read_sources({options.rule});
        if (!proposed) return proposed.error();
        auto in_force = rules::load_rules(*sources, cast.lists);
        if (!in_force) return in_force.error();
        cast.in_force = std::move(*in_force);
        file = proposed->front().file;
        cast.proposed_sources = with_proposed(std::move(*sources), proposed->front());
    } else {
        cast.proposed_sources = std::move(*sources);
    }
    auto loaded = rules::load_rules(cast.proposed_sources, cast.lists);
    if (!loaded) return loaded.error();
    cast.proposed = std::move(*loaded);
    for (const rules::Rule& rule : cast.proposed->rules()) {
        const bool meant = file.empty() ? options.rule == rule.key || options.rule == rule.name ||
                                              options.rule == rule.catalogue_id
                                        : rule.file == file;
        if (!meant || !rule.generates) continue;
        cast.ids.insert(alerts::rule_id_of(rule));
        if (rule.is_inactive()) cast.inactive.push_back(rule.key);
    }
    if (cast.ids.empty()) return Error(Errc::not_found, "there is no file or rule '" + options.rule + "' that raises alerts");
    return cast;
}

// --- what came of it
// ---------------------------------------------------------------------------------------------------------

struct Tally {
    std::size_t alerts = 0, queue_items = 0, pages = 0;
    std::map<std::string, std::size_t> by_terminal;
};

Tally tally_of(const std::vector<store::Alert>& alerts, const std::set<std::string>& ids) {
    Tally tally;
    for (const store::Alert& alert : alerts) {
        if (!ids.contains(alert.rule_id)) continue;
        ++tally.alerts;
        tally.queue_items += alerts::Rehearsal::is_queue_item(alert) ? 1 : 0;
        tally.pages += alerts::Rehearsal::is_page(alert) ? 1 : 0;
        ++tally.by_terminal[alert.terminal_id.value_or("(none)")];
    }
    return tally;
}

std::string rounded(double number) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << number;
    return text.str();
}

Record record_of(const Tally& tally, double days) {
    Record terminals;
    for (const auto& [terminal, count] : tally.by_terminal)
        terminals.append(terminal, static_cast<std::int64_t>(count));
    return {{"alerts", static_cast<std::int64_t>(tally.alerts)},
            {"queue_items", static_cast<std::int64_t>(tally.queue_items)},
            {"queue_items_a_day", static_cast<double>(tally.queue_items) / days},
            {"pages", static_cast<std::int64_t>(tally.pages)},
            {"pages_a_week", static_cast<double>(tally.pages) * 7 / days},
            {"terminals", std::move(terminals)}};
}

std::string line_of(const std::string& who, const Record& tally) {
    const auto text_at = [&](std::string_view name) {
        const Value* value = tally.find(name);
        if (const auto* number = value->as<double>()) return rounded(*number);
        return std::to_string(*value->as<std::int64_t>());
    };
    return who + ": " + text_at("alerts") + " alerts, " + text_at("queue_items_a_day") + " queue items a day, " +
           text_at("pages_a_week") + " pages a week\n";
}

struct Report {
    Span span;
    alerts::Rehearsal proposed;
    std::optional<alerts::Rehearsal> in_force;
    std::vector<store::Alert> recorded;  // of the rehearsed rules, as the store has them
};

std::string explained(const Cast& cast, const alerts::Rehearsal::Example& example) {
    const auto why = rules::explain(cast.proposed_sources, example.rule, example.fields,
                                    alerts::logsource_of(text_of(example.fields, "type")), cast.lists);
    if (const auto* sentence = std::get_if<std::string>(&why)) return *sentence + "\n";
    std::string text;
    for (const rules::Explanation& explanation : std::get<0>(why))
        text += explanation.text();
    return text;
}

Record record_of(const Report& report, const Cast& cast) {
    const double days = report.span.days();
    List ids, examples;
    for (const std::string& id : cast.ids)
        ids.emplace_back(id);
    for (const auto& example : report.proposed.examples)
        examples.emplace_back(Record{{"alert_id", example.alert.alert_id},
                                     {"terminal_id", example.alert.terminal_id.value_or("")},
                                     {"severity", example.alert.severity},
                                     {"condition_at", format_time(example.alert.condition_at)},
                                     {"summary", example.alert.summary},
                                     {"why", explained(cast, example)}});
    Record record{{"rules", std::move(ids)},
                  {"since", format_time(report.span.since)},
                  {"until", format_time(report.span.until)},
                  {"events", static_cast<std::int64_t>(report.proposed.events)},
                  {"not_judged", static_cast<std::int64_t>(report.proposed.not_judged)},
                  {"proposed", record_of(tally_of(report.proposed.alerts, cast.ids), days)}};
    if (report.in_force) {
        record.set("in_force", record_of(tally_of(report.in_force->alerts, cast.ids), days));
        // Of all rules: a larger alert takes others off the queue.
        record.set("gained", static_cast<std::int64_t>(missing_of(report.proposed.alerts, report.in_force->alerts).size()));
        record.set("lost", static_cast<std::int64_t>(missing_of(report.in_force->alerts, report.proposed.alerts).size()));
    }
    record.set("recorded", record_of(tally_of(report.recorded, cast.ids), days));
    record.set("load", Record{{"rules_ms", static_cast<std::int64_t>(report.proposed.judging.count())},
                              {"groups", static_cast<std::int64_t>(report.proposed.most.groups)},
                              {"matches", static_cast<std::int64_t>(report.proposed.most.matches)},
                              {"timers", static_cast<std::int64_t>(report.proposed.most.timers)}});
    if (report.in_force)
        record.set("load_in_force_ms", static_cast<std::int64_t>(report.in_force->judging.count()));
    record.set("examples", std::move(examples));
    return record;
}

const Record& part_of(const Record& record, std::string_view name) { return *record.find(name)->as<Record>(); }

void print(const Report& report, const Cast& cast) {
    const Record record = record_of(report, cast);
    std::cout << format_time(report.span.since) << " to " << format_time(report.span.until) << ", " << report.proposed.events
              << " events judged again, " << report.proposed.not_judged << " of them withheld or not understood\n";
    for (const std::string& rule : cast.inactive)
        std::cout << rule << " is inactive: what it needs is not sent yet, it raises nothing\n";
    std::cout << line_of("proposed", part_of(record, "proposed"));
    if (report.in_force) {
        std::cout << line_of("in force", part_of(record, "in_force"));
        std::cout << "of all rules: " << *record.find("gained")->as<std::int64_t>() << " alerts gained, "
                  << *record.find("lost")->as<std::int64_t>() << " lost\n";
    }
    std::cout << line_of("recorded", part_of(record, "recorded"));
    for (const auto& [terminal, count] : tally_of(report.proposed.alerts, cast.ids).by_terminal)
        std::cout << "  " << std::left << std::setw(16) << terminal << count << '\n';
    std::cout << "load: " << report.proposed.judging.count() << " ms for all rules";
    if (report.in_force) std::cout << " (in force " << report.in_force->judging.count() << " ms)";
    std::cout << "; at most " << report.proposed.most.groups << " groups, " << report.proposed.most.matches
              << " matches and " << report.proposed.most.timers << " timers at once\n";
    for (const auto& example : report.proposed.examples)
        std::cout << "\n" << format_time(example.alert.condition_at) << ' ' << example.alert.severity << ' '
                  << example.alert.summary << '\n'
                  << explained(cast, example);
}

// --- the command
// ---------------------------------------------------------------------------------------------------------

Result<std::vector<store::Alert>> recorded_by(Invocation& invocation, const Cast& cast, const Report& report) {
    auto database = invocation.open_store_for_reading();
    if (!database) return database.error();
    std::vector<store::Alert> recorded;
    for (const std::string& id : cast.ids) {
        auto alerts = store::alerts_of_rule(*database, id, report.span.since, report.span.until);
        if (!alerts) return alerts.error();
        recorded.insert(recorded.end(), alerts->begin(), alerts->end());
    }
    return recorded;
}

Result<void> rehearse(Invocation& invocation, const Clock& clock, Options& options) {
    const auto span = span_of(invocation, options.since, options.until);
    if (!span) return span.error();
    auto cast = cast_of(invocation, options);
    if (!cast) return cast.error();
    Report report;
    report.span = *span;
    auto proposed = replay(invocation, clock, {cast->proposed, cast->ids, span->since, span->until});
    if (!proposed) return proposed.error();
    report.proposed = std::move(*proposed);
    if (cast->in_force) {
        auto in_force = replay(invocation, clock, {cast->in_force, cast->ids, span->since, span->until});
        if (!in_force) return in_force.error();
        report.in_force = std::move(*in_force);
    }
    auto recorded = recorded_by(invocation, *cast, report);
    if (!recorded) return recorded.error();
    report.recorded = std::move(*recorded);
    if (options.json)
        std::cout << write_json(record_of(report, *cast)) << '\n';
    else
        print(report, *cast);
    return {};
}

}  // namespace

void add_rehearse_command(CLI::App& rules, Invocation& invocation, const Clock& clock) {
    auto options = std::make_shared<Options>(invocation);
    auto* command = rules.add_subcommand("rehearse", "Says what a rule would have raised over the stored history");
    command->add_option("RULE", options->rule, "A file that is proposed, or a rule in force: its id, name or catalogue id")
        ->required();
    command->add_option("--since", options->since, "90d, 2026-11-23T22:00:00.00Z, or '2026-11-23 14:00' by the county's clock")
        ->required();
    command->add_option("--until", options->until, "Likewise (default: now)");
    command->add_option("--rules", options->rules, "The rules in force, instead of the configuration's");
    options->lists.add_option(*command);
    command->add_flag("--json", options->json, "One JSON object");
    command->callback([options, &invocation, &clock] { invocation.run([&] { return rehearse(invocation, clock, *options); }); });
}

}  // namespace sallyport::ctl
