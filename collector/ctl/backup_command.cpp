// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/backup_command.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "collector/backup/backup.hpp"
#include "collector/ctl/output.hpp"
#include "collector/evidence/checkpoint.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/store_file.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

constexpr std::chrono::milliseconds kBetweenPieces{2};  // the disk serves the collector, too
constexpr std::string_view kCredential = "backup-key";

struct Options {
    std::filesystem::path folder, store, key_file, signing_key, head;
    bool unsealed = false, replace = false, check = false, json = false;

    [[nodiscard]] Format format() const { return json ? Format::json : Format::table; }
};

Record describe(const backup::Manifest& manifest) {
    return {{"made_at", format_time(manifest.made_at)},
            {"ori", manifest.ori},
            {"schema", manifest.schema},
            {"lines", manifest.lines},
            {"sealed", manifest.store_file == "store.sealed"},
            {"store_sha256", to_hex(manifest.store_sha256)}};
}

// The option, else the credential of systemd.
Result<std::optional<backup::SealKey>> seal_key(const Options& options) {
    std::filesystem::path file = options.key_file;
    if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); file.empty() && credentials != nullptr)
        if (const auto there = std::filesystem::path(credentials) / kCredential; std::filesystem::exists(there))
            file = there;
    if (file.empty())
        return std::optional<backup::SealKey>();
    auto key = backup::load_seal_key(file);
    return key ? Result<std::optional<backup::SealKey>>(*key) : Result<std::optional<backup::SealKey>>(key.error());
}

// The option, else where `ca init` put it.
Result<SigningKey> signing_key(Invocation& invocation, const Options& options) {
    auto file = options.signing_key;
    if (file.empty()) {
        auto folder = invocation.authority_folder({});
        if (!folder)
            return folder.error();
        file = *folder / "collector-signing.key";
    }
    return SigningKey::load_pem(file);
}

Result<void> log_backup(Invocation& invocation, Database& database, const backup::Manifest& manifest) {
    auto transaction = database.begin();
    if (!transaction)
        return transaction.error();
    store::AuditEntry entry;
    entry.actor = invocation.actor();
    entry.actor_role = "administrator";
    entry.action = "store.backup";
    entry.object_type = "store";
    entry.object_id = format_time(manifest.made_at);
    entry.detail = write_json(describe(manifest));
    if (auto done = store::append_audit(database, entry, invocation.now()); !done)
        return done;
    return transaction->commit();
}

Result<void> make(Invocation& invocation, const Options& options) {
    auto database = invocation.open_store();
    if (!database)
        return database.error();
    auto store = store::file_of(*database);
    auto ori = invocation.ori();
    auto collector = signing_key(invocation, options);
    if (!store)
        return store.error();
    if (!ori)
        return ori.error();
    if (!collector)
        return collector.error();
    auto key = seal_key(options);
    if (!key)
        return key.error();
    if (!*key && !options.unsealed)
        return Error(Errc::not_found, "a backup is sealed: give --key-file, or --unsealed where the file system encrypts");
    auto manifest = backup::make_backup({*store, options.folder, *ori, options.unsealed ? std::nullopt : *key, *collector,
                                         invocation.now(), [] { std::this_thread::sleep_for(kBetweenPieces); }});
    if (!manifest)
        return manifest.error();
    print_item(describe(*manifest), options.format());
    return log_backup(invocation, *database, *manifest);
}

// Signed by this collector, or it says nothing about this log.
Result<std::optional<store::PublishedHead>> published_head(const Options& options, const PublicKey& collector) {
    if (options.head.empty())
        return std::optional<store::PublishedHead>();
    auto text = read_file(options.head);
    if (!text)
        return text.error();
    auto head = evidence::open_checkpoint(*text, std::span(&collector, 1));
    if (!head)
        return head.error().within(options.head.string());
    return std::optional(store::PublishedHead{std::move(*text), head->size});
}

Result<void> restore(Invocation& invocation, const Options& options) {
    auto collector = signing_key(invocation, options);
    if (!collector)
        return collector.error();
    auto key = seal_key(options);
    if (!key)
        return key.error();
    if (options.check) {
        auto manifest = backup::check_backup(options.folder, *key, collector->public_key(), options.store.string() + ".checking");
        if (!manifest)
            return manifest.error();
        print_item(describe(*manifest), options.format());
        return {};
    }
    auto published = published_head(options, collector->public_key());
    if (!published)
        return published.error();
    auto restored = backup::restore_backup({options.folder, options.store, *key, collector->public_key(), invocation.now(),
                                            std::move(*published), options.replace});
    if (!restored)
        return restored.error();
    print_item(describe(restored->manifest)
                   .set("moved_aside", restored->moved_aside ? Value(restored->moved_aside->string()) : Value()),
               options.format());
    std::cerr << "What was written after " << format_time(restored->manifest.made_at)
              << " is not in it. Terminals send their lines of the last 48 hours again when the collector starts. See to the rest\n"
                 "by hand: revocations (`terminals list`, then `ca crl`), accounts, registers, acts on alerts and incidents, and\n"
                 "legal holds; then lift the hold on everything (`hold list`).\n";
    return {};
}

}  // namespace

void add_backup_commands(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<Options>();
    const auto common = [&](CLI::App* command) {
        command->add_option("--key-file", options->key_file,
                            "64 hex digits that seal it (default: the credential backup-key of systemd, where there is one)");
        command->add_option("--signing-key", options->signing_key, "The collector's (default: where `ca init` put it)");
        command->add_flag("--json", options->json, "As JSON");
    };
    auto* make_command = app.add_subcommand("backup", "Copies the store, beside a running collector, and reads the copy back");
    make_command->add_option("--out", options->folder, "A folder that is not there yet")->required();
    make_command->add_flag("--unsealed", options->unsealed, "In clear, where the file system encrypts");
    common(make_command);
    make_command->callback([options, &invocation] { invocation.run([&] { return make(invocation, *options); }); });

    auto* restore_command = app.add_subcommand("restore", "Brings the store back from a backup; no collector may run");
    restore_command->add_option("--from", options->folder, "The backup's folder")->required()->check(CLI::ExistingDirectory);
    restore_command->add_option("--to", options->store, "Where the store goes: `store` of the configuration")->required();
    restore_command->add_option("--head", options->head, "The last head that was published: how many lines are missing is told then");
    restore_command->add_flag("--replace", options->replace, "Moves a store that is there aside");
    restore_command->add_flag("--check", options->check, "Only checks the backup, beside a running collector");
    common(restore_command);
    restore_command->callback([options, &invocation] { invocation.run([&] { return restore(invocation, *options); }); });
}

}  // namespace sallyport::ctl
