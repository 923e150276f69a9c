// SPDX-License-Identifier: Apache-2.0
//
// The county's wall clock and calendar: America/Los_Angeles, computed from the rule in force since 2007
// (15 U.S.C. 260a: daylight time from the second Sunday of March, 02:00, to the first Sunday of November, 02:00), so
// that a deadline does not depend on the time zone files of the machine. Pure functions; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"

namespace sallyport::registers {

// A calendar day in the county: what the dictionary's dates are.
using Date = std::chrono::year_month_day;
// Minutes on the county's wall clock.
using LocalTime = std::chrono::local_time<std::chrono::minutes>;

[[nodiscard]] LocalTime county_time(WallTime time);
[[nodiscard]] Date county_day(WallTime time);
// The hour that the clocks skip in March does not exist: Errc::bad_input. Of the hour that comes twice in November the
// first is taken.
[[nodiscard]] Result<WallTime> from_county_time(LocalTime time);

// `2026-11-23` and nothing else.
[[nodiscard]] Result<Date> parse_date(std::string_view text);
[[nodiscard]] std::string format_date(Date date);
// The same day of the month, or its last day where it has none such (dictionary section 6).
[[nodiscard]] Date add_months(Date date, int months);

}  // namespace sallyport::registers
