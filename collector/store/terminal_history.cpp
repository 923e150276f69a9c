// SPDX-License-Identifier: Apache-2.0
#include "collector/store/terminal_history.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

// As many question marks as there are types.
std::string places_for(std::span<const std::string_view> types) {
    std::string places;
    for (std::size_t i = 0; i < types.size(); ++i)
        places += i == 0 ? "?" : ", ?";
    return places;
}

Result<std::vector<std::int64_t>> find_lines(Database& database, std::string_view terminal_id,
                                             std::span<const std::string_view> types, std::string_view condition,
                                             std::vector<std::string> texts, WallTime from, WallTime to, std::size_t limit) {
    auto query = database.prepare(
        "SELECT ingest_id FROM stream s JOIN event e USING (stream_id) WHERE s.terminal_id = ? AND e.event_time BETWEEN ? AND ? "
        "AND e.line IS NOT NULL AND e.type IN (" + places_for(types) + ") " + std::string(condition) +
        " ORDER BY e.event_time, ingest_id LIMIT ?");
    if (!query)
        return query.error().within("lines of a terminal");
    int parameter = 4;
    query->bind(1, terminal_id).bind(2, milliseconds(from)).bind(3, milliseconds(to));
    for (const std::string_view type : types)
        query->bind(parameter++, type);
    for (const std::string& text : texts)
        query->bind(parameter++, text);
    query->bind(parameter, std::uint64_t{limit});
    return read_rows(*query, "lines of a terminal", [](const Statement& row) { return row.integer(0); });
}

}  // namespace

Result<std::vector<HistoryLine>> read_terminal_history(Database& database, std::string_view terminal_id,
                                                       std::span<const std::string_view> types) {
    auto query = database.prepare(
        "SELECT s.instance, e.seq, e.type, e.event_time, e.line IS NULL, e.withheld_reason, CASE WHEN e.type IN (" + places_for(types) +
        ") THEN e.line END FROM stream s JOIN event e USING (stream_id) WHERE s.terminal_id = ? ORDER BY stream_id, seq");
    if (!query)
        return query.error().within("terminal history");
    int parameter = 1;
    for (const std::string_view type : types)
        query->bind(parameter++, type);
    query->bind(parameter, terminal_id);
    return read_rows(*query, "terminal history", [](const Statement& row) {
        return HistoryLine{row.text(0), static_cast<std::uint64_t>(row.integer(1)), row.text(2),
                           wall_time(row.integer(3)), row.integer(4) != 0, row.text(5), row.optional_text(6)};
    });
}

Result<std::vector<std::string>> read_lines_about(Database& database, std::string_view terminal_id, Said said,
                                                  WallTime from) {
    // With the type written out: a partial index is taken only for what SQLite sees when it compiles.
    auto query = database.prepare(std::string("SELECT line FROM event WHERE type = ") +
                                  (said == Said::gap ? "'server.gap'" : "'server.liveness'") +
                                  " AND event_time >= ? AND line ->> '$.body.terminal' = ? ORDER BY event_time, ingest_id");
    if (!query)
        return query.error().within("lines about a terminal");
    query->bind(1, from.time_since_epoch().count()).bind(2, terminal_id);
    return read_rows(*query, "lines about a terminal", [](const Statement& row) { return row.text(0); });
}

Result<std::vector<std::int64_t>> find_lines_between(Database& database, std::string_view terminal_id,
                                                     std::span<const std::string_view> types, WallTime from, WallTime to,
                                                     std::size_t limit) {
    return find_lines(database, terminal_id, types, "", {}, from, to, limit);
}

Result<std::vector<std::int64_t>> find_own_lines(Database& database, std::span<const std::string_view> types,
                                                 std::string_view field, std::string_view text, WallTime from, WallTime to,
                                                 std::size_t limit) {
    return find_lines(database, "collector", types, "AND e.line ->> ? = ?",
                      {"$.body." + std::string(field), std::string(text)}, from, to, limit);
}

}  // namespace sallyport::store
