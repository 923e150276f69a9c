// SPDX-License-Identifier: Apache-2.0
//
// Console passwords: PBKDF2-HMAC-SHA-256 (NIST SP 800-132), which every FIPS module approves. Only salt and hash are
// kept; both functions are slow on purpose (some tenths of a second). Any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/bytes.hpp"

namespace sallyport::registers {

inline constexpr std::int64_t kPasswordRounds = 600'000;
inline constexpr std::size_t kPasswordLengthMin = 12;
inline constexpr std::size_t kPasswordLengthMax = 256;

struct PasswordHash {
    Bytes salt;
    Bytes hash;
    std::int64_t rounds = kPasswordRounds;
};

// Errc::bad_input when it is shorter or longer than the bounds (bytes).
[[nodiscard]] Result<PasswordHash> hash_password(std::string_view password);
// In constant time over the hash. False also for anything that is no hash of ours.
[[nodiscard]] bool verify_password(std::string_view password, ByteView salt, std::int64_t rounds, ByteView hash);

}  // namespace sallyport::registers
