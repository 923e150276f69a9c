// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/terminal_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "collector/coverage/reading.hpp"
#include "collector/ctl/authority_folder.hpp"
#include "collector/ctl/output.hpp"
#include "collector/enrolment/enrolment_desk.hpp"
#include "collector/registers/cell.hpp"
#include "collector/registers/csv.hpp"
#include "collector/registers/register_file.hpp"
#include "collector/registers/terminal_proposal.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/fork_repository.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/enrolment_token.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/pem.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::string terminal, reason;
    std::filesystem::path request, certificate, authority;
    bool replace = false, preview = false;
    int window_minutes = 60, token_minutes = 24 * 60;
    std::chrono::seconds life = kIdentityLife;
    std::string from, to;
    bool json = false;
};

store::AuditEntry audit_entry(const Invocation& invocation, std::string action, const std::string& terminal, Record detail) {
    store::AuditEntry entry;
    entry.actor = invocation.actor();
    entry.actor_role = "administrator";
    entry.action = std::move(action);
    entry.object_type = "terminals";
    entry.object_id = terminal;
    entry.detail = write_json(detail);
    return entry;
}

enrolment::Actor actor_of(const Invocation& invocation) { return {invocation.actor(), "administrator", {}}; }

// A request that was carried here by hand.
Result<void> enrol_request(Invocation& invocation, Database& database, const Options& options) {
    const WallTime now = invocation.now();
    auto terminal = enrolment::terminal_in_use(database, options.terminal, now);
    if (!terminal)
        return terminal.error();
    auto authority = open_authority(invocation, options.authority);
    if (!authority)
        return authority.error();
    auto request = read_file(options.request);
    if (!request)
        return request.error();
    auto issued = authority->sign_request(*request, options.terminal, now, options.life);
    if (!issued)
        return issued.error();
    const enrolment::Acceptance acceptance{options.replace, std::chrono::minutes(options.window_minutes)};
    if (auto done = enrolment::accept_certificate(database, options.terminal, terminal->ori,
                                                  {issued->pem, issued->sha256, issued->public_key, issued->not_after},
                                                  acceptance, actor_of(invocation), now);
        !done)
        return done;
    return replace_file(options.certificate, issued->pem, Secrecy::open);
}

// What the terminal asks with by itself: shown once, here.
Result<void> hand_out_token(Invocation& invocation, Database& database, const Options& options) {
    auto folder = invocation.authority_folder(options.authority);
    if (!folder)
        return folder.error();
    auto certificate = read_file(*folder / "ca.crt");
    if (!certificate)
        return certificate.error();
    auto fingerprint = certificate_sha256(*certificate);
    if (!fingerprint)
        return fingerprint.error();
    auto token = enrolment::issue_token(database, options.terminal, *fingerprint, std::chrono::minutes(options.token_minutes),
                                        actor_of(invocation), invocation.now());
    if (!token)
        return token.error();
    std::cout << to_string(*token) << '\n';
    return {};
}

Result<void> revoke(Invocation& invocation, Database& database, const Options& options) {
    auto keys = store::keys_of(database, options.terminal);
    if (!keys)
        return keys.error();
    if (std::all_of(keys->begin(), keys->end(), [](const auto& key) { return key.revoked_at.has_value(); }))
        return Error(Errc::conflict, "terminal " + options.terminal + " has no enrolled key");
    if (auto done = store::revoke_keys(database, options.terminal, options.reason, invocation.now()); !done)
        return done;
    return store::append_audit(
        database, audit_entry(invocation, "terminal.revoke", options.terminal, {{"reason", options.reason}}), invocation.now());
}

// Taken in as a file of one row would be: the same checks, the same history.
Result<void> adopt(Invocation& invocation, Database& database, const Options& options) {
    const WallTime now = invocation.now();
    auto ori = invocation.ori();
    if (!ori)
        return ori.error();
    auto entry = store::find_entry(database, "terminals", options.terminal, now, now);
    auto agency = store::find_entry(database, "agency", *ori, now, now);
    if (!entry || !agency)
        return (entry ? agency : entry).error();
    if (!*entry)
        return Error(Errc::not_found, "terminal " + options.terminal + " is not in the register");
    auto reports = registers::read_reports(database, options.terminal);
    if (!reports)
        return reports.error();
    const Record proposed =
        registers::propose_fields((*entry)->data, *reports, *agency ? &(*agency)->data : nullptr);
    registers::CsvTable row{{"terminal_id"}, {{options.terminal}}};
    for (const auto& [column, value] : proposed) {
        row.header.push_back(column);
        row.records.front().push_back(registers::guard_formula(registers::write_cell(value)));
        std::cout << column << ": " << registers::write_cell(value) << '\n';
    }
    registers::ImportOptions how;
    how.preview = options.preview;
    auto outcome = registers::import_register(
        database, *registers::find_register("terminals"), registers::write_csv(row),
        {*ori, invocation.actor(), "administrator", "reported by the terminal at enrolment", now, {}}, how);
    if (!outcome)
        return outcome.error();
    for (const auto& fault : outcome->faults)
        std::cerr << options.terminal << ": column " << fault.column << ": " << fault.reason << '\n';
    if (!outcome->faults.empty())
        return Error(Errc::bad_input, "what terminal " + options.terminal + " reported does not fit its entry");
    std::cout << options.terminal << ": " << proposed.size() << " cells "
              << (options.preview ? "would be taken over" : "taken over") << '\n';
    return {};
}

// As in a register's file: UTC, or the county's clock.
Result<WallTime> time_of(std::string_view option, const std::string& text) {
    auto value = registers::read_cell({.name = option, .kind = registers::CellKind::time}, text);
    return value ? parse_time(*value->as<std::string>()) : Result<WallTime>(value.error().within("--" + std::string(option)));
}

Result<void> tell_coverage(Invocation& invocation, Database& database, const Options& options) {
    const auto from = time_of("from", options.from), to = time_of("to", options.to);
    if (!from || !to)
        return (from ? to : from).error();
    auto coverage = coverage::read_coverage(database, options.terminal, {*from, *to}, invocation.now());
    if (!coverage)
        return coverage.error();
    const Record record = coverage::record_of(options.terminal, *coverage);
    if (options.json)
        print_item(record, Format::json);
    else
        std::cout << options.terminal << ", " << text_of(record, "from") << " to " << text_of(record, "to") << ": "
                  << text_of(record, "statement") << '\n';
    return {};
}

Record side_record(const store::ForkSide& side) {
    return {{"leaf", to_hex(side.leaf)},
            {"received_at", format_time(side.received_at)},
            {"header", side.header},
            {"line", side.line ? Value(*side.line) : Value()}};
}

Result<void> list_forks(Database& database, const Options& options) {
    auto forks = store::forks_of(database, options.terminal);
    if (!forks)
        return forks.error();
    std::vector<Record> items;
    for (const store::Fork& fork : *forks)
        items.push_back(options.json ? Record{{"instance", fork.instance},
                                              {"seq", fork.seq},
                                              {"kept", side_record(fork.kept)},
                                              {"other", side_record(fork.other)}}
                                     : Record{{"instance", fork.instance},
                                              {"seq", fork.seq},
                                              {"kept", fork.kept.line.value_or("withheld")},
                                              {"other", fork.other.line.value_or("withheld")}});
    print_items({"instance", "seq", "kept", "other"}, items, options.json ? Format::json : Format::table);
    return {};
}

}  // namespace

void add_terminal_commands(CLI::App& app, Invocation& invocation) {
    auto* terminals = app.get_subcommand("terminals");
    auto options = std::make_shared<Options>();

    auto* enrol = terminals->add_subcommand(
        "enrol", "Hands out a one-time token for the terminal; with --csr signs a request that was carried here");
    enrol->add_option("ID", options->terminal, "The registered terminal; the request must carry it as its CN")->required();
    enrol->add_option("--token-life", options->token_minutes, "Minutes for which the token is good")
        ->check(CLI::Range(5, static_cast<int>(enrolment::kTokenLifeMax.count())))
        ->capture_default_str();
    auto* csr = enrol->add_option("--csr", options->request, "The terminal's certificate request (PKCS#10, PEM)");
    auto* out = enrol->add_option("--out", options->certificate, "Where to write the certificate")->needs(csr);
    csr->needs(out);
    enrol->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
    enrol->add_flag("--replace", options->replace, "Revoke the key that is enrolled now")->needs(csr);
    enrol->add_option("--window", options->window_minutes, "Minutes in which its first report is expected")
        ->needs(csr)
        ->check(CLI::Range(1, 1440))
        ->capture_default_str();
    add_life_option(*enrol, options->life)->needs(csr);
    enrol->callback([options, csr, &invocation] {
        const bool carried = csr->count() > 0;
        invocation.change_store([&](Database& database) {
            return carried ? enrol_request(invocation, database, *options) : hand_out_token(invocation, database, *options);
        });
        if (carried)
            publish_if_done(invocation, options->authority);
    });

    auto* take = terminals->add_subcommand("adopt", "Fills what the entry leaves open with what the terminal reported of itself");
    take->add_option("ID", options->terminal, "The terminal, enrolled and heard of")->required();
    take->add_flag("--preview", options->preview, "Show it and write nothing");
    take->callback([options, &invocation] {
        const auto work = [&](Database& database) { return adopt(invocation, database, *options); };
        options->preview ? invocation.read_store(work) : invocation.change_store(work);
    });

    auto* stop = terminals->add_subcommand("revoke", "Believes a terminal's key no longer, from this moment on");
    stop->add_option("ID", options->terminal, "The terminal")->required();
    stop->add_option("--reason", options->reason, "Why, for the audit log")->required();
    stop->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
    stop->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return revoke(invocation, database, *options); });
        publish_if_done(invocation, options->authority);
    });

    auto* forks = terminals->add_subcommand("forks", "Shows both lines of each number that two devices sent as this terminal");
    forks->add_option("ID", options->terminal, "The terminal")->required();
    forks->add_flag("--json", options->json, "As JSON, with the signed header of each line's batch");
    forks->callback([options, &invocation] {
        invocation.read_store([&](Database& database) { return list_forks(database, *options); });
    });

    auto* cover = terminals->add_subcommand("coverage", "Says what the terminal's sensors covered in a span");
    cover->add_option("ID", options->terminal, "The terminal")->required();
    cover->add_option("--from", options->from, "2026-11-23T22:00:00.00Z, or '2026-11-23 14:00' by the county's clock")->required();
    cover->add_option("--to", options->to, "Likewise; up to now at most")->required();
    cover->add_flag("--json", options->json, "As JSON, with every stretch, missing line and sensor");
    cover->callback([options, &invocation] {
        invocation.read_store([&](Database& database) { return tell_coverage(invocation, database, *options); });
    });
}

}  // namespace sallyport::ctl
