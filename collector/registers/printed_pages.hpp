// SPDX-License-Identifier: Apache-2.0
//
// How much a person printed on a day, beside what is usual for that person (rule PRN-04; CSP PE-5, AU-6). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "collector/registers/calendar.hpp"

namespace sallyport::registers {

struct PrintedDay {
    std::int64_t pages = 0;
    // By the median of the 30 working days before, of one page at least; nothing where fewer than ten are known.
    std::optional<double> times_usual;
};

// `by_day`: the county's day -> pages; a day that is not there had none. `known_from`: of the days before, nothing is known.
[[nodiscard]] PrintedDay review_printing(const std::map<std::string, std::int64_t>& by_day, Date day, Date known_from,
                                         const Calendar& working);

}  // namespace sallyport::registers
