// SPDX-License-Identifier: Apache-2.0
#include "collector/store/log_scan.hpp"

#include "collector/store/digest_column.hpp"
#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr std::string_view kWhere = "store: scan";
constexpr const char* kStreams =
    "SELECT stream_id, ori, terminal_id, instance, last_seq, head, "
    "(SELECT COALESCE(MAX(last_seq), 0) FROM batch WHERE batch.stream_id = stream.stream_id) FROM stream ";

std::uint64_t count_at(const Statement& row, int column) { return static_cast<std::uint64_t>(row.integer(column)); }

ScannedLine line_from(const Statement& row) {
    return {row.integer(0), row.integer(1), count_at(row, 2), row.optional_integer(3), wall_time(row.integer(4)),
            digest_at(row, 5), row.optional_text(6), row.optional_text(7)};
}

ScannedStream stream_from(const Statement& row) {
    return {row.integer(0), row.text(1), row.text(2), row.text(3), count_at(row, 4), digest_at(row, 5), count_at(row, 6)};
}

}  // namespace

Result<std::vector<ScannedLine>> scan_lines(Database& database, std::int64_t after, std::int64_t until, std::size_t limit) {
    auto query = database.prepare(
        "SELECT ingest_id, stream_id, seq, batch_id, received_at, leaf, line, withheld_reason FROM event "
        "WHERE ingest_id > ? AND ingest_id <= ? ORDER BY ingest_id LIMIT ?");
    if (!query)
        return query.error().within(kWhere);
    query->bind(1, after).bind(2, until).bind(3, static_cast<std::uint64_t>(limit));
    return read_rows(*query, kWhere, line_from);
}

Result<std::int64_t> newest_line(Database& database) {
    auto query = database.prepare("SELECT COALESCE(MAX(ingest_id), 0) FROM event");
    if (!query)
        return query.error().within(kWhere);
    auto row = query->step();
    if (!row)
        return row.error().within(kWhere);
    return query->integer(0);
}

Result<std::vector<ScannedStream>> scan_streams(Database& database) {
    // With the batches' index of its own kind missing, one pass over them is cheaper than one look-up a stream.
    auto query = database.prepare(
        "SELECT s.stream_id, s.ori, s.terminal_id, s.instance, s.last_seq, s.head, COALESCE(b.last_seq, 0) FROM stream s "
        "LEFT JOIN (SELECT stream_id, MAX(last_seq) AS last_seq FROM batch GROUP BY stream_id) b USING (stream_id) "
        "ORDER BY s.stream_id");
    if (!query)
        return query.error().within(kWhere);
    return read_rows(*query, kWhere, stream_from);
}

Result<std::optional<ScannedStream>> scan_stream(Database& database, std::int64_t stream_id) {
    auto query = database.prepare(std::string(kStreams) + "WHERE stream_id = ?");
    if (!query)
        return query.error().within(kWhere);
    query->bind(1, stream_id);
    auto rows = read_rows(*query, kWhere, stream_from);
    if (!rows)
        return rows.error();
    return rows->empty() ? std::nullopt : std::optional(rows->front());
}

Result<std::optional<ScannedBatch>> scan_batch(Database& database, std::int64_t batch_id) {
    auto query = database.prepare("SELECT stream_id, first_seq, last_seq, header FROM batch WHERE batch_id = ?");
    if (!query)
        return query.error().within(kWhere);
    query->bind(1, batch_id);
    auto rows = read_rows(*query, kWhere, [](const Statement& row) {
        return ScannedBatch{row.integer(0), count_at(row, 1), count_at(row, 2), row.text(3)};
    });
    if (!rows)
        return rows.error();
    return rows->empty() ? std::nullopt : std::optional(rows->front());
}

Result<std::vector<std::string>> dangling_references(Database& database, std::size_t limit) {
    constexpr const char* kQueries[] = {
        "SELECT 'alert ' || alert_id || ': its evidence, line ' || ingest_id || ', is not in the log' FROM alert_evidence a "
        "WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.ingest_id = a.ingest_id) LIMIT ?",
        "SELECT 'alert ' || alert_id || ' has no evidence' FROM alert a "
        "WHERE NOT EXISTS (SELECT 1 FROM alert_evidence e WHERE e.alert_id = a.alert_id) LIMIT ?",
        "SELECT 'incident ' || incident_id || ': alert ' || alert_id || ' is not there' FROM incident_alert i "
        "WHERE NOT EXISTS (SELECT 1 FROM alert a WHERE a.alert_id = i.alert_id) LIMIT ?",
        "SELECT 'incident ' || incident_id || ' of an alert is not there' FROM incident_alert i "
        "WHERE NOT EXISTS (SELECT 1 FROM incident c WHERE c.incident_id = i.incident_id) LIMIT ?",
    };
    std::vector<std::string> found;
    for (const char* text : kQueries) {
        auto query = database.prepare(text);
        if (!query)
            return query.error().within(kWhere);
        query->bind(1, static_cast<std::uint64_t>(limit));
        auto rows = read_rows(*query, kWhere, [](const Statement& row) { return row.text(0); });
        if (!rows)
            return rows.error();
        found.insert(found.end(), rows->begin(), rows->end());
    }
    return found;
}

}  // namespace sallyport::store
