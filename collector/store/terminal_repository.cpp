// SPDX-License-Identifier: Apache-2.0
#include "collector/store/terminal_repository.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

Result<std::vector<TerminalKey>> read_keys(Statement& query) {
    return read_rows(query, "terminal keys", [](const Statement& row) {
        return TerminalKey{row.text(0), row.text(1), row.text(2), row.text(3), wall_time(row.integer(4)),
                           wall_time(row.integer(5)), optional_time(row, 6), row.optional_text(7)};
    });
}

// Every one that the key was given: a revocation has to name them all.
Result<void> add_certificate(Database& database, const TerminalKey& key) {
    auto insert = database.prepare(
        "INSERT OR IGNORE INTO issued_certificate (terminal_id, cert_sha256, public_key, issued_at, not_after) "
        "VALUES (?, ?, ?, ?, ?)");
    if (!insert)
        return insert.error();
    auto done = insert->bind(1, key.terminal_id).bind(2, key.cert_sha256).bind(3, key.public_key)
                    .bind(4, milliseconds(key.enrolled_at)).bind(5, milliseconds(key.not_after)).run();
    return done ? done : Result<void>(done.error().within("certificate of " + key.terminal_id));
}

constexpr const char* kKeyColumns =
    "SELECT terminal_id, ori, public_key, cert_sha256, not_after, enrolled_at, revoked_at, revoke_reason "
    "FROM terminal_key ";

}  // namespace

Result<void> add_key(Database& database, const TerminalKey& key) {
    auto insert = database.prepare(
        "INSERT INTO terminal_key (terminal_id, ori, public_key, cert_sha256, not_after, enrolled_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (terminal_id, public_key) DO UPDATE SET "
        "cert_sha256 = excluded.cert_sha256, not_after = excluded.not_after WHERE revoked_at IS NULL");
    if (!insert)
        return insert.error();
    auto done = insert->bind(1, key.terminal_id).bind(2, key.ori).bind(3, key.public_key).bind(4, key.cert_sha256)
                    .bind(5, milliseconds(key.not_after)).bind(6, milliseconds(key.enrolled_at)).run();
    if (!done)
        return done.error().within("key of " + key.terminal_id);
    if (database.changes() == 0)
        return Error(Errc::refused, "key of " + key.terminal_id + ": was revoked and cannot be enrolled again");
    return add_certificate(database, key);
}

Result<void> revoke_keys(Database& database, std::string_view terminal_id, std::string_view reason, WallTime at) {
    auto update = database.prepare(
        "UPDATE terminal_key SET revoked_at = ?, revoke_reason = ? WHERE terminal_id = ? AND revoked_at IS NULL");
    if (!update)
        return update.error();
    auto done = update->bind(1, milliseconds(at)).bind(2, reason).bind(3, terminal_id).run();
    if (!done)
        return done.error().within("revoke keys of " + std::string(terminal_id));
    if (database.changes() == 0)
        return Error(Errc::not_found, "terminal " + std::string(terminal_id) + ": has no key in force");
    return {};
}

Result<std::vector<RevokedCertificate>> revoked_certificates(Database& database) {
    auto query = database.prepare(
        "SELECT c.cert_sha256, k.revoked_at FROM issued_certificate c JOIN terminal_key k "
        "ON k.terminal_id = c.terminal_id AND k.public_key = c.public_key WHERE k.revoked_at IS NOT NULL ORDER BY 1");
    if (!query)
        return query.error();
    return read_rows(*query, "revoked certificates", [](const Statement& row) {
        return RevokedCertificate{row.text(0), wall_time(row.integer(1))};
    });
}

Result<std::vector<TerminalKey>> keys_of(Database& database, std::string_view terminal_id) {
    auto query = database.prepare(std::string(kKeyColumns) + "WHERE terminal_id = ? ORDER BY enrolled_at DESC");
    if (!query)
        return query.error();
    query->bind(1, terminal_id);
    return read_keys(*query);
}

Result<std::vector<TerminalKey>> all_keys(Database& database) {
    auto query = database.prepare(std::string(kKeyColumns) + "ORDER BY terminal_id, enrolled_at DESC");
    if (!query)
        return query.error();
    return read_keys(*query);
}

Result<void> save_liveness(Database& database, const TerminalLiveness& liveness) {
    auto upsert = database.prepare(
        "INSERT INTO terminal_liveness (terminal_id, ori, state, last_seen_at, changed_at, status) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (terminal_id) DO UPDATE SET ori = excluded.ori, state = excluded.state, "
        "last_seen_at = excluded.last_seen_at, changed_at = excluded.changed_at, "
        "status = coalesce(excluded.status, status)");
    if (!upsert)
        return upsert.error();
    auto done = upsert->bind(1, liveness.terminal_id).bind(2, liveness.ori).bind(3, liveness.state)
                    .bind(4, milliseconds(liveness.last_seen_at)).bind(5, milliseconds(liveness.changed_at))
                    .bind(6, liveness.status).run();
    return done ? done : Result<void>(done.error().within("liveness of " + liveness.terminal_id));
}

Result<std::vector<TerminalBacklog>> backlogs(Database& database) {
    auto query = database.prepare(
        "SELECT l.terminal_id, l.instance, coalesce(s.last_seq, 0), "
        "(SELECT event_time FROM event WHERE stream_id = s.stream_id AND seq = s.last_seq) "
        "FROM (SELECT terminal_id, json_extract(status, '$.instance') AS instance, json_extract(status, '$.seq') AS seq "
        "FROM terminal_liveness WHERE state = 'alive' AND status IS NOT NULL) l "
        "LEFT JOIN stream s ON s.terminal_id = l.terminal_id AND s.instance = l.instance "
        "WHERE l.seq > coalesce(s.last_seq, 0) ORDER BY l.terminal_id");
    if (!query)
        return query.error();
    return read_rows(*query, "backlogs", [](const Statement& row) {
        return TerminalBacklog{row.text(0), row.text(1), static_cast<std::uint64_t>(row.integer(2)),
                               optional_time(row, 3)};
    });
}

Result<std::vector<UnheardTerminal>> unheard_since(Database& database, WallTime time) {
    auto query = database.prepare(
        "SELECT terminal_id, last_seen_at FROM terminal_liveness "
        "WHERE state = 'alive' AND last_seen_at < ?1 ORDER BY terminal_id");
    if (!query)
        return query.error();
    query->bind(1, milliseconds(time));
    return read_rows(*query, "unheard terminals", [](const Statement& row) {
        return UnheardTerminal{row.text(0), wall_time(row.integer(1))};
    });
}

Result<std::vector<TerminalLiveness>> all_liveness(Database& database) {
    auto query = database.prepare(
        "SELECT terminal_id, ori, state, last_seen_at, changed_at, status FROM terminal_liveness ORDER BY terminal_id");
    if (!query)
        return query.error();
    return read_rows(*query, "liveness", [](const Statement& row) {
        return TerminalLiveness{row.text(0), row.text(1), row.text(2), optional_time(row, 3), wall_time(row.integer(4)),
                                row.optional_text(5)};
    });
}

}  // namespace sallyport::store
