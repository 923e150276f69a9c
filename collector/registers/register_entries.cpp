// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_entries.hpp"

#include <algorithm>

#include "collector/store/terminal_repository.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

// A certificate as it was known at that time: revoked only once it was.
store::RegisterEntry certificate(const store::TerminalKey& key, WallTime known_at) {
    store::RegisterEntry entry;
    entry.ori = key.ori;
    entry.register_name = "certificates";
    entry.id = key.cert_sha256;
    entry.valid_from = entry.recorded_at = key.enrolled_at;
    entry.changed_by = "enrolment";
    entry.change_reason = "terminals enrol";
    entry.data = {{"cert_sha256", key.cert_sha256},
                  {"terminal_id", key.terminal_id},
                  {"issued_at", format_time(key.enrolled_at)},
                  {"not_after", format_time(key.not_after)}};
    if (key.revoked_at && *key.revoked_at <= known_at) {
        entry.version = 2;
        entry.data.set("revoked_at", format_time(*key.revoked_at));
        entry.data.set("revoke_reason", key.revoke_reason.value_or(""));
    }
    return entry;
}

Result<std::vector<store::RegisterEntry>> certificates(Database& database, WallTime known_at) {
    auto keys = store::all_keys(database);
    if (!keys)
        return keys.error();
    std::vector<store::RegisterEntry> entries;
    for (const store::TerminalKey& key : *keys)
        if (key.enrolled_at <= known_at)
            entries.push_back(certificate(key, known_at));
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return entries;
}

}  // namespace

Result<std::vector<store::RegisterEntry>> entries_of(Database& database, const Register& table, WallTime as_of,
                                                     WallTime known_at) {
    return table.written_by_enrolment ? certificates(database, known_at)
                                      : store::list_entries(database, table.name, as_of, known_at);
}

Result<std::vector<store::RegisterEntry>> versions_of(Database& database, const Register& table, std::string_view id) {
    if (!table.written_by_enrolment)
        return store::history_of(database, table.name, id);
    auto all = certificates(database, WallTime::max());
    if (all)
        std::erase_if(*all, [&](const auto& entry) { return entry.id != id; });
    return all;
}

}  // namespace sallyport::registers
