// SPDX-License-Identifier: Apache-2.0
//
// Alerts and incidents as rows. Names as in the data dictionary, sections 10 and 11.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct Alert {
    std::string alert_id;
    std::string ori;
    std::string rule_id;
    std::string rule_version;
    std::vector<std::string> control_refs;
    std::string severity;  // critical, high, medium, low, info
    std::string title;
    std::string summary;  // one sentence
    std::optional<std::string> terminal_id, room_id, site_id, operator_ref;
    std::string dedupe_key;
    std::string lane;   // queue, digest, observe
    std::string kind;   // event, state
    std::string state;  // new, acknowledged, in_work, resolved, suppressed, auto_cleared, converted
    std::string mark = "none";
    std::vector<std::string> routed_to;
    WallTime first_event_at{}, last_event_at{}, condition_at{}, raised_at{}, known_at{};
    std::int64_t received_lag_ms = 0;
    std::int64_t occurrence_count = 1;
    std::optional<std::string> ack_by, escalated_to, disposition, disposition_note, incident_id, part_of;
    std::optional<WallTime> ack_at, ack_due_at, escalated_at, cleared_at;
    std::string parameters = "{}";
    std::int64_t revision = 0;
    std::vector<std::int64_t> evidence;  // ingest_ids, at most 500
};

struct AlertFilter {
    std::optional<std::string> lane{};
    std::vector<std::string> states{};  // empty: any
    std::optional<std::string> severity{}, rule_id{}, terminal_id{}, site_id{}, incident_id{};
    std::int64_t revision_after = 0;      // only what changed since
    std::optional<std::string> before{};  // keyset: `raised_at_ms:alert_id` of the last one shown
    std::size_t limit = 100;
};

struct Incident {
    std::string incident_id;
    std::string ori;
    std::string number;
    std::string kind;
    std::string severity;
    std::string status;  // proposed, open, contained, resolved, closed
    WallTime discovered_at{};
    std::string discovered_by, discovery_method, summary;
    std::optional<WallTime> reported_internal_at, confirmed_at, referred_at, closed_at;
    std::optional<std::string> reported_internal_to, confirmed_by, referred_by, closed_by, closure_code;
    std::string cji_exposure = "unknown";
    std::string containment = "[]";
    std::int64_t revision = 0;
    std::vector<std::string> alert_ids;
};

struct IncidentFilter {
    std::vector<std::string> statuses{};  // empty: any
    bool referred_only = false;           // what the PSD may see
    std::int64_t revision_after = 0;
    std::size_t limit = 100;
};

// Counts for the console's header, one row a (lane, severity, state).
struct AlertCount {
    std::string lane, severity, state;
    std::int64_t count = 0;
};

// Each insert and update gives the row the next revision; the one in the struct is not read. Evidence is only
// ever added: at first by insert_alert(), then by add_evidence(), up to the 500th.
[[nodiscard]] Result<void> insert_alert(Database& database, const Alert& alert);
[[nodiscard]] Result<void> update_alert(Database& database, const Alert& alert);
[[nodiscard]] Result<void> add_evidence(Database& database, std::string_view alert_id,
                                        const std::vector<std::int64_t>& ingest_ids);
[[nodiscard]] Result<std::optional<Alert>> find_alert(Database& database, std::string_view alert_id);
// The alert of this key whose cause has not ended or that repeats may still join.
[[nodiscard]] Result<std::optional<Alert>> find_open_alert(Database& database, std::string_view dedupe_key);
// All of them, the newest first: what came late may belong to an older one.
[[nodiscard]] Result<std::vector<Alert>> open_alerts_of_key(Database& database, std::string_view dedupe_key);
// Newest first. Of the lane `queue`, what a larger alert has taken off it (part_of) is left out.
[[nodiscard]] Result<std::vector<Alert>> list_alerts(Database& database, const AlertFilter& filter);
[[nodiscard]] Result<std::vector<AlertCount>> count_alerts(Database& database);

// What the judge asks of older alerts; oldest condition first. Alerts whose events touch the span, ends
// included:
[[nodiscard]] Result<std::vector<Alert>> alerts_around(Database& database, std::string_view terminal_id,
                                                       WallTime from, WallTime to);
[[nodiscard]] Result<std::vector<Alert>> alerts_with_evidence(Database& database,
                                                              const std::vector<std::int64_t>& ingest_ids);
[[nodiscard]] Result<std::vector<Alert>> alerts_of_rule(Database& database, std::string_view rule_id,
                                                        WallTime from, WallTime to);
// Whether some alert of this key, open or not, rests on that event.
[[nodiscard]] Result<bool> is_evidence_of_key(Database& database, std::string_view dedupe_key,
                                              std::int64_t ingest_id);
// In the queue, new, with a clock running; without their evidence.
[[nodiscard]] Result<std::vector<Alert>> unacknowledged_alerts(Database& database);

// The incident's alerts are exactly alert_ids afterwards.
[[nodiscard]] Result<void> insert_incident(Database& database, const Incident& incident);
[[nodiscard]] Result<void> update_incident(Database& database, const Incident& incident);
[[nodiscard]] Result<std::optional<Incident>> find_incident(Database& database, std::string_view incident_id);
[[nodiscard]] Result<std::optional<Incident>> find_incident_numbered(Database& database, std::string_view number);
[[nodiscard]] Result<std::vector<Incident>> list_incidents(Database& database, const IncidentFilter& filter);

// The proposal whose critical alert, on this terminal, has events within the span.
[[nodiscard]] Result<std::optional<Incident>> find_proposal(Database& database, std::string_view terminal_id,
                                                            WallTime from, WallTime to);
// Year and running number, e.g. 2026-0007: one more than the highest ever given out in that year.
[[nodiscard]] Result<std::string> next_incident_number(Database& database, int year);
// False when that referral was written before: referring twice is one referral.
[[nodiscard]] Result<bool> write_referral(Database& database, std::string_view referral_id,
                                          std::string_view incident_id, WallTime created_at);

// The next value of the counter that orders all changes of alerts and incidents (the live stream's event id).
[[nodiscard]] Result<std::int64_t> next_revision(Database& database);
[[nodiscard]] Result<std::int64_t> current_revision(Database& database);

}  // namespace sallyport::store
