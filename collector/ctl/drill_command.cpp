// SPDX-License-Identifier: Apache-2.0
//
// A drill: the sensors of a terminal prove themselves (docs/formats/drill.md). It is ordered in the store; the collector signs
// and publishes the order, and notes the answers as they come. Whoever stands before the terminal plugs the stick and locks
// the screen meanwhile.
#include "collector/ctl/drill_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <thread>

#include "collector/ctl/output.hpp"
#include "collector/ctl/terminal_paper.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/drill_repository.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};

struct Options {
    std::string terminal, stick, reason = "desk drill";
    std::vector<std::string> sensors;
    int minutes = 15;
    std::size_t limit = 100;
    bool wait = false, json = false;

    [[nodiscard]] Format format() const { return json ? Format::json : Format::table; }
};

// What is issued is no finding when it is plugged in: a mark on it hides nothing that would have been one.
Result<DrillStick> drill_stick(Database& database, const std::string& id, WallTime now) {
    auto medium = registered(database, "media", id, now);
    if (!medium) return medium.error();
    const auto is = [&](std::string_view field, std::string_view value) { return text_of(*medium, field) == value; };
    if (!is("kind", "usb_storage") || !is("status", "issued") || is("ownership", "personal"))
        return Error(Errc::refused, "drill stick " + id + ": is no issued USB stick of the agency");
    return DrillStick{std::string(text_of(*medium, "vid")), std::string(text_of(*medium, "pid")),
                      std::string(text_of(*medium, "serial_hash"))};
}

Result<std::string> ori_of(Database& database, const std::string& terminal) {
    auto keys = store::keys_of(database, terminal);
    if (!keys) return keys.error();
    for (const store::TerminalKey& key : *keys)
        if (!key.revoked_at) return key.ori;
    return Error(Errc::refused, "drill of " + terminal + ": it is not enrolled");
}

Result<store::Drill> make_drill(Database& database, const Options& options, const std::string& actor, WallTime now) {
    if (auto terminal = registered(database, "terminals", options.terminal, now); !terminal) return terminal.error();
    auto ori = ori_of(database, options.terminal);
    if (!ori) return ori.error();
    store::Drill drill;
    drill.terminal_id = options.terminal;
    drill.ori = *ori;
    drill.ordered_by = actor;
    drill.reason = options.reason;
    drill.media_id = options.stick;
    drill.order.nonce = random_id();
    drill.order.begins_at = now;
    drill.order.ends_at = now + std::chrono::minutes(options.minutes);
    drill.order.sensors = options.sensors;
    if (drill.order.sensors.empty()) drill.order.sensors.assign(drill_sensors().begin(), drill_sensors().end());
    if (!options.stick.empty()) {
        auto stick = drill_stick(database, options.stick, now);
        if (!stick) return stick.error();
        drill.order.stick = *stick;
    }
    return drill;
}

Result<void> log_order(Database& database, const store::Drill& drill, WallTime now) {
    store::AuditEntry entry;
    entry.actor = drill.ordered_by;
    entry.actor_role = "administrator";
    entry.action = "drill.order";
    entry.object_type = "terminals";
    entry.object_id = drill.terminal_id;
    entry.purpose = drill.reason;
    entry.detail = write_json(Record{{"drill", drill.order.nonce},
                                     {"ends_at", format_time(drill.order.ends_at)},
                                     {"sensors", List(drill.order.sensors.begin(), drill.order.sensors.end())},
                                     {"media_id", drill.media_id}});
    return store::append_audit(database, entry, now);
}

Result<void> order(Invocation& invocation, Database& database, const Options& options, std::string& nonce) {
    const WallTime now = invocation.now();
    auto drill = make_drill(database, options, invocation.actor(), now);
    if (!drill) return drill.error();
    if (auto added = store::add_drill(database, *drill, now); !added) return added;
    if (auto logged = log_order(database, *drill, now); !logged) return logged;
    nonce = drill->order.nonce;
    return {};
}

Result<store::Drill> read_drill(Invocation& invocation, const std::string& nonce) {
    auto database = invocation.open_store_for_reading();
    if (!database) return database.error();
    auto drill = store::find_drill(*database, nonce, invocation.now());
    if (!drill) return drill.error();
    if (!*drill) return Error(Errc::not_found, "there is no drill " + nonce);
    return std::move(**drill);
}

bool is_settled(const store::Drill& drill, WallTime now) {
    return drill.is_over(now) || std::none_of(drill.answers.begin(), drill.answers.end(),
                                              [](const auto& one) { return one.answer == "waiting"; });
}

void print_drill(const store::Drill& drill, Format format) {
    if (format == Format::json) return print_item(store::to_record(drill), format);
    std::vector<Record> answers;
    for (const store::DrillAnswer& answer : drill.answers)
        answers.push_back(store::to_record(answer));
    print_items({"sensor", "answer", "took_ms", "reason"}, answers, format);
}

// To standard error: what is asked of the person at the desk is no part of the answer.
void tell_the_desk(const store::Drill& drill) {
    std::cerr << "drill " << drill.order.nonce << " of " << drill.terminal_id << " until "
              << format_time(drill.order.ends_at) << "\n";
    const auto asks = [&](std::string_view sensor) {
        return std::find(drill.order.sensors.begin(), drill.order.sensors.end(), sensor) != drill.order.sensors.end();
    };
    if (asks("usb") && drill.order.stick) std::cerr << "at the desk: plug in " << drill.media_id << "\n";
    if (asks("session")) std::cerr << "at the desk: lock the screen\n";
}

Result<void> follow(Invocation& invocation, const Options& options, const std::string& nonce) {
    auto drill = read_drill(invocation, nonce);
    if (!drill) return drill.error();
    tell_the_desk(*drill);
    while (options.wait && !is_settled(*drill, invocation.now())) {
        std::this_thread::sleep_for(kLookEvery);
        drill = read_drill(invocation, nonce);
        if (!drill) return drill.error();
    }
    print_drill(*drill, options.format());
    const auto failed = [](const store::DrillAnswer& one) { return one.answer == "failed"; };
    if (options.wait && std::any_of(drill->answers.begin(), drill->answers.end(), failed))
        invocation.end_with(ExitCode::checked_wrong);
    return {};
}

// One line a drill, with its answers counted; JSON has each of them.
Result<void> list(Database& database, const Options& options, WallTime now) {
    auto drills = store::list_drills(database, "", options.limit, now);
    if (!drills) return drills.error();
    std::vector<Record> items;
    for (const store::Drill& drill : *drills) {
        Record item = store::to_record(drill);
        for (const std::string_view answer : {"proven", "failed", "waiting"})
            item.set(answer, std::count_if(drill.answers.begin(), drill.answers.end(),
                                           [&](const auto& one) { return one.answer == answer; }));
        items.push_back(std::move(item));
    }
    print_items({"ordered_at", "terminal_id", "ordered_by", "proven", "failed", "waiting", "reason", "nonce"}, items,
                options.format());
    return {};
}

}  // namespace

void add_drill_command(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<Options>();
    auto* drill = app.add_subcommand("drill", "Lets each sensor of a terminal prove itself");
    auto* all = drill->add_subcommand("list", "Drills and what came of them, the newest first");
    const auto names = drill_sensors();
    drill->add_option("TERMINAL", options->terminal, "The terminal");
    drill->add_option("--sensors", options->sensors, "Only these, with commas between (default: all)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember(std::vector<std::string>(names.begin(), names.end())));
    drill->add_option("--stick", options->stick, "The registered medium that will be plugged in; without it USB is not proven");
    drill->add_option("--reason", options->reason, "Why, for the audit log")->capture_default_str();
    drill->add_option("--minutes", options->minutes, "How long sensors may answer")
        ->check(CLI::Range(1, static_cast<int>(kDrillLongest.count())))->capture_default_str();
    drill->add_flag("--wait", options->wait, "Until all have answered or the time is over; ends with 1 if one failed");
    drill->add_flag("--json", options->json, "As JSON, with every field");
    drill->callback([options, all, &invocation] {
        if (all->parsed()) return;
        if (options->terminal.empty()) throw CLI::RequiredError("TERMINAL");
        std::string nonce;
        invocation.change_store(
            [&](Database& database) { return order(invocation, database, *options, nonce); });
        if (invocation.exit_code() == ExitCode::done) invocation.run([&] { return follow(invocation, *options, nonce); });
    });

    all->add_option("--limit", options->limit, "At most so many")->check(CLI::Range(1, 10000))->capture_default_str();
    all->add_flag("--json", options->json, "As JSON, with every field and answer");
    all->callback([options, &invocation] {
        invocation.read_store([&](Database& database) { return list(database, *options, invocation.now()); });
    });
}

}  // namespace sallyport::ctl
