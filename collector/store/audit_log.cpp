// SPDX-License-Identifier: Apache-2.0
#include "collector/store/audit_log.hpp"

#include <algorithm>

#include "collector/store/audit_anchor.hpp"
#include "collector/store/row_values.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::store {
namespace {

constexpr const char* kColumns =
    "SELECT log_id, at, actor, actor_role, action, object_type, object_id, purpose, detail, before_hash, after_hash, "
    "source_ip, outcome, prev_hash, hash FROM audit ";

void append_optional(Bytes& claim, const std::optional<std::string>& text) {
    append_framed(claim, std::uint64_t{text.has_value()});
    append_framed(claim, text.value_or(""));
}

Digest hash_of(const Digest& previous, const AuditEntry& entry, std::int64_t at) {
    Bytes claim;
    append_framed(claim, "sallyport/1/audit");
    append_framed(claim, ByteView(previous));
    append_framed(claim, static_cast<std::uint64_t>(at));
    for (const std::string* text :
         {&entry.actor, &entry.actor_role, &entry.action, &entry.object_type, &entry.object_id, &entry.detail})
        append_framed(claim, *text);
    for (const auto* text : {&entry.purpose, &entry.before_hash, &entry.after_hash, &entry.source_ip})
        append_optional(claim, *text);
    append_framed(claim, entry.success ? "success" : "failure");
    return sha256(claim);
}

StoredAuditEntry read_row(const Statement& row) {
    StoredAuditEntry stored;
    stored.log_id = row.integer(0);
    stored.at = wall_time(row.integer(1));
    stored.entry = {row.text(2),          row.text(3),           row.text(4),           row.text(5),
                    row.text(6),          row.optional_text(7),  row.text(8),           row.optional_text(9),
                    row.optional_text(10), row.optional_text(11), row.text(12) == "success"};
    return stored;
}

Digest digest_at(const Statement& row, int column) {
    const Bytes bytes = row.blob(column);
    Digest digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    return digest;
}

Result<Digest> last_hash(Database& database) {
    auto query = database.prepare("SELECT hash FROM audit ORDER BY log_id DESC LIMIT 1");
    if (!query)
        return query.error();
    auto row = query->step();
    if (!row)
        return row.error();
    return *row ? digest_at(*query, 0) : Digest{};  // all zero before the first entry
}

// Where the oldest entries were deleted, an entry says up to which one and on which hash the rest stands: an anchor that
// somebody moved by hand has none.
Result<void> check_anchor(Database& database, const AuditAnchor& anchor) {
    if (anchor.log_id == 0)
        return {};
    auto query = database.prepare("SELECT 1 FROM audit WHERE action = 'audit.delete' AND object_type = 'audit' AND object_id = ? "
                                  "AND detail LIKE ?");
    if (!query)
        return query.error().within("audit");
    auto row = query->bind(1, std::to_string(anchor.log_id)).bind(2, "%" + to_hex(anchor.hash) + "%").step();
    if (!row)
        return row.error().within("audit");
    return *row ? Result<void>()
                : Result<void>(Error(Errc::corrupt, "audit: the entries up to " + std::to_string(anchor.log_id) +
                                                        " are gone, and no entry says that they were deleted"));
}

}  // namespace

Result<void> append_audit(Database& database, const AuditEntry& entry, WallTime at) {
    auto previous = last_hash(database);
    if (!previous)
        return previous.error().within("audit");
    auto insert = database.prepare(
        "INSERT INTO audit (at, actor, actor_role, action, object_type, object_id, purpose, detail, before_hash, "
        "after_hash, source_ip, outcome, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return insert.error().within("audit");
    const std::int64_t time = at.time_since_epoch().count();
    auto done = insert->bind(1, time).bind(2, entry.actor).bind(3, entry.actor_role).bind(4, entry.action)
                    .bind(5, entry.object_type).bind(6, entry.object_id).bind(7, entry.purpose).bind(8, entry.detail)
                    .bind(9, entry.before_hash).bind(10, entry.after_hash).bind(11, entry.source_ip)
                    .bind(12, entry.success ? "success" : "failure").bind_blob(13, *previous)
                    .bind_blob(14, hash_of(*previous, entry, time)).run();
    return done ? done : Result<void>(done.error().within("audit: " + entry.action));
}

Result<std::vector<StoredAuditEntry>> read_audit(Database& database, std::string_view object_type,
                                                 std::string_view object_id, std::size_t limit) {
    auto query = database.prepare(std::string(kColumns) +
                                  "WHERE object_type = ? AND object_id = ? ORDER BY log_id DESC LIMIT ?");
    if (!query)
        return query.error();
    query->bind(1, object_type).bind(2, object_id).bind(3, static_cast<std::int64_t>(limit));
    return read_rows(*query, "audit", read_row);
}

Result<std::vector<StoredAuditEntry>> read_audit_after(Database& database, std::int64_t log_id, std::size_t limit) {
    auto query = database.prepare(std::string(kColumns) + "WHERE log_id > ? ORDER BY log_id LIMIT ?");
    if (!query)
        return query.error().within("audit");
    query->bind(1, log_id).bind(2, static_cast<std::int64_t>(limit));
    return read_rows(*query, "audit", read_row);
}

Result<AuditAnchor> audit_anchor(Database& database) {
    auto query = database.prepare("SELECT log_id, hash FROM audit_anchor");
    if (!query)
        return query.error().within("audit");
    auto row = query->step();
    if (!row)
        return row.error().within("audit");
    if (!*row)
        return Error(Errc::corrupt, "audit: audit_anchor has no row");
    return AuditAnchor{query->integer(0), digest_at(*query, 1)};
}

Result<AuditAnchor> delete_oldest_audit_entry(Database& database) {
    auto anchor = audit_anchor(database);
    if (!anchor)
        return anchor.error();
    const std::int64_t log_id = anchor->log_id + 1;
    auto move = database.prepare(
        "UPDATE audit_anchor SET log_id = ?1, hash = (SELECT hash FROM audit WHERE log_id = ?1)");
    auto remove = database.prepare("DELETE FROM audit WHERE log_id = ?");
    if (!move || !remove)
        return (move ? remove : move).error().within("audit");
    for (Statement* statement : {&*move, &*remove})
        if (auto done = statement->bind(1, log_id).run(); !done)
            return done.error().within("audit");
    return audit_anchor(database);
}

Result<std::int64_t> audit_relayed(Database& database) {
    auto query = database.prepare("SELECT log_id FROM audit_relay");
    if (!query)
        return query.error().within("audit");
    auto row = query->step();
    if (!row)
        return row.error().within("audit");
    return *row ? query->integer(0) : Result<std::int64_t>(Error(Errc::corrupt, "audit: audit_relay has no row"));
}

Result<void> save_audit_relayed(Database& database, std::int64_t log_id) {
    auto update = database.prepare("UPDATE audit_relay SET log_id = ?");
    if (!update)
        return update.error().within("audit");
    return update->bind(1, log_id).run();
}

Result<std::int64_t> verify_audit(Database& database) {
    auto query = database.prepare(std::string(kColumns) + "ORDER BY log_id");
    if (!query)
        return query.error();
    auto anchor = audit_anchor(database);
    if (!anchor)
        return anchor.error();
    if (auto named = check_anchor(database, *anchor); !named)
        return named.error();
    Digest previous = anchor->hash;
    std::int64_t count = 0;
    for (;;) {
        auto row = query->step();
        if (!row)
            return row.error().within("audit");
        if (!*row)
            return count;
        const StoredAuditEntry stored = read_row(*query);
        const Digest expected = hash_of(previous, stored.entry, stored.at.time_since_epoch().count());
        if (query->blob(14) != Bytes(expected.begin(), expected.end()) || stored.log_id != anchor->log_id + count + 1)
            return Error(Errc::corrupt, "audit: entry " + std::to_string(stored.log_id) +
                                            " does not follow from the one before it");
        previous = expected;
        ++count;
    }
}

}  // namespace sallyport::store
