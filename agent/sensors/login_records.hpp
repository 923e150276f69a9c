// SPDX-License-Identifier: Apache-2.0
//
// The records of utmp(5) as they lie in /var/log/wtmp (who came and went, boots and shutdowns) and /var/log/btmp (who was
// refused). Pure; what is cut short or of an unknown kind is left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::agent {

struct LoginRecord {
    enum class Kind { run_level, boot, login, other };
    Kind kind = Kind::other;
    std::string line;  // the terminal line, `ssh:notty`, or `~`
    std::string user;  // `shutdown`, `reboot`; of a refused log-on whatever was typed, a password at times
    std::string host;
    std::int64_t at_us = 0;  // microseconds since 1970, UTC

    bool operator==(const LoginRecord&) const = default;
};

// In the order of the file; `bytes` begins at a record.
[[nodiscard]] std::vector<LoginRecord> read_login_records(std::string_view bytes);

inline constexpr std::size_t kLoginRecordBytes = 384;  // glibc, on all architectures that Debian serves

}  // namespace sallyport::agent
