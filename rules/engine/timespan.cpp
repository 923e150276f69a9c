// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/timespan.hpp"

#include <charconv>
#include <cstdint>

namespace sallyport::rules {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
};
// A month and a year are the mean ones of the Gregorian calendar, as pySigma takes them.
constexpr Unit kUnits[] = {
    {"ms", 1},         {"s", 1000},        {"m", 60'000},        {"h", 3'600'000},
    {"d", 86'400'000}, {"w", 604'800'000}, {"M", 2'629'746'000}, {"y", 31'556'952'000}};
constexpr std::int64_t kCountMax = 1'000'000;

}  // namespace

std::optional<std::chrono::milliseconds> parse_timespan(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0 || count > kCountMax) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    for (const Unit& unit : kUnits)
        if (unit.name == text) return std::chrono::milliseconds(count * unit.milliseconds);
    return std::nullopt;
}

}  // namespace sallyport::rules
