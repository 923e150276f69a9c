// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/printed_pages.hpp"

#include <algorithm>
#include <vector>

namespace sallyport::registers {
namespace {

constexpr std::size_t kDaysUsed = 30, kDaysNeeded = 10;

std::int64_t pages_on(const std::map<std::string, std::int64_t>& by_day, Date day) {
    const auto at = by_day.find(format_date(day));
    return at == by_day.end() ? 0 : at->second;
}

double median(std::vector<std::int64_t> counts) {
    std::sort(counts.begin(), counts.end());
    const std::size_t middle = counts.size() / 2;
    const auto upper = static_cast<double>(counts[middle]);
    return counts.size() % 2 == 1 ? upper : (static_cast<double>(counts[middle - 1]) + upper) / 2;
}

}  // namespace

PrintedDay review_printing(const std::map<std::string, std::int64_t>& by_day, Date day, Date known_from,
                           const Calendar& working) {
    const auto first = std::chrono::sys_days(known_from);
    std::vector<std::int64_t> before;
    for (auto at = std::chrono::sys_days(day) - std::chrono::days(1); at >= first && before.size() < kDaysUsed;
         at -= std::chrono::days(1))
        if (working.works_on(Date(at)))
            before.push_back(pages_on(by_day, Date(at)));
    PrintedDay printed{pages_on(by_day, day), std::nullopt};
    if (before.size() >= kDaysNeeded)
        printed.times_usual = static_cast<double>(printed.pages) / std::max(1.0, median(std::move(before)));
    return printed;
}

}  // namespace sallyport::registers
