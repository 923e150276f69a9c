// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/alert_command.hpp"

#include <CLI/CLI.hpp>

#include "collector/ctl/output.hpp"
#include "collector/store/records.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::string id, lane;
    std::size_t limit = 100;
    bool json = false;

    [[nodiscard]] Format format() const { return json ? Format::json : Format::table; }
};

// With what the console does not show: by which key repeats join it, and the events beneath.
Record describe(const store::Alert& alert) {
    Record record = store::to_record(alert);
    return record.set("dedupe_key", alert.dedupe_key)
        .set("evidence", List(alert.evidence.begin(), alert.evidence.end()));
}

Record describe(const store::Incident& incident) { return store::to_record(incident); }

template <class Item>
void print_all(const Result<std::vector<Item>>& found, const std::vector<std::string>& header, Format format) {
    std::vector<Record> items;
    for (const Item& item : *found)
        items.push_back(describe(item));
    print_items(header, items, format);
}

Result<void> list_alerts(Database& database, const Options& options) {
    store::AlertFilter filter;
    filter.limit = options.limit;
    if (!options.lane.empty())
        filter.lane = options.lane;
    auto found = store::list_alerts(database, filter);
    if (!found)
        return found.error();
    print_all(found, {"raised_at", "severity", "rule_id", "terminal_id", "lane", "state", "summary", "alert_id"},
              options.format());
    return {};
}

Result<void> list_incidents(Database& database, const Options& options) {
    store::IncidentFilter filter;
    filter.limit = options.limit;
    auto found = store::list_incidents(database, filter);
    if (!found)
        return found.error();
    print_all(found, {"number", "discovered_at", "severity", "status", "kind", "summary", "incident_id"}, options.format());
    return {};
}

template <class Item>
Result<void> show(const Result<std::optional<Item>>& found, const std::string& what, Format format) {
    if (!found)
        return found.error();
    if (!*found)
        return Error(Errc::not_found, "there is no " + what);
    print_item(describe(**found), format);
    return {};
}

using Work = std::function<Result<void>(Database&, const Options&)>;

void add_group(CLI::App& app, Invocation& invocation, const std::string& name, const Work& list, const Work& one) {
    auto* group = app.add_subcommand(name, "What the rules raised, as it stands: " + name)->require_subcommand(1);
    auto options = std::make_shared<Options>();

    auto* all = group->add_subcommand("list", "The newest first");
    all->add_option("--limit", options->limit, "At most so many")->check(CLI::Range(1, 10000))->capture_default_str();
    if (name == "alerts")
        all->add_option("--lane", options->lane, "Only this lane")->check(CLI::IsMember({"queue", "digest", "observe"}));
    all->add_flag("--json", options->json, "As JSON, with every field");
    all->callback([options, list, &invocation] {
        invocation.read_store([&](Database& database) { return list(database, *options); });
    });

    auto* single = group->add_subcommand("show", "One of them, with every field");
    single->add_option("ID", options->id, "Its id")->required();
    single->add_flag("--json", options->json, "As JSON");
    single->callback([options, one, &invocation] {
        invocation.read_store([&](Database& database) { return one(database, *options); });
    });
}

}  // namespace

void add_alert_commands(CLI::App& app, Invocation& invocation) {
    add_group(app, invocation, "alerts", list_alerts, [](Database& database, const Options& options) {
        return show(store::find_alert(database, options.id), "alert " + options.id, options.format());
    });
    add_group(app, invocation, "incidents", list_incidents, [](Database& database, const Options& options) {
        return show(store::find_incident(database, options.id), "incident " + options.id, options.format());
    });
}

}  // namespace sallyport::ctl
