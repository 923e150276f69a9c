// SPDX-License-Identifier: Apache-2.0
//
// Terminals as the wire sees them: enrolled keys and liveness. What they are allowed is in the registers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct TerminalKey {
    std::string terminal_id, ori;
    std::string public_key;   // base64 SubjectPublicKeyInfo
    std::string cert_sha256;
    WallTime not_after{}, enrolled_at{};
    std::optional<WallTime> revoked_at;
    std::optional<std::string> revoke_reason;
};

struct TerminalLiveness {
    std::string terminal_id, ori;
    std::string state;  // alive, late, offline, shutdown, asleep
    std::optional<WallTime> last_seen_at;
    WallTime changed_at{};
    std::optional<std::string> status;  // last verified status message, as JSON
};

// For a key that is enrolled already: its new certificate. `enrolled_at` is then when that was issued.
[[nodiscard]] Result<void> add_key(Database& database, const TerminalKey& key);
[[nodiscard]] Result<void> revoke_keys(Database& database, std::string_view terminal_id, std::string_view reason,
                                       WallTime at);
struct RevokedCertificate {
    std::string cert_sha256;
    WallTime revoked_at{};
};

// All certificates of all keys that are revoked, renewed ones included.
[[nodiscard]] Result<std::vector<RevokedCertificate>> revoked_certificates(Database& database);
// Keys of the terminal, revoked ones included, newest first.
[[nodiscard]] Result<std::vector<TerminalKey>> keys_of(Database& database, std::string_view terminal_id);
[[nodiscard]] Result<std::vector<TerminalKey>> all_keys(Database& database);

// A connected terminal that announced more lines than are committed: they are on their way.
struct TerminalBacklog {
    std::string terminal_id, instance;
    std::uint64_t last_seq = 0;           // highest contiguous committed; 0: none yet
    std::optional<WallTime> complete_to;  // event time of that line
};

[[nodiscard]] Result<std::vector<TerminalBacklog>> backlogs(Database& database);

// A terminal that counts as alive and has sent no status message since a time: its connection is not back.
struct UnheardTerminal {
    std::string terminal_id;
    WallTime last_seen_at{};
};

[[nodiscard]] Result<std::vector<UnheardTerminal>> unheard_since(Database& database, WallTime time);
[[nodiscard]] Result<void> save_liveness(Database& database, const TerminalLiveness& liveness);
[[nodiscard]] Result<std::vector<TerminalLiveness>> all_liveness(Database& database);

}  // namespace sallyport::store
