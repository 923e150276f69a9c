// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/predicate.hpp"

#include <charconv>
#include <chrono>
#include <optional>

#include "protocol/timestamp.hpp"

namespace sallyport::rules {
namespace {

std::optional<WallTime> read_time(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) {
        constexpr std::int64_t kMillisecondsFrom = 100'000'000'000;  // as seconds this would be the year 5138
        return WallTime(std::chrono::milliseconds(number >= kMillisecondsFrom ? number : number * 1000));
    }
    if (text.size() < 19) return std::nullopt;
    // Times without a fraction or a zone are common in foreign events: UTC, whole seconds.
    std::string full(text.substr(0, 10));
    full += "T" + std::string(text.substr(11, 8)) + ".000Z";
    const auto time = parse_time(full);
    return time ? std::optional(*time) : std::nullopt;
}

int iso_week(std::chrono::sys_days day) {
    using namespace std::chrono;
    const auto thursday = day - days((weekday(day).iso_encoding() - 1)) + days(3);
    const auto year_start = sys_days(year_month_day(thursday).year() / January / 1);
    return static_cast<int>((thursday - year_start).count() / 7) + 1;
}

int part_of(WallTime time, TimePartTest::Part part) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    switch (part) {
        case TimePartTest::Part::minute:
            return static_cast<int>(clock.minutes().count());
        case TimePartTest::Part::hour:
            return static_cast<int>(clock.hours().count());
        case TimePartTest::Part::day:
            return static_cast<int>(static_cast<unsigned>(date.day()));
        case TimePartTest::Part::week:
            return iso_week(day);
        case TimePartTest::Part::month:
            return static_cast<int>(static_cast<unsigned>(date.month()));
        case TimePartTest::Part::year:
            return static_cast<int>(date.year());
    }
    return 0;
}

}  // namespace

bool compare(double left, Comparison comparison, double right) {
    switch (comparison) {
        case Comparison::equal:
            return left == right;
        case Comparison::not_equal:
            return left != right;
        case Comparison::less:
            return left < right;
        case Comparison::less_or_equal:
            return left <= right;
        case Comparison::greater:
            return left > right;
        case Comparison::greater_or_equal:
            return left >= right;
    }
    return false;
}

std::string_view to_string(Comparison comparison) {
    constexpr std::string_view kNames[] = {"eq", "neq", "lt", "lte", "gt", "gte"};
    return kNames[static_cast<std::size_t>(comparison)];
}

bool time_part_matches(const TimePartTest& test, std::string_view text) {
    const auto time = read_time(text);
    return time && compare(part_of(*time, test.part), test.comparison, test.number);
}

}  // namespace sallyport::rules
