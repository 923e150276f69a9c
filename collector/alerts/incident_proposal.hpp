// SPDX-License-Identifier: Apache-2.0
//
// What the system proposes as an incident: the alerts on one terminal around a critical one (catalogue
// section 1.3, point 6). Whether it is one, a person decides.
#pragma once

#include "collector/store/alert_repository.hpp"

namespace sallyport::alerts {

inline constexpr std::chrono::minutes kIncidentWindow{15};

// By the family of the rule: IDN, FWB, USB, PRN, CAM, SES, OPR, AGT, COR, GOV.
[[nodiscard]] std::string incident_kind(std::string_view rule_id);
// To be asked after `alert` was stored or became graver, in the same transaction: it joins the proposal on
// its terminal, or makes one when it is critical. `alert` is updated with what was written.
[[nodiscard]] Result<void> propose_incident(Database& database, store::Alert& alert, WallTime now);

}  // namespace sallyport::alerts
