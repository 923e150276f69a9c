// SPDX-License-Identifier: Apache-2.0
#include "collector/store/alert_tally.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {

Result<std::vector<TerminalTally>> open_alerts_by_terminal(Database& database) {
    auto statement = database.prepare(
        "SELECT terminal_id, severity, count(*) FROM alert "
        "WHERE state IN ('new', 'acknowledged', 'in_work') AND lane IN ('queue', 'digest') "
        "AND terminal_id IS NOT NULL GROUP BY terminal_id, severity");
    if (!statement) return statement.error().within("store: open alerts by terminal");
    return read_rows(*statement, "store: open alerts by terminal", [](const Statement& row) {
        return TerminalTally{row.text(0), row.text(1), row.integer(2)};
    });
}

}  // namespace sallyport::store
