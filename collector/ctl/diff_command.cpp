// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/diff_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "collector/alerts/alert_identity.hpp"
#include "collector/ctl/history_replay.hpp"
#include "collector/ctl/rule_lists.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/rule_diff.hpp"
#include "rules/engine/rule_files.hpp"

namespace sallyport::ctl {
namespace {

namespace fs = std::filesystem;
using Rules = std::shared_ptr<const rules::RuleSet>;
using rules::RuleChange;

struct Options {
    explicit Options(Invocation& invocation) : lists(invocation) {}

    RuleLists lists;
    fs::path before, after;
    std::string since, until;
    bool json = false;
};

struct Side {
    std::vector<rules::Source> sources;
    Rules rules;
};

Result<Side> side_of(const fs::path& path, const rules::PlaceholderSource& lists) {
    auto sources = rules::read_sources({path});
    if (!sources) return sources.error();
    auto loaded = rules::load_rules(*sources, lists);
    if (!loaded) return loaded.error();
    return Side{std::move(*sources), std::move(*loaded)};
}

// --- what they say otherwise
// ---------------------------------------------------------------------------------------------------------

std::string_view word_of(RuleChange::Kind kind) {
    constexpr std::string_view kWords[] = {"added", "removed", "changed"};
    return kWords[static_cast<std::size_t>(kind)];
}

void print(const RuleChange& change) {
    std::cout << std::left << std::setw(9) << word_of(change.kind) << (change.is_filter ? "filter " : "")
              << (change.catalogue_id.empty() ? "" : change.catalogue_id + " ") << change.title << " (" << change.file << ':'
              << change.line << ")\n";
    for (const rules::RuleDifference& difference : change.differences)
        std::cout << "  " << difference.text() << '\n';
}

Record record_of(const RuleChange& change) {
    List differences;
    for (const rules::RuleDifference& difference : change.differences)
        differences.emplace_back(
            Record{{"what", difference.what}, {"before", difference.before}, {"after", difference.after}});
    return {{"change", word_of(change.kind)},
            {"rule", change.key},
            {"catalogue_id", change.catalogue_id},
            {"title", change.title},
            {"filter", change.is_filter},
            {"file", change.file},
            {"line", change.line},
            {"differences", std::move(differences)}};
}

// --- what they raise otherwise
// ---------------------------------------------------------------------------------------------------------

struct Count {
    std::int64_t before = 0, after = 0, gained = 0, lost = 0;

    [[nodiscard]] bool differs() const { return gained > 0 || lost > 0; }
};

struct RuleCount {
    Count all;
    std::map<std::string, Count> by_terminal;
};

struct History {
    Span span;
    std::uint64_t events = 0;
    std::map<std::string, RuleCount> by_rule;  // by catalogue id, of all rules that raised something
};

void count(History& history, const std::vector<const store::Alert*>& alerts, std::int64_t Count::*what) {
    for (const store::Alert* alert : alerts) {
        RuleCount& rule = history.by_rule[alert->rule_id];
        ++(rule.all.*what);
        ++(rule.by_terminal[alert->terminal_id.value_or("(none)")].*what);
    }
}

// The rules whose alerts may be others: judged as if live everywhere, so that a site in observe hides nothing.
std::set<std::string> concerned(const Side& before, const Side& after, const std::vector<RuleChange>& changes) {
    std::set<std::string> ids;
    for (const RuleChange& change : changes)
        for (const Side* side : {&before, &after})
            if (const rules::Rule* rule = side->rules->find(change.key); rule != nullptr && rule->generates)
                ids.insert(alerts::rule_id_of(*rule));
    return ids;
}

Result<History> judge(Invocation& invocation, const Clock& clock, const Options& options, const Side& before,
                      const Side& after, const std::vector<RuleChange>& changes) {
    const auto span = span_of(invocation, options.since, options.until);
    if (!span) return span.error();
    const auto ids = concerned(before, after, changes);
    auto old_alerts = replay(invocation, clock, {before.rules, ids, span->since, span->until, 0});
    if (!old_alerts) return old_alerts.error();
    auto new_alerts = replay(invocation, clock, {after.rules, ids, span->since, span->until, 0});
    if (!new_alerts) return new_alerts.error();
    History history{*span, new_alerts->events, {}};
    count(history, missing_of(old_alerts->alerts, {}), &Count::before);
    count(history, missing_of(new_alerts->alerts, {}), &Count::after);
    count(history, missing_of(new_alerts->alerts, old_alerts->alerts), &Count::gained);
    count(history, missing_of(old_alerts->alerts, new_alerts->alerts), &Count::lost);
    return history;
}

std::string a_day(std::int64_t number, double days) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(2) << static_cast<double>(number) / days;
    return text.str();
}

void print(const History& history) {
    std::cout << '\n' << format_time(history.span.since) << " to " << format_time(history.span.until) << ", " << history.events
              << " events judged by both\n";
    std::int64_t gained = 0, lost = 0;
    const double days = history.span.days();
    for (const auto& [rule, counts] : history.by_rule) {
        gained += counts.all.gained;
        lost += counts.all.lost;
        if (!counts.all.differs()) continue;
        std::cout << std::left << std::setw(9) << rule << counts.all.gained << " gained, " << counts.all.lost << " lost: "
                  << counts.all.after << " alerts, were " << counts.all.before << '\n';
        for (const auto& [terminal, at] : counts.by_terminal)
            if (at.differs())
                std::cout << "  " << std::left << std::setw(16) << terminal << at.gained << " gained, " << at.lost << " lost: "
                          << a_day(at.after, days) << " a day, were " << a_day(at.before, days) << '\n';
    }
    std::cout << "of all rules: " << gained << " alerts gained, " << lost << " lost\n";
}

Record record_of(const Count& count, double days) {
    return {{"before", count.before},
            {"after", count.after},
            {"gained", count.gained},
            {"lost", count.lost},
            {"before_a_day", static_cast<double>(count.before) / days},
            {"after_a_day", static_cast<double>(count.after) / days}};
}

Record record_of(const History& history) {
    List rules;
    const double days = history.span.days();
    for (const auto& [rule, counts] : history.by_rule) {
        if (!counts.all.differs()) continue;
        Record record{{"catalogue_id", rule}};
        for (const auto& [name, value] : record_of(counts.all, days))
            record.set(name, value);
        Record terminals;
        for (const auto& [terminal, at] : counts.by_terminal)
            if (at.differs()) terminals.append(terminal, record_of(at, days));
        rules.emplace_back(record.set("terminals", std::move(terminals)));
    }
    return {{"since", format_time(history.span.since)},
            {"until", format_time(history.span.until)},
            {"events", static_cast<std::int64_t>(history.events)},
            {"rules", std::move(rules)}};
}

// --- the command
// ---------------------------------------------------------------------------------------------------------

void print(const std::vector<RuleChange>& changes, const std::optional<History>& history) {
    for (const RuleChange& change : changes)
        print(change);
    const auto number = [&](RuleChange::Kind kind) {
        return std::count_if(changes.begin(), changes.end(), [&](const RuleChange& change) { return change.kind == kind; });
    };
    std::cout << number(RuleChange::Kind::added) << " added, " << number(RuleChange::Kind::removed) << " removed, "
              << number(RuleChange::Kind::changed) << " changed\n";
    if (history) print(*history);
}

void print_json(const std::vector<RuleChange>& changes, const std::optional<History>& history) {
    List list;
    for (const RuleChange& change : changes)
        list.emplace_back(record_of(change));
    Record record{{"changes", std::move(list)}};
    if (history) record.set("history", record_of(*history));
    std::cout << write_json(record) << '\n';
}

Result<void> diff(Invocation& invocation, const Clock& clock, Options& options) {
    auto lists = options.lists.source();
    if (!lists) return lists.error();
    auto before = side_of(options.before, *lists);
    if (!before) return before.error();
    auto after = side_of(options.after, *lists);
    if (!after) return after.error();
    const auto changes = rules::diff_rules({before->sources, *before->rules}, {after->sources, *after->rules});
    std::optional<History> history;
    if (!options.since.empty()) {
        auto judged = judge(invocation, clock, options, *before, *after, changes);
        if (!judged) return judged.error();
        history = std::move(*judged);
    }
    if (options.json)
        print_json(changes, history);
    else
        print(changes, history);
    return {};
}

}  // namespace

void add_diff_command(CLI::App& rules, Invocation& invocation, const Clock& clock) {
    auto options = std::make_shared<Options>(invocation);
    auto* command = rules.add_subcommand("diff", "Says in words what two sets of rules say, and would have raised, otherwise");
    command->add_option("A", options->before, "A file or folder of rules: what was")->required();
    command->add_option("B", options->after, "Likewise: what is to be")->required();
    auto* since = command->add_option("--since", options->since,
                                      "Judge the stored history from then on by both: 90d, a UTC time, or the county's clock");
    command->add_option("--until", options->until, "Likewise (default: now)")->needs(since);
    options->lists.add_option(*command);
    command->add_flag("--json", options->json, "One JSON object");
    command->callback([options, &invocation, &clock] { invocation.run([&] { return diff(invocation, clock, *options); }); });
}

}  // namespace sallyport::ctl
