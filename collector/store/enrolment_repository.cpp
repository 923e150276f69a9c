// SPDX-License-Identifier: Apache-2.0
#include "collector/store/enrolment_repository.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr const char* kRequestColumns =
    "SELECT request_id, kind, terminal_id, ori, public_key, request, source_ip, received_at, state, decided_by, decided_at, "
    "reason, certificate FROM certificate_request ";

CertificateRequest request_from(const Statement& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6),
            wall_time(row.integer(7)), row.text(8), row.optional_text(9), optional_time(row, 10), row.optional_text(11),
            row.optional_text(12)};
}

template <class T>
std::optional<T> first_of(std::vector<T> rows) {
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

}  // namespace

Result<void> add_enrolment_token(Database& database, const EnrolmentTokenRow& token) {
    auto insert = database.prepare(
        "INSERT INTO enrolment_token (secret_sha256, terminal_id, ori, created_by, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?)");
    if (!insert)
        return insert.error();
    auto done = insert->bind_blob(1, token.secret_sha256).bind(2, token.terminal_id).bind(3, token.ori).bind(4, token.created_by)
                    .bind(5, milliseconds(token.created_at)).bind(6, milliseconds(token.expires_at)).run();
    return done ? done : Result<void>(done.error().within("token of " + token.terminal_id));
}

Result<std::optional<EnrolmentTokenRow>> find_enrolment_token(Database& database, const Digest& secret_sha256) {
    auto query = database.prepare(
        "SELECT terminal_id, ori, created_by, created_at, expires_at, request_id FROM enrolment_token WHERE secret_sha256 = ?");
    if (!query)
        return query.error();
    query->bind_blob(1, secret_sha256);
    auto rows = read_rows(*query, "enrolment token", [&](const Statement& row) {
        return EnrolmentTokenRow{secret_sha256, row.text(0), row.text(1), row.text(2), wall_time(row.integer(3)),
                                 wall_time(row.integer(4)), row.optional_text(5)};
    });
    if (!rows)
        return rows.error();
    return first_of(std::move(rows).value());
}

Result<void> expire_enrolment_tokens(Database& database, std::string_view terminal_id, WallTime now) {
    auto update = database.prepare(
        "UPDATE enrolment_token SET expires_at = ?1 WHERE terminal_id = ?2 AND request_id IS NULL AND expires_at > ?1");
    if (!update)
        return update.error();
    auto done = update->bind(1, milliseconds(now)).bind(2, terminal_id).run();
    return done ? done : Result<void>(done.error().within("tokens of " + std::string(terminal_id)));
}

Result<void> spend_enrolment_token(Database& database, const Digest& secret_sha256, std::string_view request_id) {
    auto update = database.prepare("UPDATE enrolment_token SET request_id = ? WHERE secret_sha256 = ? AND request_id IS NULL");
    if (!update)
        return update.error();
    if (auto done = update->bind(1, request_id).bind_blob(2, secret_sha256).run(); !done)
        return done.error().within("enrolment token");
    if (database.changes() == 0)
        return Error(Errc::conflict, "enrolment token: it is spent");
    return {};
}

Result<void> save_certificate_request(Database& database, const CertificateRequest& request) {
    auto upsert = database.prepare(
        "INSERT INTO certificate_request (request_id, kind, terminal_id, ori, public_key, request, source_ip, received_at, "
        "state, decided_by, decided_at, reason, certificate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (request_id) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by, "
        "decided_at = excluded.decided_at, reason = excluded.reason, certificate = excluded.certificate");
    if (!upsert)
        return upsert.error();
    auto done = upsert->bind(1, request.request_id).bind(2, request.kind).bind(3, request.terminal_id).bind(4, request.ori)
                    .bind(5, request.public_key).bind(6, request.request).bind(7, request.source_ip)
                    .bind(8, milliseconds(request.received_at)).bind(9, request.state).bind(10, request.decided_by)
                    .bind(11, milliseconds(request.decided_at)).bind(12, request.reason).bind(13, request.certificate).run();
    return done ? done : Result<void>(done.error().within("certificate request of " + request.terminal_id));
}

Result<std::optional<CertificateRequest>> find_certificate_request(Database& database, std::string_view request_id) {
    auto query = database.prepare(std::string(kRequestColumns) + "WHERE request_id = ?");
    if (!query)
        return query.error();
    query->bind(1, request_id);
    auto rows = read_rows(*query, "certificate request", request_from);
    if (!rows)
        return rows.error();
    return first_of(std::move(rows).value());
}

Result<std::vector<CertificateRequest>> list_certificate_requests(Database& database, std::string_view state,
                                                                  std::size_t limit) {
    auto query = database.prepare(std::string(kRequestColumns) +
                                  "WHERE ?1 = '' OR state = ?1 ORDER BY received_at, request_id LIMIT ?2");
    if (!query)
        return query.error();
    query->bind(1, state).bind(2, static_cast<std::int64_t>(limit));
    return read_rows(*query, "certificate requests", request_from);
}

Result<std::optional<CertificateRequest>> newest_request_of_key(Database& database, std::string_view public_key) {
    auto query = database.prepare(std::string(kRequestColumns) + "WHERE public_key = ? ORDER BY received_at DESC LIMIT 1");
    if (!query)
        return query.error();
    query->bind(1, public_key);
    auto rows = read_rows(*query, "certificate request", request_from);
    if (!rows)
        return rows.error();
    return first_of(std::move(rows).value());
}

Result<std::optional<WallTime>> newest_certificate_issued_at(Database& database, std::string_view public_key) {
    auto query = database.prepare("SELECT issued_at FROM issued_certificate WHERE public_key = ? ORDER BY issued_at DESC LIMIT 1");
    if (!query)
        return query.error();
    query->bind(1, public_key);
    auto rows = read_rows(*query, "issued certificates", [](const Statement& row) { return wall_time(row.integer(0)); });
    if (!rows)
        return rows.error();
    return first_of(std::move(rows).value());
}

}  // namespace sallyport::store
