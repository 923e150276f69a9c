// SPDX-License-Identifier: Apache-2.0
//
// One-time codes of an authenticator app (RFC 6238 over RFC 4226, HMAC-SHA-1, steps of 30 s): the second factor that
// CSP IA-2(1) and (2) ask for. A code names the step that it was made for, so that the caller can refuse one that was
// used (RFC 6238, 5.2). Implemented over liboath in liboath_totp.cpp. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/bytes.hpp"
#include "protocol/clock.hpp"

namespace sallyport::registers {

inline constexpr std::chrono::seconds kTotpStep{30};
inline constexpr unsigned kTotpDigits = 6;
// Steps either side of now: the app's clock, and the time that typing takes.
inline constexpr unsigned kTotpWindow = 1;
inline constexpr std::size_t kTotpSecretBytes = 20;

// True only for exactly the code of this counter, in time that does not depend on where another one differs.
[[nodiscard]] bool verify_hotp(ByteView secret, std::string_view code, std::uint64_t counter,
                               unsigned digits = kTotpDigits);

// The step (of 30 s since 1970) whose code this is, of those at most `window` steps from `at`; nothing for any other
// text.
[[nodiscard]] std::optional<std::uint64_t> verify_totp(ByteView secret, std::string_view code, WallTime at,
                                                       unsigned window = kTotpWindow, unsigned digits = kTotpDigits);

// What an authenticator app reads (otpauth://totp/...), the secret in base32 within. For the person's eyes alone.
[[nodiscard]] Result<std::string> totp_uri(ByteView secret, std::string_view issuer, std::string_view account);

}  // namespace sallyport::registers
