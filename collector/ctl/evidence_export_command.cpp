// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/evidence_export_command.hpp"

#include <CLI/CLI.hpp>

#include "collector/ctl/output.hpp"
#include "collector/ctl/terminal_paper.hpp"
#include "collector/evidence/bundle/bundle.hpp"
#include "collector/evidence/bundle/bundle_check.hpp"
#include "collector/evidence/bundle/store_proofs.hpp"
#include "collector/store/alert_repository.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::string incident, purpose = "review";
    std::filesystem::path file, authority;
    bool redacted = false, json = false;
};

// By id, or by the number that people call it.
Result<store::Incident> incident_called(Database& database, const std::string& name) {
    auto incident = store::find_incident(database, name);
    if (incident && !*incident)
        incident = store::find_incident_numbered(database, name);
    if (!incident)
        return incident.error();
    if (!*incident)
        return Error(Errc::not_found, "there is no incident '" + name + "'");
    return std::move(**incident);
}

// In a transaction of its own, before the file is there: what is not logged is not handed out.
Result<void> log_export(Invocation& invocation, Database& database, const evidence::Bundle& bundle, const std::string& purpose) {
    store::AuditEntry entry;
    entry.actor = bundle.manifest.exported_by;
    entry.actor_role = bundle.manifest.exported_role;
    entry.action = "evidence.export";
    entry.object_type = "incident";
    entry.object_id = bundle.manifest.incident_id;
    entry.purpose = purpose;
    entry.detail = write_json(evidence::audit_detail(bundle));
    auto transaction = database.begin();
    if (!transaction)
        return transaction.error();
    if (auto logged = store::append_audit(database, entry, invocation.now()); !logged)
        return logged;
    return transaction->commit();
}

Result<evidence::Bundle> make_bundle(Invocation& invocation, Database& database, const Options& options) {
    auto incident = incident_called(database, options.incident);
    if (!incident)
        return incident.error();
    auto folder = invocation.authority_folder(options.authority);
    if (!folder)
        return folder.error();
    auto key = collector_signing_key(invocation, options.authority);
    if (!key)
        return key.error();
    auto proofs = evidence::StoreProofs::with_fresh_head(database, incident->ori, *key, invocation.now());
    if (!proofs)
        return proofs.error();
    const evidence::BundleOrder order{
        incident->incident_id,
        options.redacted ? evidence::BundleForm::redacted : evidence::BundleForm::full,
        invocation.actor(),
        "administrator",
        options.purpose,
        invocation.now(),
        *folder / "issued"};
    return evidence::make_bundle(database, order, *proofs, *key);
}

void export_bundle(Invocation& invocation, const Options& options) {
    invocation.run([&]() -> Result<void> {
        auto database = invocation.open_store();
        if (!database)
            return database.error();
        auto bundle = make_bundle(invocation, *database, options);
        if (!bundle)
            return bundle.error();
        if (bundle->file.size() > evidence::kBundleBytesMax)
            return Error(Errc::exhausted, "the bundle would have " + std::to_string(bundle->file.size()) + " bytes, at most " +
                                              std::to_string(evidence::kBundleBytesMax) + " are written");
        if (auto logged = log_export(invocation, *database, *bundle, options.purpose); !logged)
            return logged;
        if (auto written = replace_file(options.file, bundle->file, Secrecy::secret); !written)
            return written;
        Record said{{"file", options.file.string()}, {"incident", bundle->manifest.incident_number}};
        for (const auto& [name, value] : evidence::audit_detail(*bundle))
            said.set(name, value);
        print_item(said, options.json ? Format::json : Format::table);
        return {};
    });
}

}  // namespace

void add_evidence_export_command(CLI::App& evidence, Invocation& invocation) {
    auto options = std::make_shared<Options>();
    auto* make = evidence.add_subcommand("export", "Writes all evidence of an incident into one file that proves itself");
    make->add_option("INCIDENT", options->incident, "Its id, or its number")->required();
    make->add_option("--out", options->file, "The file; an older one is replaced")->required();
    make->add_flag("--redact", options->redacted, "Withhold each line that names an account; its hash and proof stay");
    make->add_option("--purpose", options->purpose, "Why, for manifest and audit log")
        ->check(CLI::IsMember({"review", "investigation", "report", "records_request", "audit", "test"}))
        ->capture_default_str();
    make->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
    make->add_flag("--json", options->json, "Say what was written as JSON");
    make->callback([&invocation, options] { export_bundle(invocation, *options); });
}

}  // namespace sallyport::ctl
