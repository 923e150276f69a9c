// SPDX-License-Identifier: Apache-2.0
//
// Records of wtmp and btmp as glibc writes them.
#pragma once

#include <utmp.h>

#include <cstring>
#include <string>

namespace sallyport::testing {

inline std::string login_record(short type, const std::string& line, const std::string& user, const std::string& host,
                                std::int64_t second) {
    utmp record{};
    record.ut_type = type;
    std::memcpy(record.ut_line, line.data(), std::min(line.size(), sizeof record.ut_line));
    std::memcpy(record.ut_user, user.data(), std::min(user.size(), sizeof record.ut_user));
    std::memcpy(record.ut_host, host.data(), std::min(host.size(), sizeof record.ut_host));
    record.ut_tv.tv_sec = static_cast<std::int32_t>(second);
    return std::string(reinterpret_cast<const char*>(&record), sizeof record);
}

}  // namespace sallyport::testing
