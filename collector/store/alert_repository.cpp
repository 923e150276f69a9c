// SPDX-License-Identifier: Apache-2.0
#include "collector/store/alert_repository.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr std::size_t kEvidenceMax = 500;  // dictionary section 10

// In the order of bind_alert() and read_alert(); the revision is the last one.
constexpr std::string_view kColumns =
    "alert_id, ori, rule_id, rule_version, control_refs, severity, severity_rank, title, summary, "
    "terminal_id, "
    "room_id, site_id, operator_ref, dedupe_key, lane, kind, state, mark, routed_to, first_event_at, "
    "last_event_at, "
    "condition_at, raised_at, received_lag_ms, occurrence_count, ack_by, ack_at, ack_due_at, escalated_to, "
    "escalated_at, cleared_at, disposition, disposition_note, incident_id, part_of, parameters, known_at, "
    "revision";
constexpr int kColumnCount = 38;

int severity_rank(std::string_view severity) {
    constexpr std::string_view kRising[] = {"info", "low", "medium", "high", "critical"};
    for (int rank = 0; rank < 5; ++rank) {
        if (kRising[rank] == severity) return rank;
    }
    return 0;
}

void bind_alert(Statement& row, const Alert& alert, std::int64_t revision) {
    row.bind(1, alert.alert_id).bind(2, alert.ori).bind(3, alert.rule_id).bind(4, alert.rule_version);
    row.bind(5, text_list(alert.control_refs)).bind(6, alert.severity).bind(7, severity_rank(alert.severity));
    row.bind(8, alert.title).bind(9, alert.summary).bind(10, alert.terminal_id).bind(11, alert.room_id);
    row.bind(12, alert.site_id).bind(13, alert.operator_ref).bind(14, alert.dedupe_key).bind(15, alert.lane);
    row.bind(16, alert.kind).bind(17, alert.state).bind(18, alert.mark).bind(19, text_list(alert.routed_to));
    row.bind(20, milliseconds(alert.first_event_at)).bind(21, milliseconds(alert.last_event_at));
    row.bind(22, milliseconds(alert.condition_at)).bind(23, milliseconds(alert.raised_at));
    row.bind(24, alert.received_lag_ms).bind(25, alert.occurrence_count).bind(26, alert.ack_by);
    row.bind(27, milliseconds(alert.ack_at))
        .bind(28, milliseconds(alert.ack_due_at))
        .bind(29, alert.escalated_to);
    row.bind(30, milliseconds(alert.escalated_at)).bind(31, milliseconds(alert.cleared_at));
    row.bind(32, alert.disposition).bind(33, alert.disposition_note).bind(34, alert.incident_id);
    row.bind(35, alert.part_of)
        .bind(36, alert.parameters)
        .bind(37, milliseconds(alert.known_at))
        .bind(38, revision);
}

Result<Alert> read_alert(const Statement& row) {
    Alert alert;
    alert.alert_id = row.text(0);
    alert.ori = row.text(1);
    alert.rule_id = row.text(2);
    alert.rule_version = row.text(3);
    alert.severity = row.text(5);
    alert.title = row.text(7);
    alert.summary = row.text(8);
    alert.terminal_id = row.optional_text(9);
    alert.room_id = row.optional_text(10);
    alert.site_id = row.optional_text(11);
    alert.operator_ref = row.optional_text(12);
    alert.dedupe_key = row.text(13);
    alert.lane = row.text(14);
    alert.kind = row.text(15);
    alert.state = row.text(16);
    alert.mark = row.text(17);
    alert.first_event_at = wall_time(row.integer(19));
    alert.last_event_at = wall_time(row.integer(20));
    alert.condition_at = wall_time(row.integer(21));
    alert.raised_at = wall_time(row.integer(22));
    alert.received_lag_ms = row.integer(23);
    alert.occurrence_count = row.integer(24);
    alert.ack_by = row.optional_text(25);
    alert.ack_at = optional_time(row, 26);
    alert.ack_due_at = optional_time(row, 27);
    alert.escalated_to = row.optional_text(28);
    alert.escalated_at = optional_time(row, 29);
    alert.cleared_at = optional_time(row, 30);
    alert.disposition = row.optional_text(31);
    alert.disposition_note = row.optional_text(32);
    alert.incident_id = row.optional_text(33);
    alert.part_of = row.optional_text(34);
    alert.parameters = row.text(35);
    alert.known_at = wall_time(row.integer(36));
    alert.revision = row.integer(37);
    auto controls = texts_from(row.text(4));
    auto routed = texts_from(row.text(18));
    if (!controls || !routed)
        return Error(Errc::corrupt, "store: alert " + alert.alert_id + ": a list in it is no list");
    alert.control_refs = std::move(*controls);
    alert.routed_to = std::move(*routed);
    return alert;
}

Result<void> load_evidence(Database& database, std::vector<Alert>& alerts) {
    if (alerts.empty()) return {};
    auto statement =
        database.prepare("SELECT ingest_id FROM alert_evidence WHERE alert_id = ? ORDER BY ingest_id");
    if (!statement) return statement.error();
    for (Alert& alert : alerts) {
        statement->bind(1, alert.alert_id);
        for (;;) {
            auto more = statement->step();
            if (!more) return more.error();
            if (!*more) break;
            alert.evidence.push_back(statement->integer(0));
        }
        statement->reset();
    }
    return {};
}

enum class Evidence { read, left_out };

Result<std::vector<Alert>> read_alerts(Database& database, Statement& statement,
                                       Evidence evidence = Evidence::read) {
    std::vector<Alert> alerts;
    for (;;) {
        auto more = statement.step();
        if (!more) return more.error().within("store: alerts");
        if (!*more) break;
        auto alert = read_alert(statement);
        if (!alert) return alert.error();
        alerts.push_back(std::move(*alert));
    }
    if (evidence == Evidence::left_out) return alerts;
    if (auto done = load_evidence(database, alerts); !done) return done.error().within("store: alerts");
    return alerts;
}

Result<std::optional<Alert>> read_one(Database& database, Statement& statement) {
    auto alerts = read_alerts(database, statement);
    if (!alerts) return alerts.error();
    return alerts->empty() ? std::nullopt : std::optional(std::move(alerts->front()));
}

Result<void> write_alert(Database& database, const Alert& alert, const std::string& sql) {
    auto revision = next_revision(database);
    if (!revision) return revision.error();
    auto statement = database.prepare(sql);
    if (!statement) return statement.error();
    bind_alert(*statement, alert, *revision);
    if (auto done = statement->run(); !done) return done.error();
    if (database.changes() == 0) return Error(Errc::not_found, "there is no such alert");
    return {};
}

std::string placeholders(int count) {
    std::string marks = "?1";
    for (int parameter = 2; parameter <= count; ++parameter)
        marks += ", ?" + std::to_string(parameter);
    return marks;
}

}  // namespace

Result<void> insert_alert(Database& database, const Alert& alert) {
    static const std::string kSql =
        "INSERT INTO alert (" + std::string(kColumns) + ") VALUES (" + placeholders(kColumnCount) + ")";
    if (auto done = write_alert(database, alert, kSql); !done)
        return done.error().within("store: insert alert " + alert.alert_id);
    return add_evidence(database, alert.alert_id, alert.evidence);
}

Result<void> update_alert(Database& database, const Alert& alert) {
    static const std::string kSql = "UPDATE alert SET (" + std::string(kColumns) + ") = (" +
                                    placeholders(kColumnCount) + ") WHERE alert_id = ?1";
    if (auto done = write_alert(database, alert, kSql); !done)
        return done.error().within("store: update alert " + alert.alert_id);
    return {};
}

Result<void> add_evidence(Database& database, std::string_view alert_id,
                          const std::vector<std::int64_t>& ingest_ids) {
    auto count = database.prepare("SELECT count(*) FROM alert_evidence WHERE alert_id = ?");
    auto insert =
        database.prepare("INSERT OR IGNORE INTO alert_evidence (alert_id, ingest_id) VALUES (?, ?)");
    if (!count || !insert) return (count ? insert : count).error().within("store: add evidence");
    if (auto row = count->bind(1, alert_id).step(); !row) return row.error().within("store: add evidence");
    auto kept = static_cast<std::size_t>(count->integer(0));
    for (const std::int64_t ingest_id : ingest_ids) {
        if (kept >= kEvidenceMax) return {};
        if (auto done = insert->bind(1, alert_id).bind(2, ingest_id).run(); !done)
            return done.error().within("store: add evidence");
        kept += static_cast<std::size_t>(database.changes());
    }
    return {};
}

Result<std::optional<Alert>> find_alert(Database& database, std::string_view alert_id) {
    auto statement = database.prepare("SELECT " + std::string(kColumns) + " FROM alert WHERE alert_id = ?");
    if (!statement) return statement.error().within("store: find alert");
    statement->bind(1, alert_id);
    return read_one(database, *statement);
}

Result<std::optional<Alert>> find_open_alert(Database& database, std::string_view dedupe_key) {
    auto alerts = open_alerts_of_key(database, dedupe_key);
    if (!alerts) return alerts.error();
    return alerts->empty() ? std::nullopt : std::optional(std::move(alerts->front()));
}

Result<std::vector<Alert>> open_alerts_of_key(Database& database, std::string_view dedupe_key) {
    // A lasting cause keeps its alert open whatever a person did with it; a single event's is open until
    // resolved.
    auto statement = database.prepare(
        "SELECT " + std::string(kColumns) +
        " FROM alert WHERE dedupe_key = ? AND CASE kind WHEN 'state' THEN cleared_at IS NULL "
        "ELSE state IN ('new', 'acknowledged', 'in_work', 'converted') END "
        "ORDER BY last_event_at DESC, alert_id DESC");
    if (!statement) return statement.error().within("store: open alerts of key");
    statement->bind(1, dedupe_key);
    return read_alerts(database, *statement);
}

Result<std::vector<Alert>> list_alerts(Database& database, const AlertFilter& filter) {
    std::string sql = "SELECT " + std::string(kColumns) + " FROM alert WHERE revision > ?";
    std::vector<std::string> texts;
    const auto equals = [&](std::string_view column, const std::optional<std::string>& value) {
        if (value) {
            sql += " AND " + std::string(column) + " = ?";
            texts.push_back(*value);
        }
    };
    equals("lane", filter.lane);
    equals("severity", filter.severity);
    equals("rule_id", filter.rule_id);
    equals("terminal_id", filter.terminal_id);
    equals("site_id", filter.site_id);
    equals("incident_id", filter.incident_id);
    if (!filter.states.empty()) {
        sql += " AND state IN (?";
        for (std::size_t more = 1; more < filter.states.size(); ++more)
            sql += ", ?";
        sql += ")";
        texts.insert(texts.end(), filter.states.begin(), filter.states.end());
    }
    if (filter.lane == "queue") sql += " AND part_of IS NULL";  // what a larger alert has taken off the queue
    const auto colon = filter.before ? filter.before->find(':') : std::string::npos;
    if (filter.before && colon == std::string::npos)
        return Error(Errc::bad_input, "store: list alerts: 'before' is not like 1795456800000:ID");
    if (filter.before) sql += " AND (raised_at, alert_id) < (CAST(? AS INTEGER), ?)";
    sql += " ORDER BY raised_at DESC, alert_id DESC LIMIT ?";
    auto statement = database.prepare(sql);
    if (!statement) return statement.error().within("store: list alerts");
    int parameter = 1;
    statement->bind(parameter++, filter.revision_after);
    for (const std::string& text : texts)
        statement->bind(parameter++, text);
    if (filter.before) {
        statement->bind(parameter++, filter.before->substr(0, colon));
        statement->bind(parameter++, filter.before->substr(colon + 1));
    }
    statement->bind(parameter, std::uint64_t{filter.limit});
    return read_alerts(database, *statement);
}

Result<std::vector<AlertCount>> count_alerts(Database& database) {
    auto statement = database.prepare(
        "SELECT lane, severity, state, count(*) FROM alert WHERE lane <> 'queue' OR part_of IS NULL "
        "GROUP BY lane, severity, state");
    if (!statement) return statement.error().within("store: count alerts");
    return read_rows(*statement, "store: count alerts", [](const Statement& row) {
        return AlertCount{row.text(0), row.text(1), row.text(2), row.integer(3)};
    });
}

Result<std::vector<Alert>> alerts_around(Database& database, std::string_view terminal_id, WallTime from,
                                         WallTime to) {
    auto statement = database.prepare("SELECT " + std::string(kColumns) +
                                      " FROM alert WHERE terminal_id = ? AND last_event_at >= ? "
                                      "AND first_event_at <= ? ORDER BY condition_at, alert_id");
    if (!statement) return statement.error().within("store: alerts around");
    statement->bind(1, terminal_id).bind(2, milliseconds(from)).bind(3, milliseconds(to));
    return read_alerts(database, *statement);
}

Result<std::vector<Alert>> alerts_with_evidence(Database& database,
                                                const std::vector<std::int64_t>& ingest_ids) {
    auto statement = database.prepare(
        "SELECT " + std::string(kColumns) +
        " FROM alert WHERE alert_id IN (SELECT alert_id FROM alert_evidence "
        "WHERE ingest_id IN (SELECT value FROM json_each(?))) ORDER BY condition_at, alert_id");
    if (!statement) return statement.error().within("store: alerts with evidence");
    statement->bind(1, write_json(Value(List(ingest_ids.begin(), ingest_ids.end()))));
    return read_alerts(database, *statement);
}

Result<std::vector<Alert>> alerts_of_rule(Database& database, std::string_view rule_id, WallTime from,
                                          WallTime to) {
    auto statement =
        database.prepare("SELECT " + std::string(kColumns) +
                         " FROM alert WHERE rule_id = ? AND condition_at >= ? AND condition_at <= ? "
                         "ORDER BY condition_at, alert_id");
    if (!statement) return statement.error().within("store: alerts of rule");
    statement->bind(1, rule_id).bind(2, milliseconds(from)).bind(3, milliseconds(to));
    return read_alerts(database, *statement);
}

Result<bool> is_evidence_of_key(Database& database, std::string_view dedupe_key, std::int64_t ingest_id) {
    auto statement = database.prepare(
        "SELECT 1 FROM alert JOIN alert_evidence USING (alert_id) WHERE dedupe_key = ? AND ingest_id = ? "
        "LIMIT 1");
    if (!statement) return statement.error().within("store: evidence of key");
    statement->bind(1, dedupe_key).bind(2, ingest_id);
    return statement->step();
}

Result<std::vector<Alert>> unacknowledged_alerts(Database& database) {
    auto statement =
        database.prepare("SELECT " + std::string(kColumns) +
                         " FROM alert WHERE state = 'new' AND lane = 'queue' AND ack_due_at IS NOT NULL");
    if (!statement) return statement.error().within("store: unacknowledged alerts");
    return read_alerts(database, *statement, Evidence::left_out);
}

Result<std::int64_t> next_revision(Database& database) {
    auto statement =
        database.prepare("UPDATE revision_counter SET value = value + 1 WHERE id = 1 RETURNING value");
    if (!statement) return statement.error().within("store: next revision");
    auto row = statement->step();
    if (!row) return row.error().within("store: next revision");
    const std::int64_t revision = statement->integer(0);
    if (auto done = statement->step(); !done) return done.error().within("store: next revision");
    return revision;
}

Result<std::int64_t> current_revision(Database& database) {
    auto statement = database.prepare("SELECT value FROM revision_counter WHERE id = 1");
    if (!statement) return statement.error().within("store: current revision");
    auto row = statement->step();
    if (!row) return row.error().within("store: current revision");
    return statement->integer(0);
}

}  // namespace sallyport::store
