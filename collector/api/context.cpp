// SPDX-License-Identifier: Apache-2.0
#include "collector/api/context.hpp"

#include <algorithm>
#include <array>

#include "collector/store/audit_log.hpp"
#include "protocol/json.hpp"

namespace sallyport::api {

Role parse_role(std::string_view role) {
    if (role == "spoc") return kSpoc;
    if (role == "psd_investigator" || role == "psd_director") return kPsd;
    if (role == "acc") return kAcc;
    if (role == "auditor") return kAuditor;
    return role == "administrator" ? kAdministrator : kNobody;
}

bool is_purpose(std::string_view word) {
    constexpr std::array<std::string_view, 6> kPurposes = {"review",          "investigation", "report",
                                                           "records_request", "audit",         "test"};
    return std::find(kPurposes.begin(), kPurposes.end(), word) != kPurposes.end();
}

Result<void> log_act(Context& context, const Request& request, std::string_view action,
                     std::string_view object_type, std::string_view object_id, bool success,
                     std::string_view purpose, const Record& detail) {
    store::AuditEntry entry;
    entry.actor = context.session.account.empty() ? "unknown" : context.session.account;
    entry.actor_role = context.session.role.empty() ? "none" : context.session.role;
    entry.action = action;
    entry.object_type = object_type;
    entry.object_id = object_id;
    if (!purpose.empty()) entry.purpose = std::string(purpose);
    entry.detail = write_json(detail);
    entry.source_ip = request.source_ip;
    entry.success = success;
    const auto now = context.services.clock.now();
    return context.services.writer.run(
        [entry, now](Database& database) { return store::append_audit(database, entry, now); });
}

}  // namespace sallyport::api
