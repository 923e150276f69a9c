// SPDX-License-Identifier: Apache-2.0
//
// Incidents: proposed by the system (alerts around a critical one), decided by a person (system.md 9.11).
// Every act is one transaction with its audit entry; the caller has checked that the role may. An act that
// the incident's or an alert's state forbids is Errc::conflict naming the state. Any thread but the writer's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/alerts/alert_desk.hpp"

namespace sallyport::incidents {

class IncidentDesk {
public:
    IncidentDesk(store::Writer& writer, const Clock& clock) : writer_(writer), clock_(clock) {}

    // Turns alerts into an open incident: numbers it, marks the alerts converted. Where they belong to a
    // proposal, the proposal becomes the incident, with all of its alerts; further proposals touched by it
    // are closed as merged.
    [[nodiscard]] Result<store::Incident> convert(const std::vector<std::string>& alert_ids,
                                                  std::string_view kind, std::string_view summary,
                                                  const alerts::Actor& actor);
    // A proposal accepted as it stands.
    [[nodiscard]] Result<store::Incident> accept(std::string_view incident_id, const alerts::Actor& actor);
    // Hands it to the PSD: writes the outbox row; referring twice is one referral.
    [[nodiscard]] Result<store::Incident> refer(std::string_view incident_id, const alerts::Actor& actor);

private:
    store::Writer& writer_;
    const Clock& clock_;
};

}  // namespace sallyport::incidents
