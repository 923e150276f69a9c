// SPDX-License-Identifier: Apache-2.0
//
// The second factor of people at the console: the secret of their authenticator app, and the last code that was used.
// The secret must be kept as it is, to compute codes: a copy of the file gives the second factor away, never the first.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct SecondFactor {
    Bytes secret;
    std::optional<std::int64_t> last_step;  // of time, whose code was used
};

[[nodiscard]] Result<std::optional<SecondFactor>> find_second_factor(Database& database, std::string_view account);
// Replaces the one that is there.
[[nodiscard]] Result<void> save_second_factor(Database& database, std::string_view account, ByteView secret,
                                              WallTime now);
// True when there was one.
[[nodiscard]] Result<bool> remove_second_factor(Database& database, std::string_view account);
// A code is good once (RFC 6238, 5.2): Errc::refused when this step or a later one was used before.
[[nodiscard]] Result<void> use_code(Database& database, std::string_view account, std::int64_t step);

}  // namespace sallyport::store
