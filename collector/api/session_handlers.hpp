// SPDX-License-Identifier: Apache-2.0
//
// Logging in and out. A session is 32 random bytes in a cookie that scripts cannot read; it ends after 30
// minutes without use (CSP AC-11, AC-12) and 12 hours after the log-in in any case. Five failures in 15
// minutes lock the account for 15 (CSP AC-7). An account with a second factor is asked for a code of its authenticator app, which is
// good once (CSP IA-2(1), (2), (8)); a wrong code is a failure like a wrong password.
#pragma once

#include <chrono>

#include "collector/api/context.hpp"

namespace sallyport::api {

inline constexpr std::string_view kSessionCookie = "__Host-sallyport";
inline constexpr std::chrono::minutes kSessionIdleMax{30};
inline constexpr std::chrono::hours kSessionLifeMax{12};
inline constexpr std::chrono::minutes kLockOut{15};
inline constexpr int kLoginFailuresMax = 5;

// The session that the request's cookie names, if it is still good; does not count as use.
[[nodiscard]] Result<std::optional<store::ConsoleSession>> session_of(const Request& request,
                                                                      Database& reader, WallTime now);
[[nodiscard]] bool is_alive(const store::ConsoleSession& session, WallTime now);

[[nodiscard]] Response create_session(const Request& request, Context& context);
[[nodiscard]] Response show_session(const Request& request, Context& context);
[[nodiscard]] Response delete_session(const Request& request, Context& context);

}  // namespace sallyport::api
