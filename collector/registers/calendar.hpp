// SPDX-License-Identifier: Apache-2.0
//
// The hours in which a room is worked in (dictionary section 3, `allowed_hours`), by the county's wall clock.
//
//     Mon-Fri 07:00-18:00; Sat 08:00-12:00; closed 2026-11-26
//     Mon-Sun 22:00-06:00          an end at or before the start is on the next day
//     always                       a unit that works round the clock
//
// A closed day is closed for every span that begins on it.
#pragma once

#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "collector/registers/county_time.hpp"

namespace sallyport::registers {

class Calendar {
public:
    [[nodiscard]] static Result<Calendar> parse(std::string_view text);
    [[nodiscard]] bool open_at(WallTime time) const;

private:
    struct Span {
        std::chrono::minutes from{};
        std::chrono::minutes to{};  // more than a day: ends on the next one
    };
    [[nodiscard]] bool open_since(std::chrono::local_days day, LocalTime time) const;
    Result<void> add_part(std::string_view part);
    Result<void> add_span(std::string_view days, std::string_view hours);

    std::array<std::vector<Span>, 7> week_;  // by C encoding: Sunday first
    std::set<std::chrono::local_days> closed_;
};

}  // namespace sallyport::registers
