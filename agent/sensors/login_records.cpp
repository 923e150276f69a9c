// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/login_records.hpp"

#include <cstring>

namespace sallyport::agent {
namespace {

constexpr std::size_t kLineAt = 8, kLineBytes = 32;
constexpr std::size_t kUserAt = 44, kUserBytes = 32;
constexpr std::size_t kHostAt = 76, kHostBytes = 256;
constexpr std::size_t kSecondsAt = 340, kMicrosecondsAt = 344;

template <class T>
T number_at(std::string_view record, std::size_t at) {
    T number = 0;
    std::memcpy(&number, record.data() + at, sizeof number);
    return number;
}

std::string text_at(std::string_view record, std::size_t at, std::size_t bytes) {
    const auto text = record.substr(at, bytes);
    return std::string(text.substr(0, text.find('\0')));
}

LoginRecord::Kind kind_of(std::int16_t type) {
    switch (type) {
        case 1: return LoginRecord::Kind::run_level;
        case 2: return LoginRecord::Kind::boot;
        case 6:  // a getty that waits, which is how btmp has it
        case 7: return LoginRecord::Kind::login;
        default: return LoginRecord::Kind::other;
    }
}

}  // namespace

std::vector<LoginRecord> read_login_records(std::string_view bytes) {
    std::vector<LoginRecord> records;
    for (; bytes.size() >= kLoginRecordBytes; bytes.remove_prefix(kLoginRecordBytes)) {
        LoginRecord record;
        record.kind = kind_of(number_at<std::int16_t>(bytes, 0));
        record.line = text_at(bytes, kLineAt, kLineBytes);
        record.user = text_at(bytes, kUserAt, kUserBytes);
        record.host = text_at(bytes, kHostAt, kHostBytes);
        record.at_us = std::int64_t{number_at<std::uint32_t>(bytes, kSecondsAt)} * 1'000'000 +
                       number_at<std::int32_t>(bytes, kMicrosecondsAt);
        records.push_back(std::move(record));
    }
    return records;
}

}  // namespace sallyport::agent
