// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/calendar.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace sallyport::registers {
namespace {

using std::chrono::minutes;

constexpr minutes kDay{24 * 60};
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

Error malformed(std::string_view part) {
    return Error(Errc::bad_input, "calendar: '" + std::string(part) +
                                      "' is not like 'Mon-Fri 07:00-18:00', 'closed 2026-11-26' or 'always'");
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<std::size_t> weekday(std::string_view name) {
    const auto at = std::find(kDays.begin(), kDays.end(), name);
    return at == kDays.end() ? std::nullopt : std::optional<std::size_t>(at - kDays.begin());
}

// 00:00 to 24:00
std::optional<minutes> minute_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':')
        return std::nullopt;
    for (const std::size_t at : {0, 1, 3, 4}) {
        if (text[at] < '0' || text[at] > '9')
            return std::nullopt;
    }
    const int hour = (text[0] - '0') * 10 + (text[1] - '0');
    const int minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (minute > 59 || hour * 60 + minute > kDay.count())
        return std::nullopt;
    return minutes(hour * 60 + minute);
}

}  // namespace

Result<Calendar> Calendar::parse(std::string_view text) {
    Calendar calendar;
    for (std::string_view rest = text;;) {
        const auto end = rest.find(';');
        if (auto done = calendar.add_part(trimmed(rest.substr(0, end))); !done)
            return done.error();
        if (end == std::string_view::npos)
            return calendar;
        rest.remove_prefix(end + 1);
    }
}

Result<void> Calendar::add_part(std::string_view part) {
    if (part == "always")
        return add_span("Sun-Sat", "00:00-24:00");
    const auto space = part.find(' ');
    if (space == std::string_view::npos)
        return malformed(part);
    if (part.substr(0, space) != "closed")
        return add_span(part.substr(0, space), trimmed(part.substr(space)));
    const auto date = parse_date(trimmed(part.substr(space)));
    if (!date)
        return malformed(part);
    closed_.insert(std::chrono::local_days(*date));
    return {};
}

Result<void> Calendar::add_span(std::string_view days, std::string_view hours) {
    const auto first = weekday(days.substr(0, 3));
    const auto last = days.size() == 3 ? first : days.size() == 7 && days[3] == '-' ? weekday(days.substr(4)) : std::nullopt;
    const auto from = minute_of_day(hours.substr(0, 5));
    const auto to = hours.size() == 11 && hours[5] == '-' ? minute_of_day(hours.substr(6)) : std::nullopt;
    if (!first || !last || !from || !to || *from == kDay)
        return malformed(std::string(days) + " " + std::string(hours));
    for (std::size_t day = *first;; day = (day + 1) % 7) {
        week_[day].push_back({*from, *to > *from ? *to : *to + kDay});
        if (day == *last)
            return {};
    }
}

bool Calendar::open_at(WallTime time) const {
    const LocalTime local = county_time(time);
    const auto today = std::chrono::floor<std::chrono::days>(local);
    return open_since(today, local) || open_since(today - std::chrono::days(1), local);
}

std::optional<WallTime> Calendar::last_end(WallTime time) const {
    constexpr int kDaysBack = 15;
    const LocalTime local = county_time(time);
    const auto today = std::chrono::floor<std::chrono::days>(local);
    std::optional<LocalTime> last;
    for (int back = 0; back < kDaysBack && !last; ++back) {
        // A span of the day before may end later than one of this day.
        for (const auto day : {today - std::chrono::days(back), today - std::chrono::days(back + 1)}) {
            if (closed_.contains(day))
                continue;
            for (const Span& span : week_[std::chrono::weekday(day).c_encoding()])
                if (const LocalTime end = day + span.to; end <= local && (!last || *last < end))
                    last = end;
        }
    }
    const auto ended = last ? from_county_time(*last) : Result<WallTime>(Error(Errc::not_found, ""));
    return ended ? std::optional(std::min(*ended, time)) : std::nullopt;
}

bool Calendar::works_on(Date day) const {
    const std::chrono::local_days local(day);
    return !closed_.contains(local) && !week_[std::chrono::weekday(local).c_encoding()].empty();
}

bool Calendar::open_since(std::chrono::local_days day, LocalTime time) const {
    if (closed_.contains(day))
        return false;
    const auto& spans = week_[std::chrono::weekday(day).c_encoding()];
    return std::any_of(spans.begin(), spans.end(),
                       [&](const Span& span) { return day + span.from <= time && time < day + span.to; });
}

bool names_calendar(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text != "always" && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
    });
}

std::optional<Calendar> working_hours(std::string_view cell, const FindCalendar& find) {
    const Record* entry = names_calendar(cell) ? find(cell) : nullptr;
    auto calendar = Calendar::parse(entry == nullptr ? cell : text_of(*entry, "hours"));
    if (!calendar)
        return std::nullopt;
    const Value* holidays = entry == nullptr ? nullptr : entry->find("holidays");
    if (const auto* days = holidays == nullptr ? nullptr : holidays->as<List>())
        for (const Value& day : *days)
            if (const auto date = day.as<std::string>() == nullptr ? Result<Date>(Error(Errc::bad_input, ""))
                                                                   : parse_date(*day.as<std::string>()))
                calendar->close_on(*date);
    return std::move(*calendar);
}

}  // namespace sallyport::registers
