// SPDX-License-Identifier: Apache-2.0
#include "protocol/timestamp.hpp"

#include <charconv>
#include <cstdio>

namespace sallyport {
namespace {

bool read_digits(std::string_view text, std::size_t at, std::size_t count, int& number) {
    if (at + count > text.size())
        return false;
    for (std::size_t i = at; i < at + count; ++i)
        if (text[i] < '0' || text[i] > '9')
            return false;
    std::from_chars(text.data() + at, text.data() + at + count, number);
    return true;
}

}  // namespace

std::string format_time(WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text;
}

Result<WallTime> parse_time(std::string_view text) {
    const Error malformed(Errc::bad_input, "time: '" + std::string(text.substr(0, 40)) +
                                               "' is not RFC 3339 in UTC with at least 1/100 s");
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (text.size() < 23 || text.size() > 30 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':' || text[19] != '.' || text.back() != 'Z')
        return malformed;
    if (!read_digits(text, 0, 4, year) || !read_digits(text, 5, 2, month) || !read_digits(text, 8, 2, day) ||
        !read_digits(text, 11, 2, hour) || !read_digits(text, 14, 2, minute) || !read_digits(text, 17, 2, second))
        return malformed;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59)
        return malformed;
    int milliseconds = 0;
    int scale = 100;
    for (std::size_t i = 20; i + 1 < text.size(); ++i, scale /= 10) {
        if (text[i] < '0' || text[i] > '9')
            return malformed;
        milliseconds += (text[i] - '0') * scale;
    }
    return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second) + std::chrono::milliseconds(milliseconds);
}

}  // namespace sallyport
