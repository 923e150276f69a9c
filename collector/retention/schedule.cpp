// SPDX-License-Identifier: Apache-2.0
#include "collector/retention/schedule.hpp"

#include <algorithm>
#include <array>

namespace sallyport::retention {
namespace {

using std::chrono::days;
using store::DataClass;

constexpr days kYear{365};
constexpr days kForever{100 * 365};

constexpr std::array<Class, 8> kSchedule = {{
    {DataClass::presence, "camera.presence lines that no alert rests on; an hourly count stays", days(7), days(1), days(7), 0,
     "minimisation: decision of the agency, at most 7 days"},
    {DataClass::incidents, "incidents, from their closing", 5 * kYear, 5 * kYear, kForever, 1, "project choice"},
    {DataClass::alerts, "alerts, from the last act on them", 5 * kYear, 5 * kYear, kForever, 1, "project choice"},
    {DataClass::events, "lines of the event log, but evidence of an alert that is kept", 2 * kYear, kYear, kForever, 1,
     "CSP AU-11 (a year), Gov. Code 26202 (two years)"},
    {DataClass::registers, "register entries whose life is over, with their history", 2 * kYear, 2 * kYear, kForever, 1, "CSP CM-3"},
    {DataClass::people, "the same of people, with training and exams", 3 * kYear, 3 * kYear, kForever, 1, "CSP AT-4"},
    {DataClass::visitor_windows, "visitor windows that are over", kYear, kYear, kForever, 1, "CSP PE-8"},
    {DataClass::audit, "the oldest entries of the audit log", 5 * kYear, 5 * kYear, kForever, 2, "CSP AU-9(4), AU-11"},
}};

}  // namespace

std::span<const Class> schedule() { return kSchedule; }

const Class& class_of(store::DataClass data_class) {
    return *std::find_if(kSchedule.begin(), kSchedule.end(),
                         [&](const Class& known) { return known.data_class == data_class; });
}

Result<void> check_period(const Class& of, days period) {
    if (period >= of.least && period <= of.most)
        return {};
    return Error(Errc::bad_input, std::string(store::to_string(of.data_class)) + " is kept from " +
                                      std::to_string(of.least.count()) + " to " + std::to_string(of.most.count()) +
                                      " days, not " + std::to_string(period.count()) + " (" + std::string(of.ground) + ")");
}

Result<std::map<store::DataClass, days>> periods(Database& reader) {
    auto decided = store::retention_periods(reader);
    if (!decided)
        return decided.error();
    std::map<store::DataClass, days> all;
    for (const Class& known : kSchedule) {
        const auto at = decided->find(known.data_class);
        all[known.data_class] = at == decided->end() ? known.keep : std::clamp(days(at->second), known.least, known.most);
    }
    return all;
}

bool may_approve(std::string_view role) {
    constexpr std::array<std::string_view, 3> kRoles = {"acc", "psd_director", "spoc"};
    return std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end();
}

}  // namespace sallyport::retention
