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
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "collector/registers/county_time.hpp"
#include "protocol/value.hpp"

namespace sallyport::registers {

class Calendar {
public:
    [[nodiscard]] static Result<Calendar> parse(std::string_view text);
    [[nodiscard]] bool open_at(WallTime time) const;
    // When the last span that is over ended; nothing when none did in the two weeks before.
    [[nodiscard]] std::optional<WallTime> last_end(WallTime time) const;
    // Some span begins on that day.
    [[nodiscard]] bool works_on(Date day) const;
    void close_on(Date day) { closed_.insert(std::chrono::local_days(day)); }

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

// Whether a cell's text is meant as the id of an entry of the register calendars: one word that is no calendar itself.
[[nodiscard]] bool names_calendar(std::string_view text);

// What a cell of kind `calendar` means: itself, or the entry that it names, with the holidays of that. Nothing when it
// means no calendar. `find` looks an id up in the register calendars.
using FindCalendar = std::function<const Record*(std::string_view id)>;
[[nodiscard]] std::optional<Calendar> working_hours(std::string_view cell, const FindCalendar& find);

}  // namespace sallyport::registers
