// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/audit_relay.hpp"

#include <algorithm>
#include <array>

#include "collector/store/alert_repository.hpp"
#include "protocol/json.hpp"
#include "protocol/schema.hpp"

namespace sallyport::intake {
namespace {

constexpr std::size_t kSliceMax = 200;
constexpr JsonLimits kDetailLimits{64 * 1024, 8, 4'096};

// As a token of the catalogue: ids of other origin, `*` for all, paths with blanks would not be one.
std::string token_of(std::string_view text, std::size_t size_max) {
    std::string token(text.substr(0, size_max));
    std::replace_if(token.begin(), token.end(), [](char c) { return !is_token_character(c); }, '_');
    return token.empty() ? "-" : token;
}

bool is_register_change(std::string_view action) {
    constexpr std::array<std::string_view, 3> kChanges = {"registry.change", "operator.change", "window.change"};
    return std::find(kChanges.begin(), kChanges.end(), action) != kChanges.end();
}

Record register_change(const store::AuditEntry& entry) {
    return {{"register", token_of(entry.object_type, 32)},
            {"id", token_of(entry.object_id, 64)},
            {"action", entry.before_hash ? "change" : "add"},
            {"after_sha256", entry.after_hash.value_or(std::string(64, '0'))}};
}

// What was done to the rule: `live`, `observe`, or to one of its parameters `tighten`, `loosen`.
Record rule_change(const store::AuditEntry& entry) {
    const auto detail = read_json_record(entry.detail, kDetailLimits);
    const auto word = [&](std::string_view name) { return detail ? text_of(*detail, name) : std::string_view(); };
    Record body{{"rule", token_of(entry.object_id, 32)},
                {"action", token_of(word("state").empty() ? word("effect") : word("state"), 32)}};
    if (!word("site").empty())
        body.set("site", token_of(word("site"), 64));
    return body;
}

Record console_action(const store::AuditEntry& entry) {
    return {{"action", token_of(entry.success ? entry.action : entry.action + ".failed", 48)},
            {"object_type", token_of(entry.object_type, 32)},
            {"object_id", token_of(entry.object_id, 64)},
            {"actor", token_of(entry.actor, 64)}};
}

// What somebody judged an alert about a person to be; nothing where it is about none, or nobody judged it.
Result<std::optional<Notice>> resolution_of(Database& database, const store::StoredAuditEntry& stored) {
    const store::AuditEntry& entry = stored.entry;
    if (entry.action != "alert.resolve" || !entry.success)
        return std::optional<Notice>();
    const auto detail = read_json_record(entry.detail, kDetailLimits);
    if (!detail || text_of(*detail, "disposition").empty() || text_of(*detail, "day").empty())
        return std::optional<Notice>();
    auto alert = store::find_alert(database, entry.object_id);
    if (!alert)
        return alert.error();
    if (!*alert || !(*alert)->operator_ref)
        return std::optional<Notice>();
    return std::optional(Notice{"alert.resolution",
                                {{"alert_id", token_of((*alert)->alert_id, 64)},
                                 {"rule_id", token_of((*alert)->rule_id, 32)},
                                 {"severity", (*alert)->severity},
                                 {"operator_ref", token_of(*(*alert)->operator_ref, 64)},
                                 {"disposition", token_of(text_of(*detail, "disposition"), 32)},
                                 {"day", token_of(text_of(*detail, "day"), 10)}},
                                stored.at});
}

}  // namespace

std::optional<Notice> notice_of(const store::StoredAuditEntry& stored) {
    const store::AuditEntry& entry = stored.entry;
    if (entry.actor == "system")
        return std::nullopt;
    if (entry.success && is_register_change(entry.action))
        return Notice{entry.action, register_change(entry), stored.at};
    if (entry.success && entry.action == "rule.change")
        return Notice{entry.action, rule_change(entry), stored.at};
    return Notice{"console.action", console_action(entry), stored.at};
}

Result<std::size_t> relay_audit(Database& database, OwnLog& log) {
    auto told = store::audit_relayed(database);
    if (!told)
        return told.error();
    auto entries = store::read_audit_after(database, *told, kSliceMax);
    if (!entries)
        return entries.error();
    if (entries->empty())
        return std::size_t{0};
    std::vector<Notice> notices;
    for (const store::StoredAuditEntry& stored : *entries) {
        if (auto notice = notice_of(stored))
            notices.push_back(std::move(*notice));
        auto resolution = resolution_of(database, stored);
        if (!resolution)
            return resolution.error().within("audit relay");
        if (*resolution)
            notices.push_back(std::move(**resolution));
    }
    if (auto done = log.append(database, notices); !done)
        return done.error().within("audit relay");
    if (auto done = store::save_audit_relayed(database, entries->back().log_id); !done)
        return done.error();
    return notices.size();
}

}  // namespace sallyport::intake
