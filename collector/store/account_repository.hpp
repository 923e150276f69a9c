// SPDX-License-Identifier: Apache-2.0
//
// People at the console and their sessions, as rows. Passwords are kept only as PBKDF2 hashes, session
// cookies only as their SHA-256: a copy of the file opens no door. Free functions, to be called in the
// writer's transaction or on a reader, as noted.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct Account {
    std::string name;
    std::string role;  // spoc, psd_investigator, psd_director, acc, auditor, administrator
    std::string display_name;
    Bytes password_salt, password_hash;
    std::int64_t password_rounds = 0;
    std::int64_t failures = 0;  // in a row
    std::optional<WallTime> locked_until, disabled_at;
    WallTime created_at{};
};

struct ConsoleSession {
    Digest token_sha256{};
    std::string account, csrf_token;
    WallTime created_at{}, last_used_at{};
    std::string source_ip;
    std::string role, display_name;  // of the account
};

// Adds the account, or replaces role, name and password of the one that is there; its sessions end.
[[nodiscard]] Result<void> save_account(Database& database, const Account& account);
[[nodiscard]] Result<std::optional<Account>> find_account(Database& database, std::string_view name);
[[nodiscard]] Result<std::vector<Account>> list_accounts(Database& database);
// Counts one more failure; the account is locked until the given time where one is given.
[[nodiscard]] Result<void> record_login_failure(Database& database, std::string_view name,
                                                std::optional<WallTime> locked_until);
[[nodiscard]] Result<void> clear_login_failures(Database& database, std::string_view name);
// Failed log-ins since `since` and since the last successful one, from the audit log (action
// `session.create`).
[[nodiscard]] Result<std::int64_t> login_failures_since(Database& database, std::string_view name,
                                                        WallTime since);

[[nodiscard]] Result<void> add_session(Database& database, const ConsoleSession& session);
[[nodiscard]] Result<std::optional<ConsoleSession>> find_session(Database& database,
                                                                 const Digest& token_sha256);
[[nodiscard]] Result<void> touch_session(Database& database, const Digest& token_sha256, WallTime now);
[[nodiscard]] Result<void> remove_session(Database& database, const Digest& token_sha256);
// Those last used before `idle_since` or made before `created_since`.
[[nodiscard]] Result<void> remove_expired_sessions(Database& database, WallTime idle_since,
                                                   WallTime created_since);

}  // namespace sallyport::store
