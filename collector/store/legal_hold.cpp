// SPDX-License-Identifier: Apache-2.0
#include "collector/store/legal_hold.hpp"

#include <algorithm>

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr std::chrono::hours kAroundAnIncident{24};

constexpr const char* kColumns =
    "SELECT hold_id, kind, subject, from_time, to_time, reason, placed_by, placed_at, lifted_by, lifted_at, lift_reason "
    "FROM legal_hold ";

LegalHold read_row(const Statement& row) {
    LegalHold hold;
    hold.hold_id = row.integer(0);
    hold.kind = row.text(1);
    hold.subject = row.text(2);
    hold.from = optional_time(row, 3);
    hold.to = optional_time(row, 4);
    hold.reason = row.text(5);
    hold.placed_by = row.text(6);
    hold.placed_at = wall_time(row.integer(7));
    hold.lifted_by = row.optional_text(8);
    hold.lifted_at = optional_time(row, 9);
    hold.lift_reason = row.optional_text(10);
    return hold;
}

// The id under which the subject is stored.
Result<std::string> find_subject(Database& database, const LegalHold& hold) {
    const char* sql = hold.kind == "incident" ? "SELECT incident_id FROM incident WHERE incident_id = ?1 OR number = ?1"
                      : hold.kind == "terminal"
                          ? "SELECT terminal_id FROM stream WHERE terminal_id = ?1 UNION SELECT id FROM register_entry "
                            "WHERE register = 'terminals' AND id = ?1"
                          : "SELECT id FROM register_entry WHERE register = 'operators' AND id = ?1 LIMIT 1";
    auto query = database.prepare(sql);
    if (!query)
        return query.error();
    auto row = query->bind(1, hold.subject).step();
    if (!row)
        return row.error();
    return *row ? Result<std::string>(query->text(0))
                : Result<std::string>(Error(Errc::not_found, "there is no " + hold.kind + " '" + hold.subject + "' to hold"));
}

}  // namespace

Result<LegalHold> place_hold(Database& database, LegalHold hold) {
    if (hold.kind == "span" && (!hold.from || !hold.to))
        return Error(Errc::bad_input, "legal hold: a span needs a beginning and an end");
    if (hold.from && hold.to && *hold.to < *hold.from)
        return Error(Errc::bad_input, "legal hold: it ends before it begins");
    if (hold.kind != "span") {
        auto subject = find_subject(database, hold);
        if (!subject)
            return subject.error().within("legal hold");
        hold.subject = *subject;
    }
    auto insert = database.prepare(
        "INSERT INTO legal_hold (kind, subject, from_time, to_time, reason, placed_by, placed_at) VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (!insert)
        return insert.error().within("legal hold");
    auto done = insert->bind(1, hold.kind).bind(2, hold.subject).bind(3, milliseconds(hold.from)).bind(4, milliseconds(hold.to))
                    .bind(5, hold.reason).bind(6, hold.placed_by).bind(7, milliseconds(hold.placed_at)).run();
    if (!done)
        return done.error().within("legal hold");
    hold.hold_id = database.last_insert_rowid();
    return hold;
}

Result<LegalHold> lift_hold(Database& database, std::int64_t hold_id, std::string_view lifted_by, std::string_view reason,
                            WallTime now) {
    auto query = database.prepare(std::string(kColumns) + "WHERE hold_id = ?");
    if (!query)
        return query.error().within("legal hold");
    auto row = query->bind(1, hold_id).step();
    if (!row)
        return row.error().within("legal hold");
    if (!*row)
        return Error(Errc::not_found, "there is no legal hold " + std::to_string(hold_id));
    LegalHold hold = read_row(*query);
    if (hold.lifted_at)
        return Error(Errc::conflict, "legal hold " + std::to_string(hold_id) + " is lifted already");
    auto update = database.prepare("UPDATE legal_hold SET lifted_by = ?, lifted_at = ?, lift_reason = ? WHERE hold_id = ?");
    if (!update)
        return update.error().within("legal hold");
    if (auto done = update->bind(1, lifted_by).bind(2, milliseconds(now)).bind(3, reason).bind(4, hold_id).run(); !done)
        return done.error().within("legal hold");
    hold.lifted_by = lifted_by;
    hold.lifted_at = now;
    hold.lift_reason = reason;
    return hold;
}

Result<std::vector<LegalHold>> list_holds(Database& database, bool with_lifted) {
    auto query = database.prepare(std::string(kColumns) +
                                  (with_lifted ? "ORDER BY hold_id DESC" : "WHERE lifted_at IS NULL ORDER BY hold_id DESC"));
    if (!query)
        return query.error().within("legal hold");
    return read_rows(*query, "legal hold", read_row);
}

// --- what they keep -----------------------------------------------------------------------------------------------------

Result<HeldData> HeldData::load(Database& database) {
    auto holds = list_holds(database, false);
    if (!holds)
        return holds.error();
    HeldData held;
    held.any_ = !holds->empty();
    for (const LegalHold& hold : *holds) {
        const Span span{hold.from.value_or(WallTime::min()), hold.to.value_or(WallTime::max())};
        Result<void> added;
        if (hold.kind == "span")
            held.everything_.push_back(span);
        else if (hold.kind == "terminal")
            held.terminals_.emplace(hold.subject, span);
        else if (hold.kind == "incident")
            added = held.add_incident(database, hold.subject);
        else {
            held.operators_.emplace(hold.subject, span);
            added = held.add_accounts(database, hold.subject, span);
        }
        if (!added)
            return added.error().within("legal hold " + std::to_string(hold.hold_id));
    }
    return held;
}

Result<void> HeldData::add_incident(Database& database, const std::string& incident_id) {
    incidents_.insert(incident_id);
    auto query = database.prepare("SELECT alert_id, terminal_id, first_event_at, last_event_at FROM alert WHERE incident_id = ?1 "
                                  "OR alert_id IN (SELECT alert_id FROM incident_alert WHERE incident_id = ?1)");
    if (!query)
        return query.error();
    query->bind(1, incident_id);
    for (;;) {
        auto row = query->step();
        if (!row)
            return row.error();
        if (!*row)
            return {};
        alerts_.insert(query->text(0));
        if (!query->is_null(1))
            terminals_.emplace(query->text(1), Span{wall_time(query->integer(2)) - kAroundAnIncident,
                                                    wall_time(query->integer(3)) + kAroundAnIncident});
    }
}

// Of every version: an account that was taken away since is still theirs.
Result<void> HeldData::add_accounts(Database& database, const std::string& operator_ref, Span span) {
    auto query = database.prepare(
        "SELECT DISTINCT account.value FROM register_entry, json_each(register_entry.data, '$.os_accounts') AS account "
        "WHERE register = 'operators' AND register_entry.id = ?");
    if (!query)
        return query.error();
    query->bind(1, operator_ref);
    auto accounts = read_rows(*query, "accounts", [](const Statement& row) { return row.text(0); });
    if (!accounts)
        return accounts.error();
    for (const std::string& account : *accounts)
        accounts_.emplace(account, span);
    return {};
}

bool HeldData::meets(const Spans& spans, std::string_view subject, WallTime first, WallTime last) {
    const auto [begin, end] = spans.equal_range(subject);
    return std::any_of(begin, end, [&](const auto& entry) { return entry.second.meets(first, last); });
}

bool HeldData::keeps_line(const std::string& terminal_id, WallTime event_time, const std::optional<std::string>& account) const {
    return std::any_of(everything_.begin(), everything_.end(),
                       [&](const Span& span) { return span.meets(event_time, event_time); }) ||
           meets(terminals_, terminal_id, event_time, event_time) ||
           (account && meets(accounts_, *account, event_time, event_time));
}

bool HeldData::keeps_alert(const std::string& alert_id, const std::optional<std::string>& terminal_id,
                           const std::optional<std::string>& operator_ref, WallTime first_event, WallTime last_event) const {
    return alerts_.contains(alert_id) ||
           std::any_of(everything_.begin(), everything_.end(),
                       [&](const Span& span) { return span.meets(first_event, last_event); }) ||
           (terminal_id && meets(terminals_, *terminal_id, first_event, last_event)) ||
           (operator_ref && meets(operators_, *operator_ref, first_event, last_event));
}

}  // namespace sallyport::store
