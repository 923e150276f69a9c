// SPDX-License-Identifier: Apache-2.0
#include "collector/store/deletion_repository.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr const char* kColumns =
    "SELECT deletion_id, data_class, kept_from, reason, proposed_by, proposed_at, state, cursor, deleted, held, tied, "
    "finished_at FROM deletion ";

Deletion read_row(const Statement& row) {
    Deletion deletion;
    deletion.deletion_id = row.integer(0);
    deletion.data_class = data_class_named(row.text(1)).value_or(DataClass::events);
    deletion.kept_from = wall_time(row.integer(2));
    deletion.reason = row.text(3);
    deletion.proposed_by = row.text(4);
    deletion.proposed_at = wall_time(row.integer(5));
    deletion.state = row.text(6);
    deletion.cursor = row.text(7);
    deletion.deleted = row.integer(8);
    deletion.held = row.integer(9);
    deletion.tied = row.integer(10);
    deletion.finished_at = optional_time(row, 11);
    return deletion;
}

Result<void> read_approvals(Database& database, Deletion& deletion) {
    auto query = database.prepare("SELECT account, role, approved_at FROM deletion_approval WHERE deletion_id = ? "
                                  "ORDER BY approved_at");
    if (!query)
        return query.error().within("deletion");
    query->bind(1, deletion.deletion_id);
    auto approvals = read_rows(*query, "deletion", [](const Statement& row) {
        return Approval{row.text(0), row.text(1), wall_time(row.integer(2))};
    });
    if (!approvals)
        return approvals.error();
    deletion.approvals = std::move(*approvals);
    return {};
}

Result<std::optional<Deletion>> find_one(Database& database, Statement& query) {
    auto row = query.step();
    if (!row)
        return row.error().within("deletion");
    if (!*row)
        return std::optional<Deletion>();
    Deletion deletion = read_row(query);
    if (auto done = read_approvals(database, deletion); !done)
        return done.error();
    return std::optional(std::move(deletion));
}

}  // namespace

Result<std::int64_t> add_deletion(Database& database, const Deletion& deletion) {
    auto insert = database.prepare(
        "INSERT INTO deletion (data_class, kept_from, reason, proposed_by, proposed_at, state) VALUES (?, ?, ?, ?, ?, ?)");
    if (!insert)
        return insert.error().within("deletion");
    auto done = insert->bind(1, to_string(deletion.data_class)).bind(2, milliseconds(deletion.kept_from))
                    .bind(3, deletion.reason).bind(4, deletion.proposed_by).bind(5, milliseconds(deletion.proposed_at))
                    .bind(6, deletion.state).run();
    if (!done)
        return done.error().within("deletion of " + std::string(to_string(deletion.data_class)));
    return database.last_insert_rowid();
}

Result<std::optional<Deletion>> find_deletion(Database& database, std::int64_t deletion_id) {
    auto query = database.prepare(std::string(kColumns) + "WHERE deletion_id = ?");
    if (!query)
        return query.error().within("deletion");
    query->bind(1, deletion_id);
    return find_one(database, *query);
}

Result<std::optional<Deletion>> open_deletion(Database& database, DataClass data_class) {
    auto query = database.prepare(std::string(kColumns) + "WHERE data_class = ? AND state IN ('proposed', 'approved')");
    if (!query)
        return query.error().within("deletion");
    query->bind(1, to_string(data_class));
    return find_one(database, *query);
}

Result<std::vector<Deletion>> list_deletions(Database& database, std::size_t limit) {
    auto query = database.prepare(std::string(kColumns) + "ORDER BY deletion_id DESC LIMIT ?");
    if (!query)
        return query.error().within("deletion");
    query->bind(1, static_cast<std::int64_t>(limit));
    auto deletions = read_rows(*query, "deletion", read_row);
    if (!deletions)
        return deletions.error();
    for (Deletion& deletion : *deletions)
        if (auto done = read_approvals(database, deletion); !done)
            return done.error();
    return deletions;
}

Result<void> update_deletion(Database& database, const Deletion& deletion) {
    auto update = database.prepare("UPDATE deletion SET state = ?, cursor = ?, deleted = ?, held = ?, tied = ?, finished_at = ? "
                                   "WHERE deletion_id = ?");
    if (!update)
        return update.error().within("deletion");
    return update->bind(1, deletion.state).bind(2, deletion.cursor).bind(3, deletion.deleted).bind(4, deletion.held)
        .bind(5, deletion.tied).bind(6, milliseconds(deletion.finished_at)).bind(7, deletion.deletion_id).run();
}

Result<void> add_approval(Database& database, std::int64_t deletion_id, const Approval& approval) {
    auto insert = database.prepare("INSERT INTO deletion_approval VALUES (?, ?, ?, ?)");
    if (!insert)
        return insert.error().within("deletion");
    return insert->bind(1, deletion_id).bind(2, approval.account).bind(3, approval.role).bind(4, milliseconds(approval.at)).run();
}

Result<std::map<DataClass, std::int64_t>> retention_periods(Database& database) {
    auto query = database.prepare("SELECT data_class, days FROM retention_period");
    if (!query)
        return query.error().within("retention");
    std::map<DataClass, std::int64_t> periods;
    for (;;) {
        auto row = query->step();
        if (!row)
            return row.error().within("retention");
        if (!*row)
            return periods;
        if (const auto known = data_class_named(query->text(0)))
            periods[*known] = query->integer(1);
    }
}

Result<void> save_retention_period(Database& database, DataClass data_class, std::int64_t days, std::string_view changed_by,
                                   WallTime at, std::string_view reason) {
    auto replace = database.prepare("INSERT OR REPLACE INTO retention_period VALUES (?, ?, ?, ?, ?)");
    if (!replace)
        return replace.error().within("retention");
    return replace->bind(1, to_string(data_class)).bind(2, days).bind(3, changed_by).bind(4, milliseconds(at)).bind(5, reason)
        .run();
}

}  // namespace sallyport::store
