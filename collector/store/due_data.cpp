// SPDX-License-Identifier: Apache-2.0
#include "collector/store/due_data.hpp"

#include <algorithm>
#include <charconv>

#include "collector/store/audit_anchor.hpp"
#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

// Rows of the event log that one look passes over: a few milliseconds of a reader's snapshot.
constexpr std::int64_t kLookedAtOnce = 2000;

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// What a rule in observation found is no alert.
constexpr const char* kRestsAnAlertOnIt = "EXISTS (SELECT 1 FROM alert_evidence JOIN alert USING (alert_id) WHERE "
                                          "alert_evidence.ingest_id = event.ingest_id AND lane <> 'observe')";

// --- finding ------------------------------------------------------------------------------------------------------------

// The rules see again, at a start, what came after their snapshot; their cursor never passes an unjudged line.
constexpr const char* kJudged = "(SELECT coalesce(min(cursor, snapshot_cursor), 0) FROM rule_engine)";

Result<DueItems> find_lines(Database& reader, WallTime kept_from, const std::string& cursor, std::size_t limit) {
    auto query = reader.prepare(
        "SELECT ingest_id, received_at < ?1 AND line IS NOT NULL AND type <> 'camera.presence' AND NOT " +
        std::string(kRestsAnAlertOnIt) + ", received_at < ?1 FROM event WHERE ingest_id > ?2 AND ingest_id <= " +
        std::string(kJudged) + " ORDER BY ingest_id LIMIT ?3");
    if (!query)
        return query.error();
    query->bind(1, milliseconds(kept_from)).bind(2, number_of(cursor)).bind(3, kLookedAtOnce);
    DueItems due;
    due.cursor = cursor;
    std::int64_t looked_at = 0;
    bool any_old = false;
    while (due.items.size() < limit) {
        auto row = query->step();
        if (!row)
            return row.error();
        if (!*row) {
            // A page of nothing but young lines: the log is in the order of receipt, the rest is younger still.
            due.is_end = looked_at < kLookedAtOnce || !any_old;
            return due;
        }
        ++looked_at;
        due.cursor = query->text(0);
        any_old = any_old || query->integer(2) != 0;
        if (query->integer(1) != 0)
            due.items.push_back({due.cursor, due.cursor});
    }
    return due;
}

// By receipt: the cursor is the last one's, and its number.
Result<DueItems> find_presence(Database& reader, WallTime kept_from, const std::string& cursor, std::size_t limit) {
    auto query = reader.prepare("SELECT received_at, ingest_id FROM event WHERE type = 'camera.presence' AND line IS NOT NULL "
                                "AND received_at < ?1 AND (received_at, ingest_id) > (?2, ?3) AND ingest_id <= " +
                                std::string(kJudged) + " ORDER BY received_at, ingest_id LIMIT ?4");
    if (!query)
        return query.error();
    const auto colon = std::min(cursor.find(':'), cursor.size());
    const std::string_view number = std::string_view(cursor).substr(std::min(colon + 1, cursor.size()));
    query->bind(1, milliseconds(kept_from)).bind(2, number_of(cursor)).bind(3, number_of(number))
        .bind(4, static_cast<std::int64_t>(limit));
    DueItems due;
    due.cursor = cursor;
    for (;;) {
        auto row = query->step();
        if (!row)
            return row.error();
        if (!*row) {
            due.is_end = due.items.size() < limit;
            return due;
        }
        due.cursor = query->text(0) + ':' + query->text(1);
        due.items.push_back({query->text(1), due.cursor});
    }
}

// One column of keys, in their order; parameters: kept_from, cursor, limit.
Result<DueItems> find_keys(Database& reader, const std::string& sql, WallTime kept_from, const std::string& cursor,
                           bool numbered, std::size_t limit) {
    auto query = reader.prepare(sql);
    if (!query)
        return query.error();
    query->bind(1, milliseconds(kept_from)).bind(3, static_cast<std::int64_t>(limit));
    if (numbered)
        query->bind(2, number_of(cursor));
    else
        query->bind(2, cursor);
    auto items = read_rows(*query, "due", [](const Statement& row) { return DueItem{row.text(0), row.text(0)}; });
    if (!items)
        return items.error();
    DueItems due;
    due.is_end = items->size() < limit;
    due.cursor = items->empty() ? cursor : items->back().cursor;
    due.items = std::move(*items);
    return due;
}

// Closed, or only recorded: what a rule in observation found is no alert that anybody could close.
const char* const kAlerts =
    "SELECT alert_id FROM alert WHERE alert_id > ?2 AND raised_at < ?1 AND "
    "(state IN ('resolved', 'suppressed', 'auto_cleared', 'converted') OR lane = 'observe') ORDER BY alert_id LIMIT ?3";
const char* const kIncidents =
    "SELECT incident_id FROM incident WHERE incident_id > ?2 AND closed_at < ?1 ORDER BY incident_id LIMIT ?3";
const char* const kAudit = "SELECT log_id FROM audit WHERE log_id > ?2 AND at < ?1 AND log_id <= (SELECT log_id FROM audit_relay) "
                           "ORDER BY log_id LIMIT ?3";

// Entries whose life, and last change, lie behind. Which register is of which class.
std::string ended_entries(DataClass data_class) {
    const std::string people = "register IN ('operators', 'staff_roles')";
    const std::string visits = "(register = 'windows' AND coalesce(json_extract(data, '$.kind'), '') = 'visitor')";
    const std::string which = data_class == DataClass::people            ? people
                              : data_class == DataClass::visitor_windows ? visits
                                                                         : "NOT " + people + " AND NOT " + visits;
    return "SELECT register || '/' || id AS key FROM register_entry WHERE key > ?2 AND " + which +
           " GROUP BY register, id HAVING max(CASE WHEN replaced_at IS NULL THEN coalesce(valid_to, 9223372036854775807) "
           "ELSE replaced_at END) < ?1 AND max(recorded_at) < ?1 ORDER BY key LIMIT ?3";
}

// --- deleting -----------------------------------------------------------------------------------------------------------

Result<void> run_with(Database& database, std::string_view sql, const std::string& key) {
    auto statement = database.prepare(sql);
    return statement ? statement->bind(1, key).run() : Result<void>(statement.error());
}

Result<bool> exists(Database& database, std::string_view sql, const std::string& key) {
    auto query = database.prepare(sql);
    return query ? query->bind(1, key).step() : Result<bool>(query.error());
}

Result<void> count_presence(Database& database, const std::string& terminal_id, WallTime event_time) {
    auto insert = database.prepare("INSERT INTO presence_hour VALUES (?, ?, 1) "
                                   "ON CONFLICT (terminal_id, hour) DO UPDATE SET reports = reports + 1");
    if (!insert)
        return insert.error();
    const WallTime hour = std::chrono::floor<std::chrono::hours>(event_time);
    return insert->bind(1, terminal_id).bind(2, milliseconds(hour)).run();
}

Result<Fate> delete_line(Database& database, DataClass data_class, WallTime kept_from, const std::string& key, const HeldData& held) {
    const std::int64_t ingest_id = number_of(key);
    auto query = database.prepare(
        "SELECT s.terminal_id, event.event_time, "
        "CASE WHEN json_valid(event.line) THEN json_extract(event.line, '$.operator_account') END, " +
        std::string(kRestsAnAlertOnIt) +
        ", event.received_at >= ?2 FROM event JOIN stream s USING (stream_id) WHERE event.ingest_id = ?1 AND event.line IS NOT NULL");
    if (!query)
        return query.error();
    auto row = query->bind(1, ingest_id).bind(2, milliseconds(kept_from)).step();
    if (!row)
        return row.error();
    if (!*row || query->integer(4) != 0)
        return Fate::gone;
    const std::string terminal_id = query->text(0);
    const WallTime event_time = wall_time(query->integer(1));
    if (held.keeps_line(terminal_id, event_time, query->optional_text(2)))
        return Fate::held;
    if (query->integer(3) != 0)
        return Fate::tied;
    auto forget = database.prepare("UPDATE event SET line = NULL, withheld_reason = 'deleted' WHERE ingest_id = ?");
    if (!forget)
        return forget.error();
    if (auto done = forget->bind(1, ingest_id).run(); !done)
        return done.error();
    if (data_class == DataClass::presence)
        if (auto done = count_presence(database, terminal_id, event_time); !done)
            return done.error();
    return Fate::deleted;
}

// When anybody last did something with it: the alert itself does not say when it was resolved.
Result<WallTime> last_touched(Database& database, const std::string& alert_id) {
    auto query = database.prepare(
        "SELECT max(raised_at, last_event_at, coalesce(cleared_at, 0), coalesce(ack_at, 0), coalesce(escalated_at, 0), "
        "coalesce((SELECT max(at) FROM audit WHERE object_type = 'alert' AND object_id = alert_id), 0)) "
        "FROM alert WHERE alert_id = ?");
    if (!query)
        return query.error();
    auto row = query->bind(1, alert_id).step();
    if (!row)
        return row.error();
    return *row ? wall_time(query->integer(0)) : WallTime::max();
}

Result<Fate> delete_alert(Database& database, WallTime kept_from, const std::string& key, const HeldData& held) {
    auto touched = last_touched(database, key);
    if (!touched)
        return touched.error();
    if (*touched >= kept_from)
        return Fate::gone;
    auto query = database.prepare(
        "SELECT terminal_id, operator_ref, first_event_at, last_event_at, "
        "EXISTS (SELECT 1 FROM incident_alert i WHERE i.alert_id = a.alert_id) OR EXISTS (SELECT 1 FROM incident i WHERE "
        "i.incident_id = a.incident_id) OR EXISTS (SELECT 1 FROM alert whole WHERE whole.alert_id = a.part_of) "
        "FROM alert a WHERE alert_id = ?");
    if (!query)
        return query.error();
    auto row = query->bind(1, key).step();
    if (!row)
        return row.error();
    if (!*row)
        return Fate::gone;
    if (held.keeps_alert(key, query->optional_text(0), query->optional_text(1), wall_time(query->integer(2)),
                         wall_time(query->integer(3))))
        return Fate::held;
    if (query->integer(4) != 0)
        return Fate::tied;
    for (const char* sql : {"DELETE FROM alert_evidence WHERE alert_id = ?", "DELETE FROM alert WHERE alert_id = ?"})
        if (auto done = run_with(database, sql, key); !done)
            return done.error();
    return Fate::deleted;
}

Result<bool> holds_one_of_its_alerts(Database& database, const std::string& incident_id, const HeldData& held) {
    auto query = database.prepare(
        "SELECT alert_id, terminal_id, operator_ref, first_event_at, last_event_at FROM alert WHERE incident_id = ?1 "
        "OR alert_id IN (SELECT alert_id FROM incident_alert WHERE incident_id = ?1)");
    if (!query)
        return query.error();
    query->bind(1, incident_id);
    for (;;) {
        auto row = query->step();
        if (!row || !*row)
            return row;
        if (held.keeps_alert(query->text(0), query->optional_text(1), query->optional_text(2), wall_time(query->integer(3)),
                             wall_time(query->integer(4))))
            return true;
    }
}

Result<Fate> delete_incident(Database& database, const std::string& key, const HeldData& held) {
    auto known = exists(database, "SELECT 1 FROM incident WHERE incident_id = ?", key);
    if (!known)
        return known.error();
    if (!*known)
        return Fate::gone;
    auto kept = holds_one_of_its_alerts(database, key, held);
    if (!kept)
        return kept.error();
    if (*kept || held.keeps_incident(key))
        return Fate::held;
    // What PSD has not got yet is not ours to delete.
    auto waiting = exists(database, "SELECT 1 FROM referral_outbox WHERE incident_id = ? AND delivered_at IS NULL", key);
    if (!waiting)
        return waiting.error();
    if (*waiting)
        return Fate::tied;
    for (const char* sql :
         {"DELETE FROM referral_outbox WHERE incident_id = ?", "DELETE FROM incident_alert WHERE incident_id = ?",
          "UPDATE alert SET incident_id = NULL WHERE incident_id = ?", "DELETE FROM incident WHERE incident_id = ?"})
        if (auto done = run_with(database, sql, key); !done)
            return done.error();
    return Fate::deleted;
}

// Whatever is held may be looked up in the registers, as they were: one hold keeps them all.
Result<Fate> delete_entry(Database& database, const std::string& key, const HeldData& held) {
    if (held.any())
        return Fate::held;
    for (const char* sql : {"DELETE FROM operator_use WHERE 'operators/' || operator_ref = ?",
                            "DELETE FROM operator_print WHERE 'operators/' || operator_ref = ?"})
        if (auto done = run_with(database, sql, key); !done)
            return done.error();
    const auto slash = key.find('/');
    auto remove = database.prepare("DELETE FROM register_entry WHERE register = ? AND id = ?");
    if (!remove)
        return remove.error();
    if (auto done = remove->bind(1, key.substr(0, slash)).bind(2, key.substr(slash + 1)).run(); !done)
        return done.error();
    return database.changes() > 0 ? Fate::deleted : Fate::gone;
}

// One hold keeps the whole log: what was done with the held things may stand anywhere in it. So does an alert or incident
// that is still there, from the first act on it.
Result<Fate> delete_audit_entry(Database& database, const std::string& key, const HeldData& held) {
    if (held.any())
        return Fate::held;
    auto anchor = audit_anchor(database);
    if (!anchor)
        return anchor.error();
    if (number_of(key) <= anchor->log_id)
        return Fate::gone;
    if (number_of(key) != anchor->log_id + 1)
        return Fate::tied;
    auto needed = exists(database,
                         "SELECT 1 FROM audit WHERE log_id = ? AND "
                         "(object_type = 'alert' AND EXISTS (SELECT 1 FROM alert WHERE alert_id = object_id) OR "
                         "object_type = 'incident' AND EXISTS (SELECT 1 FROM incident WHERE incident_id = object_id))",
                         key);
    if (!needed)
        return needed.error();
    if (*needed)
        return Fate::tied;
    auto moved = delete_oldest_audit_entry(database);
    return moved ? Result<Fate>(Fate::deleted) : Result<Fate>(moved.error());
}

}  // namespace

Result<DueItems> find_due(Database& reader, DataClass data_class, WallTime kept_from, const std::string& cursor,
                          std::size_t limit) {
    const auto keys = [&](const std::string& sql, bool numbered) {
        return find_keys(reader, sql, kept_from, cursor, numbered, limit);
    };
    Result<DueItems> due = [&] {
        switch (data_class) {
            case DataClass::presence: return find_presence(reader, kept_from, cursor, limit);
            case DataClass::events: return find_lines(reader, kept_from, cursor, limit);
            case DataClass::alerts: return keys(kAlerts, false);
            case DataClass::incidents: return keys(kIncidents, false);
            case DataClass::audit: return keys(kAudit, true);
            default: return keys(ended_entries(data_class), false);
        }
    }();
    return due ? std::move(due) : due.error().within("retention: " + std::string(to_string(data_class)));
}

Result<Fate> delete_due(Database& database, DataClass data_class, WallTime kept_from, const std::string& key,
                        const HeldData& held) {
    Result<Fate> fate = [&] {
        switch (data_class) {
            case DataClass::presence:
            case DataClass::events: return delete_line(database, data_class, kept_from, key, held);
            case DataClass::alerts: return delete_alert(database, kept_from, key, held);
            case DataClass::incidents: return delete_incident(database, key, held);
            case DataClass::audit: return delete_audit_entry(database, key, held);
            default: return delete_entry(database, key, held);
        }
    }();
    return fate ? fate : Result<Fate>(fate.error().within("retention: " + std::string(to_string(data_class)) + " " + key));
}

Result<void> delete_presence_hours(Database& database, WallTime kept_from) {
    auto remove = database.prepare("DELETE FROM presence_hour WHERE hour < ?");
    return remove ? remove->bind(1, milliseconds(kept_from)).run() : Result<void>(remove.error());
}

}  // namespace sallyport::store
