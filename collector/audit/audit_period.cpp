// SPDX-License-Identifier: Apache-2.0
#include "collector/audit/audit_period.hpp"

#include <string>

namespace sallyport::audit {
namespace {

using registers::Date;

Error not_a_period(std::string_view text) {
    return Error(Errc::bad_input,
                 "'" + std::string(text) + "' is no period: 2026, 2026-Q3, 2026-07 or 2026-07-01..2026-09-15");
}

Result<WallTime> midnight(Date day) {
    return registers::from_county_time(registers::LocalTime(std::chrono::local_days(day).time_since_epoch()));
}

Result<Period> between(Date first, Date last) {
    if (last < first) return Error(Errc::bad_input, "a period cannot end before it begins");
    const auto from = midnight(first);
    if (!from) return from.error();
    const auto to = midnight(Date(std::chrono::sys_days(last) + std::chrono::days(1)));
    if (!to) return to.error();
    return Period{first, last, *from, *to};
}

// So many months from the first day of this one.
Result<Period> months(const std::string& first_day, int count) {
    const auto first = registers::parse_date(first_day);
    if (!first) return first.error();
    return between(*first, Date(std::chrono::sys_days(registers::add_months(*first, count)) - std::chrono::days(1)));
}

}  // namespace

Result<Period> parse_period(std::string_view text) {
    const std::string year(text.substr(0, 4));
    Result<Period> period = not_a_period(text);
    if (text.size() == 4)
        period = months(year + "-01-01", 12);
    else if (text.size() == 7 && text.substr(4, 2) == "-Q" && text[6] >= '1' && text[6] <= '4') {
        const int month = (text[6] - '1') * 3 + 1;
        period = months(year + (month < 10 ? "-0" : "-") + std::to_string(month) + "-01", 3);
    } else if (text.size() == 7)
        period = months(std::string(text) + "-01", 1);
    else if (text.size() == 22 && text.substr(10, 2) == "..") {
        const auto first = registers::parse_date(text.substr(0, 10)), last = registers::parse_date(text.substr(12));
        if (first && last) return between(*first, *last);
    }
    return period ? period : not_a_period(text);
}

}  // namespace sallyport::audit
