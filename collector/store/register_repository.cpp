// SPDX-License-Identifier: Apache-2.0
#include "collector/store/register_repository.hpp"

#include "collector/store/row_values.hpp"
#include "protocol/json.hpp"

namespace sallyport::store {
namespace {

constexpr JsonLimits kEntryLimits{.bytes_max = 256 * 1024, .depth_max = 6, .fields_max = 16 * 1024};

constexpr std::string_view kSelect =
    "SELECT ori, register, id, version, valid_from, valid_to, recorded_at, replaced_at, changed_by, change_reason, "
    "data FROM register_entry ";

Result<RegisterEntry> read_entry(const Statement& row) {
    RegisterEntry entry;
    entry.ori = row.text(0);
    entry.register_name = row.text(1);
    entry.id = row.text(2);
    entry.version = row.integer(3);
    entry.valid_from = wall_time(row.integer(4));
    entry.valid_to = optional_time(row, 5);
    entry.recorded_at = wall_time(row.integer(6));
    entry.replaced_at = optional_time(row, 7);
    entry.changed_by = row.text(8);
    entry.change_reason = row.text(9);
    auto data = read_json_record(row.text(10), kEntryLimits);
    if (!data)
        return Error(Errc::corrupt, "store: register " + entry.register_name + ": " + entry.id + ": version " +
                                        std::to_string(entry.version) + ": " + data.error().message());
    entry.data = std::move(*data);
    return entry;
}

Result<void> read_each(Statement& statement, const UseEntry& use) {
    for (;;) {
        auto more = statement.step();
        if (!more)
            return more.error().within("store: registers");
        if (!*more)
            return {};
        auto entry = read_entry(statement);
        if (!entry)
            return entry.error();
        if (auto done = use(std::move(*entry)); !done)
            return done;
    }
}

Result<std::vector<RegisterEntry>> read_all(Statement& statement) {
    std::vector<RegisterEntry> entries;
    auto done = read_each(statement, [&](RegisterEntry entry) -> Result<void> {
        entries.push_back(std::move(entry));
        return {};
    });
    if (!done)
        return done.error();
    return entries;
}

Result<std::int64_t> next_version(Database& database, const RegisterEntry& entry) {
    auto statement = database.prepare("SELECT coalesce(max(version), 0) + 1 FROM register_entry WHERE register = ? AND id = ?");
    if (!statement)
        return statement.error();
    statement->bind(1, entry.register_name).bind(2, entry.id);
    if (auto row = statement->step(); !row)
        return row.error();
    return statement->integer(0);
}

Result<void> insert_version(Database& database, const RegisterEntry& entry) {
    auto version = next_version(database, entry);
    if (!version)
        return version.error();
    auto statement = database.prepare(
        "INSERT INTO register_entry (ori, register, id, version, valid_from, valid_to, recorded_at, changed_by, "
        "change_reason, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!statement)
        return statement.error();
    return statement->bind(1, entry.ori)
        .bind(2, entry.register_name)
        .bind(3, entry.id)
        .bind(4, *version)
        .bind(5, milliseconds(entry.valid_from))
        .bind(6, milliseconds(entry.valid_to))
        .bind(7, milliseconds(entry.recorded_at))
        .bind(8, entry.changed_by)
        .bind(9, entry.change_reason)
        .bind(10, write_json(entry.data))
        .run();
}

// Versions that are known now and speak of some of the new entry's time.
Result<std::vector<RegisterEntry>> overlapped_by(Database& database, const RegisterEntry& entry) {
    auto statement = database.prepare(std::string(kSelect) +
                                      "WHERE register = ?1 AND id = ?2 AND replaced_at IS NULL "
                                      "AND (valid_to IS NULL OR valid_to > ?3) AND (?4 IS NULL OR valid_from < ?4)");
    if (!statement)
        return statement.error();
    statement->bind(1, entry.register_name)
        .bind(2, entry.id)
        .bind(3, milliseconds(entry.valid_from))
        .bind(4, milliseconds(entry.valid_to));
    return read_all(*statement);
}

Result<void> mark_replaced(Database& database, const RegisterEntry& old, WallTime at) {
    auto statement =
        database.prepare("UPDATE register_entry SET replaced_at = ? WHERE register = ? AND id = ? AND version = ?");
    if (!statement)
        return statement.error();
    return statement->bind(1, milliseconds(at)).bind(2, old.register_name).bind(3, old.id).bind(4, old.version).run();
}

// The old version gives way only where the new one speaks: what is left of it on either side is recorded anew.
Result<void> cut_out(Database& database, const RegisterEntry& old, const RegisterEntry& entry) {
    if (auto done = mark_replaced(database, old, entry.recorded_at); !done)
        return done;
    RegisterEntry rest = old;
    rest.recorded_at = entry.recorded_at;
    if (old.valid_from < entry.valid_from) {
        rest.valid_to = entry.valid_from;
        if (auto done = insert_version(database, rest); !done)
            return done;
    }
    if (entry.valid_to && (!old.valid_to || *entry.valid_to < *old.valid_to)) {
        rest.valid_from = *entry.valid_to;
        rest.valid_to = old.valid_to;
        if (auto done = insert_version(database, rest); !done)
            return done;
    }
    return {};
}

}  // namespace

Result<void> record_entry(Database& database, const RegisterEntry& entry) {
    const std::string where = "store: register " + entry.register_name + ": " + entry.id;
    if (entry.valid_to && *entry.valid_to <= entry.valid_from)
        return Error(Errc::bad_input, where + ": valid_to is not after valid_from");
    auto known = overlapped_by(database, entry);
    if (!known)
        return known.error().within(where);
    for (const RegisterEntry& old : *known) {
        if (auto done = cut_out(database, old, entry); !done)
            return done.error().within(where);
    }
    if (auto done = insert_version(database, entry); !done)
        return done.error().within(where);
    return {};
}

Result<std::optional<RegisterEntry>> find_entry(Database& database, std::string_view register_name,
                                                std::string_view id, WallTime as_of, WallTime known_at) {
    auto statement = database.prepare(std::string(kSelect) +
                                      "WHERE register = ?1 AND id = ?2 AND valid_from <= ?3 "
                                      "AND (valid_to IS NULL OR valid_to > ?3) AND recorded_at <= ?4 "
                                      "AND (replaced_at IS NULL OR replaced_at > ?4) ORDER BY version DESC LIMIT 1");
    if (!statement)
        return statement.error().within("store: registers");
    statement->bind(1, register_name).bind(2, id).bind(3, milliseconds(as_of)).bind(4, milliseconds(known_at));
    auto entries = read_all(*statement);
    if (!entries)
        return entries.error();
    return entries->empty() ? std::nullopt : std::optional(std::move(entries->front()));
}

Result<std::vector<RegisterEntry>> list_entries(Database& database, std::string_view register_name, WallTime as_of,
                                                WallTime known_at) {
    std::vector<RegisterEntry> entries;
    auto done = each_entry(database, register_name, as_of, known_at, [&](RegisterEntry entry) -> Result<void> {
        entries.push_back(std::move(entry));
        return {};
    });
    if (!done)
        return done.error();
    return entries;
}

Result<void> each_entry(Database& database, std::string_view register_name, WallTime as_of, WallTime known_at,
                        const UseEntry& use) {
    auto statement = database.prepare(std::string(kSelect) +
                                      "WHERE register = ?1 AND valid_from <= ?2 AND (valid_to IS NULL OR valid_to > ?2) "
                                      "AND recorded_at <= ?3 AND (replaced_at IS NULL OR replaced_at > ?3) ORDER BY id");
    if (!statement)
        return statement.error().within("store: registers");
    statement->bind(1, register_name).bind(2, milliseconds(as_of)).bind(3, milliseconds(known_at));
    return read_each(*statement, use);
}

Result<std::vector<RegisterEntry>> history_of(Database& database, std::string_view register_name, std::string_view id) {
    auto statement = database.prepare(std::string(kSelect) + "WHERE register = ? AND id = ? ORDER BY version");
    if (!statement)
        return statement.error().within("store: registers");
    statement->bind(1, register_name).bind(2, id);
    return read_all(*statement);
}

Result<void> each_version(Database& database, std::string_view register_name, const UseEntry& use) {
    auto statement = database.prepare(std::string(kSelect) + "WHERE register = ? ORDER BY id, version");
    if (!statement)
        return statement.error().within("store: registers");
    statement->bind(1, register_name);
    return read_each(*statement, use);
}

Result<std::int64_t> register_generation(Database& database) {
    auto statement = database.prepare("SELECT value FROM register_generation WHERE id = 1");
    if (!statement)
        return statement.error().within("store: register generation");
    auto row = statement->step();
    if (!row)
        return row.error().within("store: register generation");
    return statement->integer(0);
}

Result<void> save_rule_site(Database& database, const RuleSite& row) {
    auto statement = database.prepare(
        "INSERT INTO rule_site (rule_id, site_id, state, parameters, changed_by, changed_at, reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (rule_id, site_id) DO UPDATE SET state = excluded.state, "
        "parameters = excluded.parameters, changed_by = excluded.changed_by, changed_at = excluded.changed_at, "
        "reason = excluded.reason");
    if (!statement)
        return statement.error().within("store: rule_site");
    return statement->bind(1, row.rule_id)
        .bind(2, row.site_id)
        .bind(3, row.state)
        .bind(4, write_json(row.parameters))
        .bind(5, row.changed_by)
        .bind(6, milliseconds(row.changed_at))
        .bind(7, row.reason)
        .run();
}

Result<std::vector<RuleSite>> all_rule_sites(Database& database) {
    auto statement = database.prepare(
        "SELECT rule_id, site_id, state, parameters, changed_by, changed_at, reason FROM rule_site "
        "ORDER BY rule_id, site_id");
    if (!statement)
        return statement.error().within("store: rule_site");
    std::vector<RuleSite> rows;
    for (;;) {
        auto more = statement->step();
        if (!more)
            return more.error().within("store: rule_site");
        if (!*more)
            return rows;
        auto parameters = read_json_record(statement->text(3), kEntryLimits);
        if (!parameters)
            return Error(Errc::corrupt, "store: rule_site " + statement->text(0) + ": " + parameters.error().message());
        rows.push_back({statement->text(0), statement->text(1), statement->optional_text(2), std::move(*parameters),
                        statement->text(4), statement->text(6), wall_time(statement->integer(5))});
    }
}

}  // namespace sallyport::store
