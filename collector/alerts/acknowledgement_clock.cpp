// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/acknowledgement_clock.hpp"

#include <algorithm>
#include <vector>

#include "collector/registers/county_time.hpp"

namespace sallyport::alerts {
namespace {

using std::chrono::minutes;

constexpr minutes kCritical{15};
constexpr minutes kHigh{60};
constexpr minutes kDirectorAfter{15};  // after the deputy: 30 minutes in all
constexpr minutes kDayBegins{8 * 60};  // what comes on a day off counts from 08:00 of the next working day

bool is_working_day(std::chrono::local_days day) {
    const std::chrono::weekday weekday(day);
    return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday;
}

// The same time of day, so many working days on.
WallTime after_working_days(WallTime from, int days) {
    const registers::LocalTime local = registers::county_time(from);
    auto day = std::chrono::floor<std::chrono::days>(local);
    minutes time_of_day = local - day;
    if (!is_working_day(day)) {
        while (!is_working_day(day))
            day += std::chrono::days(1);
        time_of_day = kDayBegins;
    }
    for (int left = days; left > 0;) {
        day += std::chrono::days(1);
        left -= is_working_day(day) ? 1 : 0;
    }
    // No working day loses an hour: the clocks change on Sundays.
    const auto due = registers::from_county_time(day + time_of_day);
    return due ? *due : from + std::chrono::days(days);
}

// Lowest first.
std::vector<Escalation> steps_of(const store::Alert& alert) {
    if (!alert.ack_due_at) return {};
    const WallTime due = *alert.ack_due_at;
    if (alert.severity == "critical") return {{"SPOC deputy", due}, {"PSD director", due + kDirectorAfter}};
    if (alert.severity == "high") return {{"SPOC deputy", due}};
    if (alert.severity == "medium") return {{"ACC", due}};
    return {};
}

std::vector<Escalation> steps_left(const store::Alert& alert) {
    std::vector<Escalation> steps = steps_of(alert);
    const auto taken = std::find_if(steps.begin(), steps.end(),
                                    [&](const Escalation& step) { return step.to == alert.escalated_to; });
    if (taken != steps.end()) steps.erase(steps.begin(), taken + 1);
    return steps;
}

}  // namespace

std::optional<WallTime> ack_due_at(std::string_view severity, WallTime raised_at) {
    if (severity == "critical") return raised_at + kCritical;
    if (severity == "high") return raised_at + kHigh;
    if (severity == "medium") return after_working_days(raised_at, 1);
    if (severity == "low") return after_working_days(raised_at, 5);
    return std::nullopt;
}

std::optional<Escalation> next_escalation(const store::Alert& alert) {
    const auto steps = steps_left(alert);
    return steps.empty() ? std::nullopt : std::optional(steps.front());
}

std::optional<Escalation> due_escalation(const store::Alert& alert, WallTime now) {
    std::optional<Escalation> due;
    for (const Escalation& step : steps_left(alert)) {
        if (step.at <= now) due = step;
    }
    return due;
}

}  // namespace sallyport::alerts
