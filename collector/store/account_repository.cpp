// SPDX-License-Identifier: Apache-2.0
#include "collector/store/account_repository.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr std::string_view kAccountColumns =
    "SELECT name, role, display_name, password_salt, password_hash, password_rounds, failures, locked_until, "
    "disabled_at, created_at FROM account ";

Account account_from(const Statement& row) {
    return {.name = row.text(0),
            .role = row.text(1),
            .display_name = row.text(2),
            .password_salt = row.blob(3),
            .password_hash = row.blob(4),
            .password_rounds = row.integer(5),
            .failures = row.integer(6),
            .locked_until = optional_time(row, 7),
            .disabled_at = optional_time(row, 8),
            .created_at = wall_time(row.integer(9))};
}

// Prepares, lets the caller bind, runs to the end.
template <class Bind>
Result<void> run(Database& database, std::string_view what, std::string_view sql, Bind bind) {
    auto statement = database.prepare(sql);
    if (!statement) return statement.error().within(what);
    bind(*statement);
    if (auto done = statement->run(); !done) return done.error().within(what);
    return {};
}

}  // namespace

Result<void> save_account(Database& database, const Account& account) {
    auto saved = run(
        database, "store: save account '" + account.name + "'",
        "INSERT INTO account (name, role, display_name, password_salt, password_hash, password_rounds, "
        "failures, locked_until, disabled_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, NULL, ?7, ?8) "
        "ON CONFLICT (name) DO UPDATE SET role = ?2, display_name = ?3, password_salt = ?4, "
        "password_hash = ?5, password_rounds = ?6, failures = 0, locked_until = NULL, disabled_at = ?7",
        [&](Statement& row) {
            row.bind(1, account.name).bind(2, account.role).bind(3, account.display_name);
            row.bind_blob(4, account.password_salt).bind_blob(5, account.password_hash);
            row.bind(6, account.password_rounds).bind(7, milliseconds(account.disabled_at));
            row.bind(8, milliseconds(account.created_at));
        });
    if (!saved) return saved;
    return run(database, "store: end sessions of '" + account.name + "'",
               "DELETE FROM console_session WHERE account = ?1",
               [&](Statement& row) { row.bind(1, account.name); });
}

Result<std::optional<Account>> find_account(Database& database, std::string_view name) {
    auto statement = database.prepare(std::string(kAccountColumns) + "WHERE name = ?1");
    if (!statement) return statement.error().within("store: find account");
    auto found = statement->bind(1, name).step();
    if (!found) return found.error().within("store: find account");
    return *found ? std::optional(account_from(*statement)) : std::nullopt;
}

Result<std::vector<Account>> list_accounts(Database& database) {
    auto statement = database.prepare(std::string(kAccountColumns) + "ORDER BY name");
    if (!statement) return statement.error().within("store: list accounts");
    return read_rows(*statement, "store: list accounts", account_from);
}

Result<void> record_login_failure(Database& database, std::string_view name,
                                  std::optional<WallTime> locked_until) {
    return run(database, "store: record log-in failure",
               "UPDATE account SET failures = failures + 1, locked_until = coalesce(?2, locked_until) WHERE "
               "name = ?1",
               [&](Statement& row) { row.bind(1, name).bind(2, milliseconds(locked_until)); });
}

Result<void> clear_login_failures(Database& database, std::string_view name) {
    return run(database, "store: clear log-in failures",
               "UPDATE account SET failures = 0, locked_until = NULL WHERE name = ?1",
               [&](Statement& row) { row.bind(1, name); });
}

Result<std::int64_t> login_failures_since(Database& database, std::string_view name, WallTime since) {
    auto statement = database.prepare(
        "SELECT count(*) FROM audit WHERE object_type = 'account' AND object_id = ?1 AND action = "
        "'session.create' "
        "AND outcome = 'failure' AND at > ?2 AND log_id > coalesce((SELECT max(log_id) FROM audit WHERE "
        "object_type = "
        "'account' AND object_id = ?1 AND action = 'session.create' AND outcome = 'success'), 0)");
    if (!statement) return statement.error().within("store: count log-in failures");
    statement->bind(1, name).bind(2, milliseconds(since));
    if (auto row = statement->step(); !row) return row.error().within("store: count log-in failures");
    return statement->integer(0);
}

Result<void> add_session(Database& database, const ConsoleSession& session) {
    return run(
        database, "store: add session",
        "INSERT INTO console_session (token_sha256, account, csrf_token, created_at, last_used_at, "
        "source_ip) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        [&](Statement& row) {
            row.bind_blob(1, session.token_sha256).bind(2, session.account).bind(3, session.csrf_token);
            row.bind(4, milliseconds(session.created_at)).bind(5, milliseconds(session.last_used_at)).bind(6, session.source_ip);
        });
}

Result<std::optional<ConsoleSession>> find_session(Database& database, const Digest& token_sha256) {
    auto statement = database.prepare(
        "SELECT s.account, s.csrf_token, s.created_at, s.last_used_at, s.source_ip, a.role, a.display_name "
        "FROM console_session s JOIN account a ON a.name = s.account "
        "WHERE s.token_sha256 = ?1 AND a.disabled_at IS NULL");
    if (!statement) return statement.error().within("store: find session");
    auto found = statement->bind_blob(1, token_sha256).step();
    if (!found) return found.error().within("store: find session");
    if (!*found) return std::optional<ConsoleSession>();
    return std::optional(ConsoleSession{.token_sha256 = token_sha256,
                                        .account = statement->text(0),
                                        .csrf_token = statement->text(1),
                                        .created_at = wall_time(statement->integer(2)),
                                        .last_used_at = wall_time(statement->integer(3)),
                                        .source_ip = statement->text(4),
                                        .role = statement->text(5),
                                        .display_name = statement->text(6)});
}

Result<void> touch_session(Database& database, const Digest& token_sha256, WallTime now) {
    return run(database, "store: touch session",
               "UPDATE console_session SET last_used_at = max(last_used_at, ?2) WHERE token_sha256 = ?1",
               [&](Statement& row) { row.bind_blob(1, token_sha256).bind(2, milliseconds(now)); });
}

Result<void> remove_session(Database& database, const Digest& token_sha256) {
    return run(database, "store: remove session", "DELETE FROM console_session WHERE token_sha256 = ?1",
               [&](Statement& row) { row.bind_blob(1, token_sha256); });
}

Result<void> remove_expired_sessions(Database& database, WallTime idle_since, WallTime created_since) {
    return run(database, "store: remove expired sessions",
               "DELETE FROM console_session WHERE last_used_at < ?1 OR created_at < ?2",
               [&](Statement& row) { row.bind(1, milliseconds(idle_since)).bind(2, milliseconds(created_since)); });
}

}  // namespace sallyport::store
