// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/audit_pack_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/audit/audit_pack.hpp"
#include "collector/ctl/rule_lists.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/crypto.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/rule_files.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    explicit Options(Invocation& invocation) : lists(invocation) {}

    std::string period, known_at;
    std::filesystem::path folder;
    bool json = false;
    RuleLists lists;
};

Result<WallTime> moment_of_knowledge(const Options& options, WallTime now) {
    if (options.known_at.empty()) return now;
    auto time = parse_time(options.known_at);
    if (!time)
        return Error(Errc::bad_input,
                     "--known-at: '" + options.known_at + "' is no time such as 2026-11-23T18:04:05.12Z");
    return *time > now ? Result<WallTime>(Error(Errc::bad_input, "--known-at: nobody knows the future")) : *time;
}

// For the parser: nothing, or what is wrong.
std::string is_period(const std::string& text) {
    const auto period = audit::parse_period(text);
    return period ? "" : period.error().message();
}

// A pack is whole or it is not there: written beside its place, then moved.
Result<void> write_pack(const std::filesystem::path& folder, const audit::AuditPack& pack) {
    std::error_code failed;
    if (std::filesystem::exists(folder, failed) && !std::filesystem::is_empty(folder, failed))
        return Error(Errc::conflict, folder.string() + ": is not empty; a pack gets a folder of its own");
    const std::filesystem::path unfinished = folder.string() + ".unfinished";
    std::filesystem::remove_all(unfinished, failed);
    if (auto made = make_secret_directory(unfinished); !made) return made;
    for (const audit::PackFile& file : pack.files) {
        std::filesystem::create_directories((unfinished / file.name).parent_path(), failed);
        if (auto written = replace_file(unfinished / file.name, file.content, Secrecy::secret); !written)
            return written;
    }
    std::filesystem::remove(folder, failed);
    std::filesystem::rename(unfinished, folder, failed);
    return failed ? Result<void>(Error(Errc::io, folder.string() + ": " + failed.message())) : Result<void>();
}

// What left the house is in the log of acts before anybody has it (dictionary section 14: export).
Result<void> log_export(Invocation& invocation, const Options& options, const audit::AuditPack& pack) {
    auto database = invocation.open_store();
    if (!database) return database.error();
    store::AuditEntry entry;
    entry.actor = invocation.actor();
    entry.actor_role = "administrator";
    entry.action = "audit_pack.export";
    entry.object_type = "audit_pack";
    entry.object_id = options.period;
    entry.purpose = "audit";
    entry.detail = write_json(Record{{"manifest_sha256", to_hex(sha256(bytes_of(pack.files.back().content)))}});
    auto transaction = database->begin();
    if (!transaction) return transaction.error();
    if (auto logged = store::append_audit(*database, entry, invocation.now()); !logged) return logged;
    return transaction->commit();
}

// The rules as the configuration names them.
Result<std::shared_ptr<const rules::RuleSet>> load_rules(Invocation& invocation, Options& options) {
    auto folder = invocation.rules_folder();
    if (!folder) return folder.error();
    auto sources = rules::read_sources({*folder});
    if (!sources) return sources.error();
    auto lists = options.lists.source();
    if (!lists) return lists.error();
    return rules::load_rules(*sources, *lists);
}

Result<audit::AuditPack> make_pack(Invocation& invocation, Options& options) {
    auto period = audit::parse_period(options.period);
    if (!period) return period.error().within("--period");
    const auto known_at = moment_of_knowledge(options, invocation.now());
    if (!known_at) return known_at.error();
    if (period->from > *known_at)
        return Error(Errc::not_found, "--period: nothing of " + options.period + " has happened yet");
    const auto ori = invocation.ori();
    if (!ori) return ori.error();
    auto rules = load_rules(invocation, options);
    if (!rules) return rules.error();
    auto reader = invocation.open_store_for_reading();
    if (!reader) return reader.error();
    return audit::make_audit_pack({*reader, **rules, *period, *known_at}, {*ori, options.period});
}

void report(const Options& options, const audit::AuditPack& pack) {
    if (options.json) {
        std::cout << write_json(Record{{"folder", options.folder.string()},
                                       {"files", static_cast<std::int64_t>(pack.files.size())},
                                       {"questions", static_cast<std::int64_t>(pack.questions)},
                                       {"served", static_cast<std::int64_t>(pack.served)},
                                       {"with_exceptions", static_cast<std::int64_t>(pack.with_exceptions)},
                                       {"manifest_sha256", to_hex(sha256(bytes_of(pack.files.back().content)))}})
                  << '\n';
        return;
    }
    std::cout << options.folder.string() << ": " << pack.files.size() << " files; " << pack.served << " of "
              << pack.questions << " questions are answered, " << pack.with_exceptions
              << " of them with exceptions; begin with index.md\n";
}

}  // namespace

void add_audit_pack_command(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand(
        "audit-pack", "What an auditor takes along: registers, reviews, rules by clause, incidents, proofs");
    auto options = std::make_shared<Options>(invocation);
    command->add_option("--period", options->period, "2026, 2026-Q3, 2026-07 or 2026-07-01..2026-09-15")
        ->required()
        ->check(is_period);
    command->add_option("--out", options->folder, "A new folder for it")->required();
    command->add_option("--known-at", options->known_at, "Leave out what was learned after this time (default: now)");
    options->lists.add_option(*command);
    command->add_flag("--json", options->json, "Say what was made as JSON");
    command->callback([options, &invocation] {
        invocation.run([&]() -> Result<void> {
            auto pack = make_pack(invocation, *options);
            if (!pack) return pack.error();
            if (auto logged = log_export(invocation, *options, *pack); !logged) return logged;
            if (auto written = write_pack(options->folder, *pack); !written) return written;
            report(*options, *pack);
            return {};
        });
    });
}

}  // namespace sallyport::ctl
