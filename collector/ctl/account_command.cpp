// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/account_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <set>

#include "collector/ctl/output.hpp"
#include "collector/registers/password.hpp"
#include "collector/registers/totp.hpp"
#include "collector/store/account_repository.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/second_factor_repository.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

const std::vector<std::string> kRoles = {"spoc", "psd_investigator", "psd_director", "acc", "auditor", "administrator"};

struct Options {
    std::string name, role, display_name;
    bool password_stdin = false, json = false, off = false;
};

Result<void> log(Invocation& invocation, Database& database, std::string action, const std::string& name, Record detail) {
    store::AuditEntry entry;
    entry.actor = invocation.actor();
    entry.actor_role = "administrator";
    entry.action = std::move(action);
    entry.object_type = "accounts";
    entry.object_id = name;
    entry.detail = write_json(detail);
    return store::append_audit(database, entry, invocation.now());
}

Result<void> add(Invocation& invocation, Database& database, const Options& options) {
    std::string password;
    std::getline(std::cin, password);
    auto hashed = registers::hash_password(password);
    if (!hashed)
        return hashed.error();
    store::Account account;
    account.name = options.name;
    account.role = options.role;
    account.display_name = options.display_name.empty() ? options.name : options.display_name;
    account.password_salt = std::move(hashed->salt);
    account.password_hash = std::move(hashed->hash);
    account.password_rounds = hashed->rounds;
    account.created_at = invocation.now();
    if (auto done = store::save_account(database, account); !done)
        return done;
    return log(invocation, database, "account.save", options.name, {{"role", options.role}});
}

Result<void> disable(Invocation& invocation, Database& database, const Options& options) {
    auto account = store::find_account(database, options.name);
    if (!account)
        return account.error();
    if (!*account)
        return Error(Errc::not_found, "there is no account " + options.name);
    (*account)->disabled_at = invocation.now();
    if (auto done = store::save_account(database, **account); !done)
        return done;
    return log(invocation, database, "account.disable", options.name, {});
}

// Saving the account anew ends its sessions: whoever is logged in without the factor has to show it.
Result<void> second_factor(Invocation& invocation, Database& database, const Options& options) {
    auto account = store::find_account(database, options.name);
    if (!account)
        return account.error();
    if (!*account)
        return Error(Errc::not_found, "there is no account " + options.name);
    if (options.off) {
        auto removed = store::remove_second_factor(database, options.name);
        if (!removed)
            return removed.error();
        if (!*removed)
            return Error(Errc::conflict, options.name + " has no second factor");
        return log(invocation, database, "account.second_factor_off", options.name, {});
    }
    const Bytes secret = random_bytes(registers::kTotpSecretBytes);
    auto ori = invocation.ori();
    if (!ori)
        return ori.error();
    auto uri = registers::totp_uri(secret, "Sallyport " + *ori, options.name);
    if (!uri)
        return uri.error();
    if (auto saved = store::save_second_factor(database, options.name, secret, invocation.now()); !saved)
        return saved;
    if (auto saved = store::save_account(database, **account); !saved)
        return saved;
    if (auto logged = log(invocation, database, "account.second_factor", options.name, {}); !logged)
        return logged;
    std::cout << *uri << '\n';
    return {};
}

Result<void> list(Database& database, const Options& options) {
    auto accounts = store::list_accounts(database);
    if (!accounts)
        return accounts.error();
    std::set<std::string> with_factor;
    for (const store::Account& account : *accounts) {
        auto factor = store::find_second_factor(database, account.name);
        if (!factor)
            return factor.error();
        if (*factor)
            with_factor.insert(account.name);
    }
    std::vector<Record> items;
    for (const store::Account& account : *accounts)
        items.push_back({{"name", account.name},
                         {"role", account.role},
                         {"display_name", account.display_name},
                         {"created_at", format_time(account.created_at)},
                         {"second_factor", with_factor.contains(account.name)},
                         {"disabled_at", account.disabled_at ? Value(format_time(*account.disabled_at)) : Value()}});
    print_items({"name", "role", "display_name", "second_factor", "created_at", "disabled_at"}, items,
                options.json ? Format::json : Format::table);
    return {};
}

}  // namespace

void add_account_commands(CLI::App& app, Invocation& invocation) {
    auto* accounts = app.add_subcommand("accounts", "People at the console")->require_subcommand(1);
    auto options = std::make_shared<Options>();

    auto* save = accounts->add_subcommand("add", "Adds an account, or gives one that is there a new password and role");
    save->add_option("NAME", options->name, "What is typed to log in")->required();
    save->add_option("--role", options->role, "What the person may do")->required()->check(CLI::IsMember(kRoles));
    save->add_option("--display-name", options->display_name, "How the person is shown");
    save->add_flag("--password-stdin", options->password_stdin, "Read the password, one line, from the standard input")
        ->required();
    save->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return add(invocation, database, *options); });
    });

    auto* stop = accounts->add_subcommand("disable", "Lets a person log in no longer; their sessions end");
    stop->add_option("NAME", options->name, "The account")->required();
    stop->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return disable(invocation, database, *options); });
    });

    auto* factor = accounts->add_subcommand(
        "second-factor", "Gives an account a secret for an authenticator app, shown once: whoever holds it is asked for its codes");
    factor->add_option("NAME", options->name, "The account")->required();
    factor->add_flag("--off", options->off, "Take it away again");
    factor->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return second_factor(invocation, database, *options); });
    });

    auto* show = accounts->add_subcommand("list", "Shows all accounts");
    show->add_flag("--json", options->json, "As JSON");
    show->callback([options, &invocation] {
        invocation.read_store([&](Database& database) { return list(database, *options); });
    });
}

}  // namespace sallyport::ctl
