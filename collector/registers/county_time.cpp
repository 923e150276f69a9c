// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/county_time.hpp"

#include <charconv>
#include <cstdio>

namespace sallyport::registers {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr hours kStandard{-8};
constexpr hours kDaylight{-7};

// Both changes happen at 02:00 by the clock that is still in force.
bool is_daylight(WallTime time) {
    using namespace std::chrono;
    const year_month_day utc(floor<days>(time));
    const sys_days begins = utc.year() / March / Sunday[2];
    const sys_days ends = utc.year() / November / Sunday[1];
    return time >= begins + hours(2) - kStandard && time < ends + hours(2) - kDaylight;
}

bool read_number(std::string_view digits, int& number) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size() && digits.front() != '-';
}

}  // namespace

LocalTime county_time(WallTime time) {
    const hours offset = is_daylight(time) ? kDaylight : kStandard;
    return LocalTime(std::chrono::floor<minutes>(time.time_since_epoch() + offset));
}

Date county_day(WallTime time) { return Date(std::chrono::floor<std::chrono::days>(county_time(time))); }

Result<WallTime> from_county_time(LocalTime time) {
    for (const hours offset : {kDaylight, kStandard}) {
        const WallTime candidate(time.time_since_epoch() - offset);
        if (county_time(candidate) == time)
            return candidate;
    }
    return Error(Errc::bad_input, "county time: that hour is skipped when daylight time begins");
}

Result<Date> parse_date(std::string_view text) {
    int year = 0, month = 0, day = 0;
    if (text.size() == 10 && text[4] == '-' && text[7] == '-' && read_number(text.substr(0, 4), year) &&
        read_number(text.substr(5, 2), month) && read_number(text.substr(8, 2), day)) {
        const Date date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                        std::chrono::day(static_cast<unsigned>(day))};
        if (date.ok())
            return date;
    }
    return Error(Errc::bad_input, "not a date such as 2026-11-23");
}

std::string format_date(Date date) {
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

Date add_months(Date date, int months) {
    const Date moved = date + std::chrono::months(months);
    return moved.ok() ? moved : Date(moved.year() / moved.month() / std::chrono::last);
}

}  // namespace sallyport::registers
