// SPDX-License-Identifier: Apache-2.0
#include "collector/store/rule_statistics.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {

Result<std::vector<RuleCount>> count_alerts_by_rule(Database& database, WallTime from, WallTime to) {
    auto query = database.prepare(
        "SELECT rule_id, coalesce(site_id, ''), sum(lane = 'observe'), sum(lane = 'digest'), sum(lane = 'queue'), "
        "count(disposition), sum(coalesce(disposition IN ('false_positive_sensor', 'false_positive_rule'), 0)) "
        "FROM alert WHERE raised_at >= ? AND raised_at < ? GROUP BY 1, 2 ORDER BY 1, 2");
    if (!query) return query.error().within("alerts by rule");
    query->bind(1, milliseconds(from)).bind(2, milliseconds(to));
    return read_rows(*query, "alerts by rule", [](const Statement& row) {
        return RuleCount{row.text(0),    row.text(1),    row.integer(2), row.integer(3),
                         row.integer(4), row.integer(5), row.integer(6)};
    });
}

}  // namespace sallyport::store
