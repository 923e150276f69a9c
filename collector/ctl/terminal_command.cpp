// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/terminal_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "collector/coverage/reading.hpp"
#include "collector/ctl/authority.hpp"
#include "collector/ctl/output.hpp"
#include "collector/ctl/revocation.hpp"
#include "collector/registers/cell.hpp"
#include "collector/registers/csv.hpp"
#include "collector/registers/register_file.hpp"
#include "collector/registers/terminal_proposal.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::string terminal, reason;
    std::filesystem::path request, certificate, authority;
    bool replace = false, preview = false;
    int window_minutes = 60;
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

class Enrolment {
public:
    Enrolment(Invocation& invocation, Database& database, const Options& options)
        : invocation_(invocation), database_(database), options_(options), now_(invocation.now()) {}

    Result<void> run() {
        auto terminal = registered_terminal();
        if (!terminal)
            return terminal.error();
        auto issued = sign();
        if (!issued)
            return issued.error();
        if (auto done = accept_key(terminal->ori, *issued); !done)
            return done;
        if (auto done = open_window(terminal->ori); !done)
            return done;
        return replace_file(options_.certificate, issued->pem, Secrecy::open);
    }

private:
    Result<store::RegisterEntry> registered_terminal() {
        auto terminal = store::find_entry(database_, "terminals", options_.terminal, now_, now_);
        if (!terminal)
            return terminal.error();
        if (!*terminal)
            return Error(Errc::refused, "terminal " + options_.terminal + " is not in the register");
        const auto status = text_of((*terminal)->data, "status");
        if (status == "retired" || status == "lost" || status == "stolen")
            return Error(Errc::refused, "terminal " + options_.terminal + " is " + std::string(status));
        return std::move(**terminal);
    }

    Result<IssuedCertificate> sign() {
        auto folder = invocation_.authority_folder(options_.authority);
        if (!folder)
            return folder.error();
        auto authority = Authority::open(*folder);
        if (!authority)
            return authority.error();
        auto request = read_file(options_.request);
        if (!request)
            return request.error();
        return authority->sign_request(*request, options_.terminal, now_);
    }

    Result<void> accept_key(const std::string& ori, const IssuedCertificate& issued) {
        auto keys = store::all_keys(database_);
        if (!keys)
            return keys.error();
        bool enrolled = false;
        for (const store::TerminalKey& key : *keys) {
            if (key.public_key == issued.public_key)
                return Error(Errc::refused, "this key was enrolled before, for terminal " + key.terminal_id +
                                                (key.revoked_at ? ", and revoked" : "") + ": a key is used once");
            enrolled = enrolled || (key.terminal_id == options_.terminal && !key.revoked_at);
        }
        if (enrolled && !options_.replace)
            return Error(Errc::conflict, "terminal " + options_.terminal + " has an enrolled key; --replace revokes it");
        if (enrolled)
            if (auto done = store::revoke_keys(database_, options_.terminal, "replaced", now_); !done)
                return done;
        if (auto done = store::add_key(database_, {options_.terminal, ori, issued.public_key, issued.sha256,
                                                   issued.not_after, now_, std::nullopt, std::nullopt});
            !done)
            return done;
        return store::append_audit(database_,
                                   audit_entry(invocation_, "terminal.enrol", options_.terminal,
                                               {{"cert_sha256", issued.sha256}, {"replaced", enrolled}}),
                                   now_);
    }

    // The first report of a new instance and its hardware is expected for a while (dictionary section 7).
    Result<void> open_window(const std::string& ori) {
        store::RegisterEntry window;
        window.ori = ori;
        window.register_name = "enrolments";
        window.id = "E-" + random_id().substr(0, 16);
        window.valid_from = now_;
        window.recorded_at = now_;
        window.changed_by = invocation_.actor();
        window.change_reason = "terminals enrol";
        window.data = {{"enrolment_id", window.id},
                       {"terminal_id", options_.terminal},
                       {"from", format_time(now_)},
                       {"to", format_time(now_ + std::chrono::minutes(options_.window_minutes))},
                       {"performed_by", invocation_.actor()}};
        return store::record_entry(database_, window);
    }

    Invocation& invocation_;
    Database& database_;
    const Options& options_;
    WallTime now_;
};

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

// What is committed is brought to the broker.
void publish(Invocation& invocation, const Options& options) {
    if (invocation.exit_code() != ExitCode::done)
        return;
    invocation.read_store([&](Database& database) -> Result<void> {
        auto folder = invocation.authority_folder(options.authority);
        if (!folder)
            return folder.error();
        auto authority = Authority::open(*folder);
        if (!authority)
            return authority.error();
        return publish_revocations(database, *authority, invocation.now());
    });
}

}  // namespace

void add_terminal_commands(CLI::App& app, Invocation& invocation) {
    auto* terminals = app.get_subcommand("terminals");
    auto options = std::make_shared<Options>();

    auto* enrol = terminals->add_subcommand("enrol", "Signs a terminal's request and takes its key as the one to believe");
    enrol->add_option("ID", options->terminal, "The registered terminal; the request must carry it as its CN")->required();
    enrol->add_option("--csr", options->request, "The terminal's certificate request (PKCS#10, PEM)")->required();
    enrol->add_option("--out", options->certificate, "Where to write the certificate")->required();
    enrol->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
    enrol->add_flag("--replace", options->replace, "Revoke the key that is enrolled now");
    enrol->add_option("--window", options->window_minutes, "Minutes in which its first report is expected")
        ->check(CLI::Range(1, 1440))
        ->capture_default_str();
    enrol->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return Enrolment(invocation, database, *options).run(); });
        publish(invocation, *options);
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
        publish(invocation, *options);
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
