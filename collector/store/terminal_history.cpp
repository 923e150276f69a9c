// SPDX-License-Identifier: Apache-2.0
#include "collector/store/terminal_history.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {

Result<std::vector<HistoryLine>> read_terminal_history(Database& database, std::string_view terminal_id,
                                                       std::span<const std::string_view> types) {
    std::string wanted;
    for (std::size_t i = 0; i < types.size(); ++i)
        wanted += i == 0 ? "?" : ", ?";
    auto query = database.prepare(
        "SELECT s.instance, e.seq, e.type, e.event_time, e.line IS NULL, e.withheld_reason, CASE WHEN e.type IN (" + wanted +
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

}  // namespace sallyport::store
