// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/hold_command.hpp"

#include <CLI/CLI.hpp>

#include "collector/ctl/output.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/legal_hold.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::string kind, subject, from, to, reason;
    std::int64_t hold_id = 0;
    bool all = false, json = false;

    [[nodiscard]] Format format() const { return json ? Format::json : Format::table; }
};

Value time_or_null(const std::optional<WallTime>& time) { return time ? Value(format_time(*time)) : Value(); }

Record describe(const store::LegalHold& hold) {
    return {{"hold_id", hold.hold_id},
            {"kind", hold.kind},
            {"subject", hold.subject},
            {"from", time_or_null(hold.from)},
            {"to", time_or_null(hold.to)},
            {"placed_by", hold.placed_by},
            {"placed_at", format_time(hold.placed_at)},
            {"reason", hold.reason},
            {"lifted_by", hold.lifted_by ? Value(*hold.lifted_by) : Value()},
            {"lifted_at", time_or_null(hold.lifted_at)},
            {"lift_reason", hold.lift_reason ? Value(*hold.lift_reason) : Value()}};
}

Result<void> log(Invocation& invocation, Database& database, const char* action, const store::LegalHold& hold) {
    store::AuditEntry entry;
    entry.actor = invocation.actor();
    entry.actor_role = "administrator";
    entry.action = action;
    entry.object_type = "legal_hold";
    entry.object_id = std::to_string(hold.hold_id);
    entry.detail = write_json(describe(hold));
    return store::append_audit(database, entry, invocation.now());
}

Result<std::optional<WallTime>> read_time(const std::string& text, std::string_view option) {
    if (text.empty())
        return std::optional<WallTime>();
    const auto time = parse_time(text);
    return time ? Result<std::optional<WallTime>>(*time)
                : Result<std::optional<WallTime>>(
                      Error(Errc::bad_input, std::string(option) + ": '" + text + "' is no time like 2026-11-23T18:00:00.000Z"));
}

Result<void> place(Invocation& invocation, Database& database, const Options& options) {
    auto from = read_time(options.from, "--from");
    auto to = read_time(options.to, "--to");
    if (!from || !to)
        return (from ? to : from).error();
    store::LegalHold hold;
    hold.kind = options.kind;
    hold.subject = options.subject;
    hold.from = *from;
    hold.to = *to;
    hold.reason = options.reason;
    hold.placed_by = invocation.actor();
    hold.placed_at = invocation.now();
    auto placed = store::place_hold(database, std::move(hold));
    if (!placed)
        return placed.error();
    print_item(describe(*placed), options.format());
    return log(invocation, database, "hold.place", *placed);
}

Result<void> lift(Invocation& invocation, Database& database, const Options& options) {
    auto lifted = store::lift_hold(database, options.hold_id, invocation.actor(), options.reason, invocation.now());
    if (!lifted)
        return lifted.error();
    print_item(describe(*lifted), options.format());
    return log(invocation, database, "hold.lift", *lifted);
}

Result<void> list(Database& database, const Options& options) {
    auto holds = store::list_holds(database, options.all);
    if (!holds)
        return holds.error();
    std::vector<Record> items;
    for (const store::LegalHold& hold : *holds)
        items.push_back(describe(hold));
    print_items({"hold_id", "kind", "subject", "from", "to", "placed_by", "placed_at", "reason", "lifted_by", "lifted_at"}, items,
                options.format());
    return {};
}

}  // namespace

void add_hold_commands(CLI::App& app, Invocation& invocation) {
    auto* holds = app.add_subcommand("hold", "Legal holds: what is not deleted, whatever its age")->require_subcommand(1);
    auto options = std::make_shared<Options>();

    auto* place_command = holds->add_subcommand("place", "Holds an incident, a terminal, a person's or everything of a span");
    place_command->require_subcommand(1);
    for (const std::string kind : {"incident", "terminal", "operator", "span"}) {
        auto* command = place_command->add_subcommand(kind, kind == "span" ? "Everything that happened in it"
                                                                           : "Everything about this " + kind);
        if (kind != "span")
            command->add_option("ID", options->subject, "The " + kind)->required();
        if (kind != "incident") {
            command->add_option("--from", options->from, "Not what happened before, UTC")->required(kind == "span");
            command->add_option("--to", options->to, "Not what happened after, UTC")->required(kind == "span");
        }
        command->add_option("--reason", options->reason, "Why, for the audit log")->required();
        command->add_flag("--json", options->json, "As JSON");
        command->callback([options, kind, &invocation] {
            options->kind = kind;
            invocation.change_store([&](Database& database) { return place(invocation, database, *options); });
        });
    }
    auto* lift_command = holds->add_subcommand("lift", "Ends a hold: what it kept falls due again");
    lift_command->add_option("HOLD", options->hold_id, "Its number")->required();
    lift_command->add_option("--reason", options->reason, "Why, for the audit log")->required();
    lift_command->add_flag("--json", options->json, "As JSON");
    lift_command->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return lift(invocation, database, *options); });
    });
    auto* list_command = holds->add_subcommand("list", "Shows the holds in force");
    list_command->add_flag("--all", options->all, "And those that were lifted");
    list_command->add_flag("--json", options->json, "As JSON");
    list_command->callback([options, &invocation] {
        invocation.read_store([&](Database& database) { return list(database, *options); });
    });
}

}  // namespace sallyport::ctl
