// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/retention_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/output.hpp"
#include "collector/registers/password.hpp"
#include "collector/retention/retention.hpp"
#include "collector/store/account_repository.hpp"
#include "collector/store/store_file.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

constexpr std::int64_t kCountedAtMost = 1'000'000;
constexpr int kTriesToEmpty = 50;

struct Options {
    std::string data_class, reason;
    std::int64_t deletion_id = 0, days = 0;
    std::size_t limit = 100;
    bool json = false, password_stdin = false;

    [[nodiscard]] Format format() const { return json ? Format::json : Format::table; }
};

retention::Actor administrator(const Invocation& invocation) { return {invocation.actor(), "administrator"}; }

Record describe(const store::Deletion& deletion) {
    List approvals;
    for (const store::Approval& approval : deletion.approvals)
        approvals.push_back(approval.account + " (" + approval.role + ")");
    return {{"deletion_id", deletion.deletion_id},
            {"class", std::string(store::to_string(deletion.data_class))},
            {"kept_from", format_time(deletion.kept_from)},
            {"state", deletion.state},
            {"proposed_by", deletion.proposed_by},
            {"proposed_at", format_time(deletion.proposed_at)},
            {"approved_by", std::move(approvals)},
            {"deleted", deletion.deleted},
            {"held", deletion.held},
            {"tied", deletion.tied},
            {"finished_at", deletion.finished_at ? Value(format_time(*deletion.finished_at)) : Value()},
            {"reason", deletion.reason}};
}

Result<void> print_status(Database& database, WallTime now, const Options& options) {
    auto periods = retention::periods(database);
    if (!periods)
        return periods.error();
    std::vector<Record> items;
    for (const retention::Class& known : retention::schedule()) {
        const auto days = periods->at(known.data_class);
        auto due = retention::count_due(database, known.data_class, now - days, kCountedAtMost);
        auto open = store::open_deletion(database, known.data_class);
        if (!due)
            return due.error();
        if (!open)
            return open.error();
        items.push_back({{"class", std::string(store::to_string(known.data_class))},
                         {"days", days.count()},
                         {"least", known.least.count()},
                         {"most", known.most.count()},
                         {"approvals", std::int64_t{known.approvals}},
                         {"past_period", *due},
                         {"open", *open ? Value((*open)->state + " " + std::to_string((*open)->deletion_id)) : Value()},
                         {"what", std::string(known.what)},
                         {"ground", std::string(known.ground)}});
    }
    print_items({"class", "days", "least", "most", "approvals", "past_period", "open", "what", "ground"}, items, options.format());
    return {};
}

Result<void> print_one(const Result<store::Deletion>& deletion, const Options& options) {
    if (!deletion)
        return deletion.error();
    print_item(describe(*deletion), options.format());
    return {};
}

// Whose word it is, proved by the password of the console: root could type any name.
Result<retention::Actor> approver(Database& database, const Invocation& invocation) {
    std::string password;
    std::getline(std::cin, password);
    auto account = store::find_account(database, invocation.actor());
    if (!account)
        return account.error();
    const bool may = *account && !(*account)->disabled_at &&
                     (!(*account)->locked_until || *(*account)->locked_until <= invocation.now()) &&
                     registers::verify_password(password, (*account)->password_salt, (*account)->password_rounds,
                                                (*account)->password_hash);
    if (!may)
        return Error(Errc::refused, "approve: no such account of the console, or not its password: " + invocation.actor() +
                                        " (say --as ACCOUNT)");
    return retention::Actor{(*account)->name, (*account)->role};
}

Result<void> run_deletion(Invocation& invocation, const Clock& clock, const Options& options) {
    auto database = invocation.open_store();
    if (!database)
        return database.error();
    auto file = store::file_of(*database);
    if (!file)
        return file.error();
    retention::Deleter deleter(*database, clock, [&](const store::Writer::Job& job) -> Result<void> {
        auto transaction = database->begin();
        if (!transaction)
            return transaction.error();
        if (auto done = job(*database); !done)
            return done;
        return transaction->commit();
    });
    for (;;) {
        auto more = deleter.run_slice(options.deletion_id);
        if (!more)
            return more.error();
        if (!*more)
            break;
    }
    bool emptied = false;
    for (int tries = 0; !emptied && tries < kTriesToEmpty; ++tries) {
        auto done = store::empty_write_ahead_log(*file);
        if (!done)
            return done.error();
        emptied = *done;
    }
    auto deletion = store::find_deletion(*database, options.deletion_id);
    if (!deletion)
        return deletion.error();
    print_item(describe(**deletion).set("gone_from_the_files", emptied), options.format());
    return {};
}

}  // namespace

void add_retention_commands(CLI::App& app, Invocation& invocation, const Clock& clock) {
    auto* retention = app.add_subcommand("retention", "How long data is kept, and its deletion as approved")->require_subcommand(1);
    auto options = std::make_shared<Options>();
    std::vector<std::string> classes;
    for (const store::DataClassName& known : store::kDataClasses)
        classes.emplace_back(known.name);
    const auto add = [&](const std::string& name, const std::string& what) {
        auto* command = retention->add_subcommand(name, what);
        command->add_flag("--json", options->json, "As JSON");
        return command;
    };
    const auto with_class = [&](CLI::App* command) {
        command->add_option("CLASS", options->data_class, "Of data")->required()->check(CLI::IsMember(classes));
        return command;
    };
    const auto with_reason = [&](CLI::App* command) {
        command->add_option("--reason", options->reason, "Why, for the audit log")->required();
        return command;
    };
    const auto with_id = [&](CLI::App* command) {
        command->add_option("DELETION", options->deletion_id, "Its number, from `retention list`")->required();
        return command;
    };

    add("status", "Shows each class: how long it is kept, and how much is past that")->callback([options, &invocation] {
        invocation.read_store([&](Database& database) { return print_status(database, invocation.now(), *options); });
    });
    auto* list = add("list", "Shows the deletions that were proposed, newest first");
    list->add_option("--limit", options->limit, "At most so many")->capture_default_str();
    list->callback([options, &invocation] {
        invocation.read_store([&](Database& database) -> Result<void> {
            auto deletions = store::list_deletions(database, options->limit);
            if (!deletions)
                return deletions.error();
            std::vector<Record> items;
            for (const store::Deletion& deletion : *deletions)
                items.push_back(describe(deletion));
            print_items({"deletion_id", "class", "kept_from", "state", "proposed_by", "approved_by", "deleted", "held", "tied",
                         "finished_at", "reason"}, items, options->format());
            return {};
        });
    });
    auto* set = with_reason(with_class(add("set", "Keeps a class for another time, within its bounds")));
    set->add_option("DAYS", options->days, "How long")->required()->check(CLI::Range(1, 40'000));
    set->callback([options, &invocation] {
        invocation.change_store([&](Database& database) {
            return retention::set_period(database, *store::data_class_named(options->data_class),
                                         std::chrono::days(options->days), administrator(invocation), options->reason,
                                         invocation.now());
        });
    });
    with_reason(with_class(add("propose", "Proposes to delete what of a class is past its period")))->callback([options, &invocation] {
        invocation.change_store([&](Database& database) {
            return print_one(retention::propose(database, *store::data_class_named(options->data_class),
                                                administrator(invocation), options->reason, invocation.now()), *options);
        });
    });
    auto* approve = with_id(add("approve", "Approves it: --as an account of the ACC, the SPOC or PSD's director"));
    approve->add_flag("--password-stdin", options->password_stdin, "Read its password, one line, from the standard input")
        ->required();
    approve->callback([options, &invocation] {
        invocation.change_store([&](Database& database) -> Result<void> {
            auto by = approver(database, invocation);
            if (!by)
                return by.error();
            return print_one(retention::approve(database, options->deletion_id, *by, invocation.now()), *options);
        });
    });
    with_reason(with_id(add("withdraw", "Takes a proposal back, or stops one that is approved")))->callback([options, &invocation] {
        invocation.change_store([&](Database& database) {
            return print_one(retention::withdraw(database, options->deletion_id, administrator(invocation), options->reason,
                                                 invocation.now()), *options);
        });
    });
    with_id(add("run", "Deletes what is approved now; a running collector does so by itself"))->callback([options, &invocation, &clock] {
        invocation.run([&] { return run_deletion(invocation, clock, *options); });
    });
}

}  // namespace sallyport::ctl
