// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/terminal_paper.hpp"

#include "collector/store/audit_log.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"

namespace sallyport::ctl {

Result<Record> registered(Database& database, std::string_view register_name, std::string_view id, WallTime now) {
    auto entry = store::find_entry(database, register_name, id, now, now);
    if (!entry)
        return entry.error();
    if (!*entry)
        return Error(Errc::not_found, std::string(register_name) + ": " + std::string(id) + " is not in the register");
    return std::move((*entry)->data);
}

Result<SigningKey> collector_signing_key(Invocation& invocation, const std::filesystem::path& authority) {
    auto folder = invocation.authority_folder(authority);
    if (!folder)
        return folder.error();
    return SigningKey::load_pem(*folder / "collector-signing.key");
}

Result<void> hand_out(const Invocation& invocation, Database& database, std::string_view action,
                      const std::string& terminal, const Record& detail, const std::filesystem::path& out,
                      const std::string& text) {
    store::AuditEntry entry;
    entry.actor = invocation.actor();
    entry.actor_role = "administrator";
    entry.action = action;
    entry.object_type = "terminals";
    entry.object_id = terminal;
    entry.detail = write_json(detail);
    if (auto logged = store::append_audit(database, entry, invocation.now()); !logged)
        return logged;
    return replace_file(out, text, Secrecy::open);
}

}  // namespace sallyport::ctl
