// SPDX-License-Identifier: Apache-2.0
#include "collector/store/alert_tally.hpp"

namespace sallyport::store {

Result<std::vector<TerminalTally>> open_alerts_by_terminal(Database& database) {
    auto statement = database.prepare(
        "SELECT terminal_id, severity, count(*) FROM alert "
        "WHERE state IN ('new', 'acknowledged', 'in_work') AND lane IN ('queue', 'digest') "
        "AND terminal_id IS NOT NULL GROUP BY terminal_id, severity");
    if (!statement) return statement.error().within("store: open alerts by terminal");
    std::vector<TerminalTally> tallies;
    for (;;) {
        auto more = statement->step();
        if (!more) return more.error().within("store: open alerts by terminal");
        if (!*more) return tallies;
        tallies.push_back({statement->text(0), statement->text(1), statement->integer(2)});
    }
}

}  // namespace sallyport::store
