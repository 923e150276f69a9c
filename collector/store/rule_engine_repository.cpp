// SPDX-License-Identifier: Apache-2.0
#include "collector/store/rule_engine_repository.hpp"

namespace sallyport::store {

Result<std::optional<RuleEngineState>> load_rule_engine(Database& database) {
    auto statement =
        database.prepare("SELECT cursor, snapshot_cursor, snapshot FROM rule_engine WHERE id = 1");
    if (!statement) return statement.error().within("store: rule engine");
    auto row = statement->step();
    if (!row) return row.error().within("store: rule engine");
    if (!*row) return std::optional<RuleEngineState>();
    return std::optional(RuleEngineState{statement->integer(0), statement->integer(1), statement->text(2)});
}

Result<void> save_rule_cursor(Database& database, std::int64_t cursor) {
    auto statement = database.prepare(
        "INSERT INTO rule_engine (id, cursor, snapshot_cursor, snapshot) VALUES (1, ?1, 0, '') "
        "ON CONFLICT (id) DO UPDATE SET cursor = ?1");
    if (!statement) return statement.error().within("store: rule cursor");
    return statement->bind(1, cursor).run();
}

Result<void> save_rule_snapshot(Database& database, std::int64_t cursor, std::string_view snapshot) {
    auto statement = database.prepare(
        "INSERT INTO rule_engine (id, cursor, snapshot_cursor, snapshot) VALUES (1, ?1, ?1, ?2) "
        "ON CONFLICT (id) DO UPDATE SET cursor = ?1, snapshot_cursor = ?1, snapshot = ?2");
    if (!statement) return statement.error().within("store: rule snapshot");
    return statement->bind(1, cursor).bind(2, snapshot).run();
}

}  // namespace sallyport::store
