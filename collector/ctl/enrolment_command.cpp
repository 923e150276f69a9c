// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/enrolment_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/authority_folder.hpp"
#include "collector/ctl/output.hpp"
#include "collector/enrolment/enrolment_desk.hpp"
#include "protocol/crypto.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

constexpr std::size_t kShownMax = 1000;

struct Options {
    std::string request, reason, state = "waiting";
    std::filesystem::path authority;
    bool replace = false, json = false;
    int window_minutes = 60;
    std::chrono::seconds life = kIdentityLife;
};

enrolment::Actor actor_of(const Invocation& invocation) { return {invocation.actor(), "administrator", {}}; }

// `key` is what the person at the terminal reads out: the program there shows the same.
Record record_of(const store::CertificateRequest& request) {
    return {{"request_id", request.request_id},
            {"kind", request.kind},
            {"terminal_id", request.terminal_id},
            {"key", to_hex(sha256(bytes_of(request.public_key)))},
            {"received_at", format_time(request.received_at)},
            {"source_ip", request.source_ip},
            {"state", request.state},
            {"decided_by", request.decided_by ? Value(*request.decided_by) : Value()},
            {"reason", request.reason ? Value(*request.reason) : Value()}};
}

Result<void> list(Database& database, const Options& options) {
    auto requests = store::list_certificate_requests(database, options.state == "all" ? "" : options.state, kShownMax);
    if (!requests)
        return requests.error();
    std::vector<Record> items;
    for (const store::CertificateRequest& request : *requests)
        items.push_back(record_of(request));
    print_items({"request_id", "kind", "terminal_id", "key", "received_at", "source_ip", "state", "decided_by", "reason"},
                items, options.json ? Format::json : Format::table);
    return {};
}

Result<void> sign(Invocation& invocation, Database& database, const Authority& authority,
                  const store::CertificateRequest& request, const Options& options) {
    if (auto good = enrolment::check_signable(database, request, invocation.now()); !good)
        return good;
    auto issued = authority.sign_request(request.request, request.terminal_id, invocation.now(), options.life);
    if (!issued)
        return issued.error();
    return enrolment::issue(database, request, {issued->pem, issued->sha256, issued->public_key, issued->not_after},
                            {options.replace, std::chrono::minutes(options.window_minutes)}, actor_of(invocation),
                            invocation.now());
}

Result<void> approve(Invocation& invocation, Database& database, const Options& options) {
    auto authority = open_authority(invocation, options.authority);
    if (!authority)
        return authority.error();
    if (auto done = enrolment::approve(database, options.request, actor_of(invocation), invocation.now()); !done)
        return done;
    auto request = store::find_certificate_request(database, options.request);
    if (!request || !*request)
        return request ? Error(Errc::internal, "the request is gone") : request.error();
    return sign(invocation, database, *authority, **request, options);
}

// What may not be signed any more is refused, so that it is not tried for ever.
Result<bool> sign_or_refuse(Invocation& invocation, Database& database, const Authority& authority,
                            const store::CertificateRequest& request, const Options& options) {
    auto transaction = database.begin();
    if (!transaction)
        return transaction.error();
    auto done = sign(invocation, database, authority, request, options);
    const bool refused = !done && (done.error().code() == Errc::refused || done.error().code() == Errc::conflict);
    if (refused) {
        std::cerr << request.terminal_id << ": " << done.error().message() << '\n';
        done = enrolment::refuse(database, request, done.error().message(), actor_of(invocation), invocation.now());
    }
    if (done)
        done = transaction->commit();
    return done ? Result<bool>(!refused) : done.error();
}

Result<void> sign_approved(Invocation& invocation, const Options& options, bool& signed_any) {
    auto authority = open_authority(invocation, options.authority);
    if (!authority)
        return authority.error();
    auto database = invocation.open_store();
    if (!database)
        return database.error();
    auto requests = store::list_certificate_requests(*database, "approved", kShownMax);
    if (!requests)
        return requests.error();
    for (const store::CertificateRequest& request : *requests) {
        auto is_signed = sign_or_refuse(invocation, *database, *authority, request, options);
        if (!is_signed)
            return is_signed.error();
        if (!*is_signed)
            continue;
        signed_any = true;
        std::cout << request.terminal_id << ": " << request.kind << " signed\n";
    }
    return {};
}

}  // namespace

void add_enrolment_commands(CLI::App& app, Invocation& invocation) {
    auto* enrolments = app.get_subcommand("enrolments");
    auto options = std::make_shared<Options>();

    auto* show = enrolments->add_subcommand("requests", "Shows what terminals asked for with a token, and renewals");
    show->add_option("--state", options->state, "waiting, approved, refused, issued or all")
        ->check(CLI::IsMember({"waiting", "approved", "refused", "issued", "all"}))
        ->capture_default_str();
    show->add_flag("--json", options->json, "As JSON");
    show->callback([options, &invocation] {
        invocation.read_store([&](Database& database) { return list(database, *options); });
    });

    const auto add_signing = [&](CLI::App* command) {
        command->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
        command->add_flag("--replace", options->replace, "Revoke the key that is enrolled now");
        command->add_option("--window", options->window_minutes, "Minutes in which the first report is expected")
            ->check(CLI::Range(1, 1440))
            ->capture_default_str();
        add_life_option(*command, options->life);
    };
    auto* yes = enrolments->add_subcommand("approve", "Approves a request and signs its certificate");
    yes->add_option("REQUEST", options->request, "Its id; compare its key with what the terminal shows")->required();
    add_signing(yes);
    yes->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return approve(invocation, database, *options); });
        publish_if_done(invocation, options->authority);
    });

    auto* no = enrolments->add_subcommand("refuse", "Refuses a request");
    no->add_option("REQUEST", options->request, "Its id")->required();
    no->add_option("--reason", options->reason, "Why, for the audit log and the person at the terminal")->required();
    no->callback([options, &invocation] {
        invocation.change_store([&](Database& database) {
            return enrolment::refuse_waiting(database, options->request, options->reason, actor_of(invocation),
                                             invocation.now());
        });
    });

    auto* all = enrolments->add_subcommand("sign", "Signs what was approved on the console, and renewals; for a timer");
    add_signing(all);
    all->callback([options, &invocation] {
        bool signed_any = false;  // else the broker is left alone
        invocation.run([&] { return sign_approved(invocation, *options, signed_any); });
        if (signed_any)
            publish_if_done(invocation, options->authority);
    });
}

}  // namespace sallyport::ctl
