// SPDX-License-Identifier: Apache-2.0
//
// What an auditor is told of a span: counts and clocks. No column of a person is read here, nor anything of a case:
// what is not selected cannot leak (docs/formats/audit-pack.md). Spans exclude their end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

// Lines of one agent instance that were accepted in the span.
struct IntakeCount {
    std::string terminal_id, instance;
    std::int64_t lines = 0, withheld = 0;
    std::int64_t first_seq = 0, last_seq = 0;  // without a gap: last - first + 1 = lines
    WallTime first_received_at{}, last_received_at{};
};
[[nodiscard]] Result<std::vector<IntakeCount>> count_intake(Database& database, WallTime from, WallTime to);

// Of the audit log, by what was done in which role; what the PSD did, and what was done for it, is left out.
struct ActionCount {
    std::string action, actor_role, outcome;
    std::int64_t count = 0;
    WallTime first_at{}, last_at{};
};
[[nodiscard]] Result<std::vector<ActionCount>> count_actions(Database& database, WallTime from, WallTime to);

// Alerts raised in the span, oldest first, without those that go to the PSD.
struct RaisedAlert {
    std::string alert_id, rule_id, rule_version, control_refs, severity, lane, state, mark;
    std::optional<std::string> terminal_id, room_id, site_id, disposition, incident_number;
    WallTime raised_at{};
    std::optional<WallTime> ack_due_at, ack_at, cleared_at;
    std::int64_t occurrence_count = 0;
};
[[nodiscard]] Result<std::vector<RaisedAlert>> alerts_raised(Database& database, WallTime from, WallTime to);

// Incidents discovered in the span, by number; without proposals, and without what became of them at the PSD.
struct DiscoveredIncident {
    std::string number, kind, severity, status, discovery_method, cji_exposure;
    WallTime discovered_at{};
    std::optional<WallTime> reported_internal_at, confirmed_at, closed_at;
    std::optional<std::string> closure_code;
    std::int64_t alerts = 0;
};
[[nodiscard]] Result<std::vector<DiscoveredIncident>> incidents_discovered(Database& database, WallTime from,
                                                                           WallTime to);

// Versions of register entries that were recorded in the span, without their content.
struct RegisterChange {
    std::string register_name, id, changed_by;
    std::int64_t version = 0;
    WallTime recorded_at{}, valid_from{};
    std::optional<WallTime> valid_to;
};
[[nodiscard]] Result<std::vector<RegisterChange>> register_changes(Database& database, WallTime from, WallTime to);

}  // namespace sallyport::store
