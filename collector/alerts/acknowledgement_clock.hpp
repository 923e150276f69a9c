// SPDX-License-Identifier: Apache-2.0
//
// By when somebody must have taken note of an alert, and who hears of it when nobody has (catalogue section
// 2). Pure functions of the alert and the time; any thread. A working day is Monday to Friday by the county's
// calendar.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collector/store/alert_repository.hpp"

namespace sallyport::alerts {

// critical 15 min, high 60 min, medium one working day, low five; nothing for info.
[[nodiscard]] std::optional<WallTime> ack_due_at(std::string_view severity, WallTime raised_at);

struct Escalation {
    std::string to;
    WallTime at{};
};

// The next step up for an alert nobody has acknowledged, past or to come; nothing when there is none left.
[[nodiscard]] std::optional<Escalation> next_escalation(const store::Alert& alert);
// The highest step that is due by now and not yet taken.
[[nodiscard]] std::optional<Escalation> due_escalation(const store::Alert& alert, WallTime now);

}  // namespace sallyport::alerts
