// SPDX-License-Identifier: Apache-2.0
//
// Takes alerts that nobody acknowledged in time one step up, and logs it (catalogue section 2, GOV-01).
#pragma once

#include <optional>

#include "collector/store/alert_repository.hpp"

namespace sallyport::alerts {

// In the writer's transaction; true when any alert went up.
[[nodiscard]] Result<bool> escalate_due(Database& database, WallTime now);
// When the next one will be due, if nobody acknowledges before.
[[nodiscard]] Result<std::optional<WallTime>> next_escalation_at(Database& database);

}  // namespace sallyport::alerts
