// SPDX-License-Identifier: Apache-2.0
#include "collector/store/alert_repository.hpp"
#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

// In the order of bind_incident() and read_incident(); the revision is the last one.
constexpr std::string_view kColumns =
    "incident_id, ori, number, kind, severity, status, discovered_at, discovered_by, discovery_method, "
    "reported_internal_at, reported_internal_to, summary, cji_exposure, containment, confirmed_at, "
    "confirmed_by, "
    "referred_at, referred_by, closed_at, closed_by, closure_code, revision";
constexpr std::string_view kValues =
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)";

void bind_incident(Statement& row, const Incident& incident, std::int64_t revision) {
    row.bind(1, incident.incident_id).bind(2, incident.ori).bind(3, incident.number).bind(4, incident.kind);
    row.bind(5, incident.severity).bind(6, incident.status).bind(7, milliseconds(incident.discovered_at));
    row.bind(8, incident.discovered_by).bind(9, incident.discovery_method);
    row.bind(10, milliseconds(incident.reported_internal_at)).bind(11, incident.reported_internal_to);
    row.bind(12, incident.summary).bind(13, incident.cji_exposure).bind(14, incident.containment);
    row.bind(15, milliseconds(incident.confirmed_at)).bind(16, incident.confirmed_by);
    row.bind(17, milliseconds(incident.referred_at)).bind(18, incident.referred_by);
    row.bind(19, milliseconds(incident.closed_at))
        .bind(20, incident.closed_by)
        .bind(21, incident.closure_code);
    row.bind(22, revision);
}

Incident read_incident(const Statement& row) {
    Incident incident;
    incident.incident_id = row.text(0);
    incident.ori = row.text(1);
    incident.number = row.text(2);
    incident.kind = row.text(3);
    incident.severity = row.text(4);
    incident.status = row.text(5);
    incident.discovered_at = wall_time(row.integer(6));
    incident.discovered_by = row.text(7);
    incident.discovery_method = row.text(8);
    incident.reported_internal_at = optional_time(row, 9);
    incident.reported_internal_to = row.optional_text(10);
    incident.summary = row.text(11);
    incident.cji_exposure = row.text(12);
    incident.containment = row.text(13);
    incident.confirmed_at = optional_time(row, 14);
    incident.confirmed_by = row.optional_text(15);
    incident.referred_at = optional_time(row, 16);
    incident.referred_by = row.optional_text(17);
    incident.closed_at = optional_time(row, 18);
    incident.closed_by = row.optional_text(19);
    incident.closure_code = row.optional_text(20);
    incident.revision = row.integer(21);
    return incident;
}

Result<void> load_alert_ids(Database& database, std::vector<Incident>& incidents) {
    auto statement = database.prepare(
        "SELECT alert_id FROM incident_alert JOIN alert USING (alert_id) WHERE incident_alert.incident_id = "
        "? "
        "ORDER BY condition_at, alert_id");
    if (!statement) return statement.error();
    for (Incident& incident : incidents) {
        statement->bind(1, incident.incident_id);
        for (;;) {
            auto more = statement->step();
            if (!more) return more.error();
            if (!*more) break;
            incident.alert_ids.push_back(statement->text(0));
        }
        statement->reset();
    }
    return {};
}

Result<std::vector<Incident>> read_incidents(Database& database, Statement& statement) {
    std::vector<Incident> incidents;
    for (;;) {
        auto more = statement.step();
        if (!more) return more.error().within("store: incidents");
        if (!*more) break;
        incidents.push_back(read_incident(statement));
    }
    if (auto done = load_alert_ids(database, incidents); !done)
        return done.error().within("store: incidents");
    return incidents;
}

Result<void> write_links(Database& database, const Incident& incident) {
    auto forget = database.prepare("DELETE FROM incident_alert WHERE incident_id = ?");
    if (!forget) return forget.error();
    if (auto done = forget->bind(1, incident.incident_id).run(); !done) return done;
    auto link =
        database.prepare("INSERT OR IGNORE INTO incident_alert (incident_id, alert_id) VALUES (?, ?)");
    if (!link) return link.error();
    for (const std::string& alert_id : incident.alert_ids) {
        if (auto done = link->bind(1, incident.incident_id).bind(2, alert_id).run(); !done) return done;
    }
    return {};
}

Result<void> write_incident(Database& database, const Incident& incident, const std::string& sql) {
    auto revision = next_revision(database);
    if (!revision) return revision.error();
    auto statement = database.prepare(sql);
    if (!statement) return statement.error();
    bind_incident(*statement, incident, *revision);
    if (auto done = statement->run(); !done) return done;
    if (database.changes() == 0) return Error(Errc::not_found, "there is no such incident");
    return write_links(database, incident);
}

Result<std::optional<Incident>> find_by(Database& database, std::string_view column, std::string_view value) {
    auto statement = database.prepare("SELECT " + std::string(kColumns) + " FROM incident WHERE " + std::string(column) + " = ?");
    if (!statement) return statement.error().within("store: find incident");
    statement->bind(1, value);
    auto incidents = read_incidents(database, *statement);
    if (!incidents) return incidents.error();
    return incidents->empty() ? std::nullopt : std::optional(std::move(incidents->front()));
}

}  // namespace

Result<void> insert_incident(Database& database, const Incident& incident) {
    static const std::string kSql =
        "INSERT INTO incident (" + std::string(kColumns) + ") VALUES " + std::string(kValues);
    if (auto done = write_incident(database, incident, kSql); !done)
        return done.error().within("store: insert incident " + incident.number);
    return {};
}

Result<void> update_incident(Database& database, const Incident& incident) {
    static const std::string kSql = "UPDATE incident SET (" + std::string(kColumns) +
                                    ") = " + std::string(kValues) + " WHERE incident_id = ?1";
    if (auto done = write_incident(database, incident, kSql); !done)
        return done.error().within("store: update incident " + incident.number);
    return {};
}

Result<std::optional<Incident>> find_incident(Database& database, std::string_view incident_id) {
    return find_by(database, "incident_id", incident_id);
}

Result<std::optional<Incident>> find_incident_numbered(Database& database, std::string_view number) {
    return find_by(database, "number", number);
}

Result<std::vector<Incident>> list_incidents(Database& database, const IncidentFilter& filter) {
    std::string sql = "SELECT " + std::string(kColumns) + " FROM incident WHERE revision > ?";
    if (filter.referred_only) sql += " AND referred_at IS NOT NULL";
    for (std::size_t index = 0; index < filter.statuses.size(); ++index)
        sql += index == 0 ? " AND status IN (?" : ", ?";
    if (!filter.statuses.empty()) sql += ")";
    sql += " ORDER BY discovered_at DESC, incident_id DESC LIMIT ?";
    auto statement = database.prepare(sql);
    if (!statement) return statement.error().within("store: list incidents");
    int parameter = 1;
    statement->bind(parameter++, filter.revision_after);
    for (const std::string& status : filter.statuses)
        statement->bind(parameter++, status);
    statement->bind(parameter, std::uint64_t{filter.limit});
    return read_incidents(database, *statement);
}

Result<std::optional<Incident>> find_proposal(Database& database, std::string_view terminal_id, WallTime from,
                                              WallTime to) {
    auto statement = database.prepare(
        "SELECT incident.incident_id FROM incident JOIN incident_alert USING (incident_id) "
        "JOIN alert ON alert.alert_id = incident_alert.alert_id "
        "WHERE status = 'proposed' AND terminal_id = ?1 AND alert.severity = 'critical' AND last_event_at >= "
        "?2 "
        "AND first_event_at <= ?3 ORDER BY discovered_at LIMIT 1");
    if (!statement) return statement.error().within("store: find proposal");
    statement->bind(1, terminal_id).bind(2, milliseconds(from)).bind(3, milliseconds(to));
    auto row = statement->step();
    if (!row) return row.error().within("store: find proposal");
    if (!*row) return std::optional<Incident>();
    return find_incident(database, statement->text(0));
}

Result<std::string> next_incident_number(Database& database, int year) {
    const std::string prefix = std::to_string(year) + "-";
    auto statement = database.prepare(
        "SELECT coalesce(max(CAST(substr(number, 6) AS INTEGER)), 0) + 1 FROM incident WHERE number GLOB ?");
    if (!statement) return statement.error().within("store: incident number");
    statement->bind(1, prefix + "[0-9]*");
    if (auto row = statement->step(); !row) return row.error().within("store: incident number");
    std::string running = std::to_string(statement->integer(0));
    running.insert(0, running.size() < 4 ? 4 - running.size() : 0, '0');
    return prefix + running;
}

Result<bool> write_referral(Database& database, std::string_view referral_id, std::string_view incident_id,
                            WallTime created_at) {
    auto statement = database.prepare(
        "INSERT OR IGNORE INTO referral_outbox (referral_id, incident_id, created_at) VALUES (?, ?, ?)");
    if (!statement) return statement.error().within("store: referral");
    statement->bind(1, referral_id).bind(2, incident_id).bind(3, milliseconds(created_at));
    if (auto done = statement->run(); !done) return done.error().within("store: referral");
    return database.changes() > 0;
}

}  // namespace sallyport::store
