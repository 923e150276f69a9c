// SPDX-License-Identifier: Apache-2.0
#include "collector/store/drill_repository.hpp"

#include <algorithm>

#include "collector/store/records.hpp"
#include "collector/store/row_values.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::store {
namespace {

constexpr const char* kColumns =
    "SELECT nonce, terminal_id, ori, version, begins_at, ends_at, sensors, stick_vid, stick_pid, stick_serial_hash, media_id, "
    "ordered_by, reason, begun_at, ended_at FROM drill ";

Drill drill_of(const Statement& row) {
    Drill drill;
    drill.order.nonce = row.text(0);
    drill.terminal_id = row.text(1);
    drill.ori = row.text(2);
    drill.version = row.integer(3);
    drill.order.begins_at = wall_time(row.integer(4));
    drill.order.ends_at = wall_time(row.integer(5));
    drill.order.sensors = texts_from(row.text(6)).value_or(std::vector<std::string>());
    if (!row.is_null(7)) drill.order.stick = DrillStick{row.text(7), row.text(8), row.text(9)};
    drill.media_id = row.text(10);
    drill.ordered_by = row.text(11);
    drill.reason = row.text(12);
    drill.begun_at = optional_time(row, 13);
    drill.ended_at = optional_time(row, 14);
    return drill;
}

// A sensor that was asked and said nothing: it may still, or the time is over.
Result<void> read_answers(Database& database, Drill& drill, WallTime now) {
    auto query = database.prepare("SELECT sensor, answer, reason, cued_at, stored_at FROM drill_answer WHERE nonce = ?");
    if (!query) return query.error();
    query->bind(1, drill.order.nonce);
    auto given = read_rows(*query, "drill answers", [](const Statement& row) {
        return DrillAnswer{row.text(0), row.text(1), row.text(2), optional_time(row, 3), optional_time(row, 4)};
    });
    if (!given) return given.error();
    const DrillAnswer silent{"", drill.is_over(now) ? "failed" : "waiting",
                             !drill.is_over(now) ? "" : drill.begun_at ? "nothing_came" : "terminal_not_heard", {}, {}};
    for (const std::string& sensor : drill.order.sensors) {
        const auto at = std::find_if(given->begin(), given->end(), [&](const auto& one) { return one.sensor == sensor; });
        drill.answers.push_back(at == given->end() ? silent : *at);
        drill.answers.back().sensor = sensor;
    }
    return {};
}

Result<std::vector<Drill>> read_drills(Database& database, Statement& query, WallTime now) {
    auto drills = read_rows(query, "drills", drill_of);
    if (!drills) return drills.error();
    for (Drill& drill : *drills)
        if (auto read = read_answers(database, drill, now); !read) return read.error();
    return drills;
}

Result<void> insert(Database& database, const Drill& drill) {
    auto insert = database.prepare(
        "INSERT INTO drill (nonce, terminal_id, ori, version, begins_at, ends_at, sensors, stick_vid, stick_pid, "
        "stick_serial_hash, media_id, ordered_by, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert) return insert.error();
    const DrillOrder& order = drill.order;
    insert->bind(1, order.nonce).bind(2, drill.terminal_id).bind(3, drill.ori).bind(4, drill.version)
        .bind(5, milliseconds(order.begins_at)).bind(6, milliseconds(order.ends_at)).bind(7, text_list(order.sensors));
    if (order.stick) insert->bind(8, order.stick->vid).bind(9, order.stick->pid).bind(10, order.stick->serial_hash);
    insert->bind(11, drill.media_id).bind(12, drill.ordered_by).bind(13, drill.reason);
    return insert->run();
}

Result<void> note(Database& database, std::string_view column, std::string_view nonce, WallTime at) {
    const std::string name(column);
    auto update = database.prepare("UPDATE drill SET " + name + " = ? WHERE nonce = ? AND " + name + " IS NULL");
    if (!update) return update.error();
    return update->bind(1, milliseconds(at)).bind(2, nonce).run();
}

}  // namespace

// The version is the time in seconds, as of other papers, so that it rises even past a restored backup.
Result<void> add_drill(Database& database, Drill& drill, WallTime now) {
    auto before = list_drills(database, drill.terminal_id, 1, now);
    if (!before) return before.error();
    if (!before->empty() && !before->front().is_over(now))
        return Error(Errc::conflict, "drill of " + drill.terminal_id + ": one runs until " +
                                         format_time(before->front().order.ends_at));
    const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    drill.version = std::max(seconds, before->empty() ? 0 : before->front().version + 1);
    auto added = insert(database, drill);
    return added ? added : Result<void>(added.error().within("drill of " + drill.terminal_id));
}

Result<std::optional<Drill>> find_drill(Database& database, std::string_view nonce, WallTime now) {
    auto query = database.prepare(std::string(kColumns) + "WHERE nonce = ?");
    if (!query) return query.error();
    query->bind(1, nonce);
    auto found = read_drills(database, *query, now);
    if (!found) return found.error();
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::vector<Drill>> list_drills(Database& database, std::string_view terminal_id, std::size_t limit, WallTime now) {
    auto query = database.prepare(std::string(kColumns) +
                                  "WHERE ? IN (terminal_id, '') ORDER BY begins_at DESC, version DESC LIMIT ?");
    if (!query) return query.error();
    query->bind(1, terminal_id).bind(2, limit);
    return read_drills(database, *query, now);
}

Result<std::vector<Drill>> last_drills(Database& database, WallTime now) {
    auto query = database.prepare(std::string(kColumns) + "AS one WHERE version = (SELECT MAX(version) FROM drill WHERE "
                                                          "terminal_id = one.terminal_id) ORDER BY terminal_id");
    if (!query) return query.error();
    return read_drills(database, *query, now);
}

Result<std::vector<Drill>> unheard_drills(Database& database, WallTime now) {
    auto query = database.prepare(std::string(kColumns) + "WHERE begun_at IS NULL AND ends_at > ? ORDER BY terminal_id");
    if (!query) return query.error();
    query->bind(1, milliseconds(now));
    return read_drills(database, *query, now);
}

Result<void> note_begun(Database& database, std::string_view nonce, WallTime at) {
    return note(database, "begun_at", nonce, at);
}

Result<void> note_ended(Database& database, std::string_view nonce, WallTime at) {
    return note(database, "ended_at", nonce, at);
}

Result<void> save_answer(Database& database, std::string_view nonce, const DrillAnswer& answer) {
    auto insert = database.prepare("INSERT INTO drill_answer (nonce, sensor, answer, reason, cued_at, stored_at) "
                                   "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (nonce, sensor) DO NOTHING");
    if (!insert) return insert.error();
    return insert->bind(1, nonce).bind(2, answer.sensor).bind(3, answer.answer).bind(4, answer.reason)
        .bind(5, milliseconds(answer.cued_at)).bind(6, milliseconds(answer.stored_at)).run();
}

// took_ms: from the cue to the commit, by two clocks; never below zero.
Record to_record(const DrillAnswer& answer) {
    Record record{{"sensor", answer.sensor}, {"answer", answer.answer}, {"reason", answer.reason},
                  {"stored_at", time_or_null(answer.stored_at)}};
    if (answer.cued_at && answer.stored_at)
        record.set("took_ms", std::max<std::int64_t>(0, (*answer.stored_at - *answer.cued_at).count()));
    return record;
}

Record to_record(const Drill& drill) {
    List answers;
    for (const DrillAnswer& answer : drill.answers)
        answers.emplace_back(to_record(answer));
    return {{"terminal_id", drill.terminal_id},
            {"nonce", drill.order.nonce},
            {"ordered_at", format_time(drill.order.begins_at)},
            {"ends_at", format_time(drill.order.ends_at)},
            {"ordered_by", drill.ordered_by},
            {"reason", drill.reason},
            {"media_id", drill.media_id},
            {"begun_at", time_or_null(drill.begun_at)},
            {"ended_at", time_or_null(drill.ended_at)},
            {"answers", std::move(answers)}};
}

}  // namespace sallyport::store
