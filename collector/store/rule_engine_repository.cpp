// SPDX-License-Identifier: Apache-2.0
#include "collector/store/rule_engine_repository.hpp"

#include <initializer_list>

namespace sallyport::store {
namespace {

Result<void> run(Database& database, std::string_view what, std::string_view sql,
                 std::initializer_list<std::string_view> texts) {
    auto statement = database.prepare(sql);
    if (!statement) return statement.error().within(what);
    int parameter = 0;
    for (const std::string_view text : texts)
        statement->bind(++parameter, text);
    auto done = statement->run();
    return done ? Result<void>() : Result<void>(done.error().within(what));
}

// Every row of the query, until `use` fails.
template <class Use>
Result<void> each_row(Database& database, std::string_view what, std::string_view sql, const Use& use) {
    auto query = database.prepare(sql);
    if (!query) return query.error().within(what);
    for (;;) {
        auto row = query->step();
        if (!row) return row.error().within(what);
        if (!*row) return {};
        if (auto done = use(*query); !done) return done;
    }
}

}  // namespace

Result<std::optional<RulePosition>> load_rule_position(Database& database) {
    std::optional<RulePosition> position;
    auto read = each_row(database, "store: rule engine", "SELECT cursor, snapshot_cursor FROM rule_engine WHERE id = 1",
                         [&](const Statement& row) -> Result<void> {
                             position = RulePosition{row.integer(0), row.integer(1)};
                             return {};
                         });
    if (!read) return read.error();
    return position;
}

Result<void> save_rule_cursor(Database& database, std::int64_t cursor) {
    auto statement = database.prepare(
        "INSERT INTO rule_engine (id, cursor, snapshot_cursor) VALUES (1, ?1, 0) "
        "ON CONFLICT (id) DO UPDATE SET cursor = ?1");
    if (!statement) return statement.error().within("store: rule cursor");
    return statement->bind(1, cursor).run();
}

Result<void> save_rule_position(Database& database, std::int64_t cursor) {
    auto statement = database.prepare(
        "INSERT INTO rule_engine (id, cursor, snapshot_cursor) VALUES (1, ?1, ?1) "
        "ON CONFLICT (id) DO UPDATE SET cursor = ?1, snapshot_cursor = ?1");
    if (!statement) return statement.error().within("store: rule position");
    return statement->bind(1, cursor).run();
}

Result<void> save_rule_state(Database& database, std::string_view rule, std::string_view group, std::string_view state) {
    return run(database, "store: rule state",
               "INSERT INTO rule_state (state_group, rule_key, state) VALUES (?1, ?2, ?3) "
               "ON CONFLICT (state_group, rule_key) DO UPDATE SET state = ?3",
               {group, rule, state});
}

Result<void> drop_rule_state(Database& database, std::string_view rule, std::string_view group) {
    return run(database, "store: rule state", "DELETE FROM rule_state WHERE state_group = ?1 AND rule_key = ?2",
               {group, rule});
}

Result<void> drop_rule(Database& database, std::string_view rule) {
    return run(database, "store: rule state", "DELETE FROM rule_state WHERE rule_key = ?1", {rule});
}

Result<void> each_rule_state(Database& database, const UseRuleState& use) {
    return each_row(database, "store: rule state",
                    "SELECT rule_key, state_group, state FROM rule_state ORDER BY state_group, rule_key",
                    [&](const Statement& row) { return use(row.text(0), row.text(1), row.text(2)); });
}

Result<void> save_terminal_state(Database& database, std::string_view terminal, std::string_view state) {
    return run(database, "store: terminal state",
               "INSERT INTO terminal_state (terminal_id, state) VALUES (?1, ?2) "
               "ON CONFLICT (terminal_id) DO UPDATE SET state = ?2",
               {terminal, state});
}

Result<void> each_terminal_state(Database& database, const UseTerminalState& use) {
    return each_row(database, "store: terminal state", "SELECT terminal_id, state FROM terminal_state ORDER BY terminal_id",
                    [&](const Statement& row) { return use(row.text(0), row.text(1)); });
}

}  // namespace sallyport::store
