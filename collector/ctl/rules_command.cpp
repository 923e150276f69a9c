// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/rules_command.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>

#include "collector/ctl/rule_lists.hpp"
#include "collector/ctl/rule_standings.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/engine.hpp"
#include "rules/engine/explanation.hpp"
#include "rules/engine/rule_files.hpp"
#include "rules/engine/scenario.hpp"

namespace sallyport::ctl {
namespace {

namespace fs = std::filesystem;
using Rules = std::shared_ptr<const rules::RuleSet>;

constexpr int kDone = 0, kCheckedWrong = 1, kCallWrong = 2, kEnvironmentFailed = 3;
constexpr JsonLimits kEventLimits{4 * 1024 * 1024, 16, 65'536, true};
const fs::path kInstalled = "/usr/share/sallyport/rules";

struct Options {
    explicit Options(Invocation& of) : invocation(of), lists(of) {}

    Invocation& invocation;
    mutable RuleLists lists;  // reads them when they are asked for
    std::vector<fs::path> rules;
    fs::path scenarios, events;
    std::string rule;
    bool json = false, states = false;
};

int fail(const Error& error) {
    std::cerr << "sallyportctl: " << error.message() << '\n';
    switch (error.code()) {
        case Errc::not_found: return kCallWrong;
        case Errc::bad_input:
        case Errc::conflict: return kCheckedWrong;
        default: return kEnvironmentFailed;
    }
}

int print_faults(const std::vector<rules::Fault>& faults) {
    for (const rules::Fault& fault : faults)
        std::cout << fault.text() << '\n';
    return kCheckedWrong;
}

// The rules beside the working directory, else the installed ones.
fs::path default_folder() {
    return fs::exists("rules/physical-protection") ? fs::path("rules") : kInstalled;
}

// Loads the rules and goes on with `use`, or says what is wrong with them.
template <class Use>
int with_rules(const Options& options, std::vector<fs::path> paths, const Use& use) {
    if (paths.empty()) paths = {default_folder() / "physical-protection"};
    auto sources = rules::read_sources(paths);
    if (!sources) return fail(sources.error());
    const auto lists = options.lists.source();
    if (!lists) return fail(lists.error());
    auto loaded = rules::RuleSet::load(*sources, *lists);
    if (const auto* faults = std::get_if<std::vector<rules::Fault>>(&loaded)) return print_faults(*faults);
    return use(std::get<Rules>(loaded));
}

int check(const Options& options) {
    return with_rules(options, options.rules, [](const Rules& loaded) {
        for (const rules::Fault& warning : loaded->warnings())
            std::cout << rules::Fault{warning.file, warning.line, warning.column,
                                      "warning: " + warning.message}
                             .text()
                      << '\n';
        std::cout << loaded->rules().size() << " rules understood, " << loaded->warnings().size()
                  << " warnings\n";
        return kDone;
    });
}

// Why the rule cannot speak yet; empty: it can.
std::string inactive_because(const rules::Rule& rule) {
    std::string reason;
    for (const std::string& type : rule.needs)
        reason += (reason.empty() ? "nothing sends " : ", ") + type;
    return reason;
}

int list(const Options& options) {
    return with_rules(options, options.rules, [&](const Rules& loaded) {
        if (options.states) {
            auto done = print_standings(options.invocation, *loaded, options.json);
            return done ? kDone : fail(done.error());
        }
        for (const rules::Rule& rule : loaded->rules()) {
            if (!rule.generates) continue;
            if (options.json)
                std::cout << write_json(Record{{"catalogue_id", rule.catalogue_id},
                                               {"rule", rule.key},
                                               {"name", rule.name},
                                               {"severity", rule.level},
                                               {"title", rule.title},
                                               {"inactive_because", inactive_because(rule)},
                                               {"file", rule.file},
                                               {"line", rule.line}})
                          << '\n';
            else
                std::cout << std::left << std::setw(9) << rule.catalogue_id << std::setw(14) << rule.level
                          << rule.title
                          << (rule.needs.empty() ? "" : " (inactive: " + inactive_because(rule) + ")")
                          << '\n';
        }
        return kDone;
    });
}

int test(const Options& options) {
    const fs::path path = options.scenarios.empty() ? default_folder() / "scenarios" : options.scenarios;
    const auto sources = rules::read_sources({path});
    if (!sources) return fail(sources.error());
    auto rule_paths = options.rules;
    if (rule_paths.empty()) {
        // The rules lie beside their scenarios.
        const fs::path folder = fs::is_directory(path) ? path : path.parent_path();
        rule_paths = {fs::absolute(folder).lexically_normal().parent_path() / "physical-protection"};
        if (!folder.has_filename())
            rule_paths = {fs::absolute(folder).lexically_normal().parent_path().parent_path() /
                          "physical-protection"};
    }
    return with_rules(options, rule_paths, [&](const Rules& loaded) {
        std::size_t failed = 0, run = 0;
        for (const rules::Source& source : *sources) {
            auto scenarios = rules::read_scenarios(source);
            if (const auto* faults = std::get_if<std::vector<rules::Fault>>(&scenarios)) {
                print_faults(*faults);
                ++failed;
                continue;
            }
            for (const rules::Scenario& scenario : std::get<0>(scenarios)) {
                ++run;
                const auto problems = rules::run_scenario(scenario, loaded);
                failed += problems.empty() ? 0 : 1;
                for (const std::string& problem : problems)
                    std::cout << scenario.file << ':' << scenario.line << ": " << scenario.catalogue_id
                              << ": " << scenario.name << ": " << problem << '\n';
            }
        }
        std::cout << run << " scenarios, " << failed << " failed\n";
        return failed == 0 ? kDone : kCheckedWrong;
    });
}

// --- rules run
// ----------------------------------------------------------------------------------------------------

// A line of events: the engine's input, and what the line calls itself.
struct EventLine {
    rules::InputEvent event;
    std::optional<Value> id;
};

std::vector<std::string> texts_of(const Record& record, std::string_view name) {
    std::vector<std::string> texts;
    const Value* value = record.find(name);
    if (value == nullptr) return texts;
    if (const auto* text = value->as<std::string>()) texts.push_back(*text);
    if (const auto* items = value->as<List>())
        for (const Value& item : *items)
            if (const auto* text = item.as<std::string>()) texts.push_back(*text);
    return texts;
}

std::optional<WallTime> unix_time(const Value& value) {
    if (const auto* seconds = value.as<std::int64_t>())
        return WallTime(std::chrono::milliseconds(*seconds * 1000));
    if (const auto* seconds = value.as<double>())
        return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000)));
    return std::nullopt;
}

// One of our own event lines: envelope and body side by side, as rules see them.
void flatten(Record& fields) {
    const Value* body = fields.find("body");
    if (text_of(fields, "schema") != kEventSchema || body == nullptr || body->as<Record>() == nullptr) return;
    const Record inner = *body->as<Record>();
    for (const auto& [name, value] : inner)
        if (!fields.contains(name)) fields.set(name, value);
    if (const auto terminal = text_of(inner, "terminal"); !terminal.empty())
        fields.set("terminal_id", terminal);
}

WallTime own_time(const Record& fields) {
    for (const std::string_view name : {"occurred_at", "observed_at"})
        if (const auto time = parse_time(text_of(fields, name))) return *time;
    return WallTime{};
}

Result<EventLine> read_line(std::string_view line) {
    auto record = read_json_record(line, kEventLimits);
    if (!record) return record.error();
    EventLine read;
    const Value* inner = record->find("event");
    if (inner == nullptr || inner->as<Record>() == nullptr) {  // a plain event
        read.event.fields = std::move(*record);
        flatten(read.event.fields);
        read.event.time = own_time(read.event.fields);
        return read;
    }
    read.event.fields = *inner->as<Record>();
    flatten(read.event.fields);
    read.event.time = own_time(read.event.fields);
    if (const Value* id = record->find("id")) read.id = *id;
    if (const Value* time = record->find("t")) {
        const auto at = unix_time(*time);
        if (!at) return Error(Errc::bad_input, "'t' must be seconds");
        read.event.time = *at;
    }
    if (const Value* source = record->find("logsource");
        source != nullptr && source->as<Record>() != nullptr) {
        const Record& parts = *source->as<Record>();
        read.event.logsource = rules::Logsource{std::string(text_of(parts, "product")),
                                                texts_of(parts, "category"), texts_of(parts, "service")};
    }
    return read;
}

std::string_view kind_text(rules::FindingKind kind) {
    constexpr std::string_view kKinds[] = {"detection", "correlation", "absence"};
    return kKinds[static_cast<std::size_t>(kind)];
}

void print_finding(const rules::Finding& finding, std::int64_t line, const std::optional<Value>& id) {
    List group;
    for (const auto& [field, value] : finding.group)
        group.emplace_back(List{field, value});
    Record printed{{"line", line}};
    printed.set("id", id.value_or(Value(nullptr)));
    printed.set("rule", finding.rule)
        .set("kind", kind_text(finding.kind))
        .set("group", std::move(group))
        .set("value", finding.value);
    printed.set("at", static_cast<double>(finding.at.time_since_epoch().count()) / 1000.0);
    if (finding.phase == rules::FindingPhase::cleared) printed.set("phase", "cleared");
    if (finding.phase == rules::FindingPhase::withdrawn) printed.set("phase", "withdrawn");
    std::cout << write_json(printed) << '\n';
}

int run(const Options& options) {
    return with_rules(options, options.rules, [&](const Rules& loaded) {
        std::ifstream file(options.events, std::ios::binary);
        if (!file.is_open())
            return fail(Error(Errc::not_found, options.events.string() + ": cannot be read"));
        const auto engine = rules::Engine::create(loaded, nullptr);
        std::vector<rules::Finding> findings;
        std::int64_t number = 0, wrong = 0;
        WallTime newest = WallTime::min();
        for (std::string text; std::getline(file, text);) {
            ++number;
            if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
            auto line = read_line(text);
            if (!line) {
                std::cerr << options.events.string() << ':' << number << ": " << line.error().message()
                          << '\n';
                ++wrong;
                continue;
            }
            line->event.reference = number;
            newest = std::max(newest, line->event.time);
            findings.clear();
            engine->process(line->event, findings);
            for (const rules::Finding& finding : findings)
                print_finding(finding, number, line->id);
        }
        findings.clear();
        engine->advance(newest, findings);
        for (const rules::Finding& finding : findings)
            print_finding(finding, number, std::nullopt);
        return wrong == 0 ? kDone : kCheckedWrong;
    });
}

// --- rules explain
// ------------------------------------------------------------------------------------------------

int explain(const Options& options) {
    auto paths = options.rules;
    if (paths.empty()) paths = {default_folder() / "physical-protection"};
    const auto sources = rules::read_sources(paths);
    if (!sources) return fail(sources.error());
    if (const int wrong = with_rules(options, paths, [](const Rules&) { return kDone; }); wrong != kDone)
        return wrong;
    const auto lists = options.lists.source();
    if (!lists) return fail(lists.error());
    std::ifstream file(options.events, std::ios::binary);
    std::string text;
    if (!std::getline(file, text))
        return fail(Error(Errc::not_found, options.events.string() + ": there is no event to be read"));
    const auto line = read_line(text);
    if (!line) {
        std::cerr << options.events.string() << ":1: " << line.error().message() << '\n';
        return kCheckedWrong;
    }
    const auto explained =
        rules::explain(*sources, options.rule, line->event.fields, line->event.logsource, *lists);
    if (const auto* message = std::get_if<std::string>(&explained))
        return fail(Error(Errc::not_found, *message));
    for (const rules::Explanation& explanation : std::get<0>(explained))
        std::cout << explanation.text();
    return kDone;
}

}  // namespace

void add_rules_command(CLI::App& group, Invocation& invocation) {
    auto options = std::make_shared<Options>(invocation);
    const auto add = [&](const std::string& name, const std::string& what, int (*work)(const Options&)) {
        CLI::App* command = group.add_subcommand(name, what);
        options->lists.add_option(*command);
        command->callback([options, work, &invocation] {
            invocation.end_with(static_cast<ExitCode>(work(*options)));
        });
        return command;
    };
    add("check", "Say what is wrong with rules, with file, line and column", check)
        ->add_option("paths", options->rules, "Files or folders of rules")
        ->required();
    CLI::App* tests = add("test", "Run the scenarios of rules", test);
    tests->add_option("path", options->scenarios, "A file or folder of scenarios");
    tests->add_option("--rules", options->rules,
                      "The rules (default: physical-protection beside the scenarios)");
    CLI::App* offline = add("run", "Judge a file of events, a finding a line", run);
    offline->add_option("--rules", options->rules, "Files or folders of rules")->required();
    offline->add_option("--events", options->events, "A file with one JSON event a line")->required();
    CLI::App* why = add("explain", "Say why a rule matches an event or not, field by field", explain);
    why->add_option("rule", options->rule, "Its id, name, title or catalogue id")->required();
    why->add_option("event", options->events, "A file whose first line is the event")->required();
    why->add_option("--rules", options->rules, "Files or folders of rules");
    CLI::App* listing = add("list", "List the rules that raise findings", list);
    listing->add_option("paths", options->rules, "Files or folders of rules");
    listing->add_flag("--states", options->states, "How each stands at the store's sites and for the agency, what it lacks and how often it speaks");
    listing->add_flag("--json", options->json, "One JSON object a line");
}

}  // namespace sallyport::ctl
