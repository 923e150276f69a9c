// SPDX-License-Identifier: Apache-2.0
#include "collector/store/audit_statistics.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

template <class Make>
auto rows_of_span(Database& database, std::string_view what, std::string_view sql, WallTime from, WallTime to,
                  const Make& make) -> Result<std::vector<decltype(make(std::declval<Statement&>()))>> {
    auto query = database.prepare(sql);
    if (!query) return query.error().within(what);
    query->bind(1, milliseconds(from)).bind(2, milliseconds(to));
    return read_rows(*query, what, make);
}

}  // namespace

Result<std::vector<IntakeCount>> count_intake(Database& database, WallTime from, WallTime to) {
    return rows_of_span(
        database, "store: count intake",
        "SELECT s.terminal_id, s.instance, count(*), sum(e.line IS NULL), min(e.seq), max(e.seq), min(e.received_at), "
        "max(e.received_at) FROM event e JOIN stream s ON s.stream_id = e.stream_id WHERE e.received_at >= ?1 AND "
        "e.received_at < ?2 "
        "GROUP BY e.stream_id ORDER BY s.terminal_id, s.instance",
        from, to, [](Statement& row) {
            return IntakeCount{row.text(0),
                               row.text(1),
                               row.integer(2),
                               row.integer(3),
                               row.integer(4),
                               row.integer(5),
                               wall_time(row.integer(6)),
                               wall_time(row.integer(7))};
        });
}

Result<std::vector<ActionCount>> count_actions(Database& database, WallTime from, WallTime to) {
    return rows_of_span(
        database, "store: count actions",
        "SELECT action, actor_role, outcome, count(*), min(at), max(at) FROM audit WHERE at >= ?1 AND at < ?2 "
        "AND actor_role NOT LIKE 'psd%' AND action NOT IN ('incident.refer', 'person.resolve') AND object_type <> "
        "'case' "
        "GROUP BY action, actor_role, outcome ORDER BY action, actor_role, outcome",
        from, to, [](Statement& row) {
            return ActionCount{row.text(0),
                               row.text(1),
                               row.text(2),
                               row.integer(3),
                               wall_time(row.integer(4)),
                               wall_time(row.integer(5))};
        });
}

Result<std::vector<RaisedAlert>> alerts_raised(Database& database, WallTime from, WallTime to) {
    return rows_of_span(database, "store: alerts raised",
                        "SELECT a.alert_id, a.rule_id, a.rule_version, a.control_refs, a.severity, a.lane, a.state, "
                        "a.mark, a.terminal_id, a.room_id, "
                        "a.site_id, a.disposition, i.number, a.raised_at, a.ack_due_at, a.ack_at, a.cleared_at, "
                        "a.occurrence_count FROM alert a "
                        "LEFT JOIN incident i ON i.incident_id = a.incident_id AND i.status <> 'proposed' AND i.kind "
                        "<> 'suspected_misuse' "
                        "WHERE a.raised_at >= ?1 AND a.raised_at < ?2 "
                        "AND NOT EXISTS (SELECT 1 FROM json_each(a.routed_to) WHERE value LIKE 'PSD%') ORDER BY "
                        "a.raised_at, a.alert_id",
                        from, to, [](Statement& row) {
                            RaisedAlert alert{row.text(0),
                                              row.text(1),
                                              row.text(2),
                                              row.text(3),
                                              row.text(4),
                                              row.text(5),
                                              row.text(6),
                                              row.text(7),
                                              row.optional_text(8),
                                              row.optional_text(9),
                                              row.optional_text(10),
                                              row.optional_text(11),
                                              row.optional_text(12),
                                              wall_time(row.integer(13)),
                                              optional_time(row, 14),
                                              optional_time(row, 15),
                                              optional_time(row, 16),
                                              row.integer(17)};
                            return alert;
                        });
}

Result<std::vector<DiscoveredIncident>> incidents_discovered(Database& database, WallTime from, WallTime to) {
    return rows_of_span(database, "store: incidents discovered",
                        "SELECT number, kind, severity, status, discovery_method, cji_exposure, discovered_at, "
                        "reported_internal_at, confirmed_at, "
                        "closed_at, closure_code, (SELECT count(*) FROM incident_alert a WHERE a.incident_id = "
                        "i.incident_id) FROM incident i "
                        "WHERE discovered_at >= ?1 AND discovered_at < ?2 AND status <> 'proposed' AND kind <> "
                        "'suspected_misuse' ORDER BY number",
                        from, to, [](Statement& row) {
                            return DiscoveredIncident{row.text(0),
                                                      row.text(1),
                                                      row.text(2),
                                                      row.text(3),
                                                      row.text(4),
                                                      row.text(5),
                                                      wall_time(row.integer(6)),
                                                      optional_time(row, 7),
                                                      optional_time(row, 8),
                                                      optional_time(row, 9),
                                                      row.optional_text(10),
                                                      row.integer(11)};
                        });
}

Result<std::vector<RegisterChange>> register_changes(Database& database, WallTime from, WallTime to) {
    return rows_of_span(
        database, "store: register changes",
        "SELECT register, id, changed_by, version, recorded_at, valid_from, valid_to FROM register_entry "
        "WHERE recorded_at >= ?1 AND recorded_at < ?2 ORDER BY recorded_at, register, id, version",
        from, to, [](Statement& row) {
            return RegisterChange{row.text(0),
                                  row.text(1),
                                  row.text(2),
                                  row.integer(3),
                                  wall_time(row.integer(4)),
                                  wall_time(row.integer(5)),
                                  optional_time(row, 6)};
        });
}

}  // namespace sallyport::store
