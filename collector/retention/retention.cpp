// SPDX-License-Identifier: Apache-2.0
#include "collector/retention/retention.hpp"

#include <algorithm>

#include "collector/store/audit_anchor.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/due_data.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::retention {
namespace {

using store::DataClass;
using store::Deletion;

Result<void> log(Database& database, std::string action, const Deletion& deletion, const Actor& by, Record detail, WallTime now) {
    store::AuditEntry entry;
    entry.actor = by.account;
    entry.actor_role = by.role;
    entry.action = std::move(action);
    entry.object_type = "deletion";
    entry.object_id = std::to_string(deletion.deletion_id);
    entry.detail = write_json(detail.set("class", std::string(store::to_string(deletion.data_class))));
    return store::append_audit(database, entry, now);
}

Result<Deletion> load(Database& database, std::int64_t deletion_id, std::string_view state) {
    auto deletion = store::find_deletion(database, deletion_id);
    if (!deletion)
        return deletion.error();
    if (!*deletion)
        return Error(Errc::not_found, "there is no deletion " + std::to_string(deletion_id));
    if ((*deletion)->state != state)
        return Error(Errc::conflict, "deletion " + std::to_string(deletion_id) + " is " + (*deletion)->state + ", not " +
                                         std::string(state));
    return std::move(**deletion);
}

Result<WallTime> kept_from(Database& reader, DataClass data_class, WallTime now) {
    auto all = periods(reader);
    if (!all)
        return all.error();
    return now - all->at(data_class);
}

List approvers(const Deletion& deletion) {
    List names;
    for (const store::Approval& approval : deletion.approvals)
        names.push_back(approval.account);
    return names;
}

Result<void> finish(Database& database, Deletion& deletion, WallTime now) {
    deletion.state = "done";
    deletion.finished_at = now;
    if (deletion.data_class == DataClass::events)
        if (auto done = store::delete_presence_hours(database, deletion.kept_from); !done)
            return done;
    return log(database, "deletion.run", deletion, kSystem,
               Record{{"kept_from", format_time(deletion.kept_from)},
                      {"deleted", deletion.deleted},
                      {"held", deletion.held},
                      {"tied", deletion.tied},
                      {"reason", deletion.reason},
                      {"proposed_by", deletion.proposed_by},
                      {"approved_by", approvers(deletion)}},
               now);
}

// Names the entry on which the rest of the audit log now stands (store::delete_oldest_audit_entry).
Result<void> log_anchor(Database& database, const Deletion& deletion, WallTime now) {
    auto anchor = store::audit_anchor(database);
    if (!anchor)
        return anchor.error();
    store::AuditEntry entry;
    entry.actor = kSystem.account;
    entry.actor_role = kSystem.role;
    entry.action = "audit.delete";
    entry.object_type = "audit";
    entry.object_id = std::to_string(anchor->log_id);
    entry.detail = write_json(Record{{"deletion", deletion.deletion_id}, {"hash", to_hex(anchor->hash)}});
    return store::append_audit(database, entry, now);
}

// Items until the time of a slice is up; at least one.
Result<void> delete_items(Database& database, const store::DueItems& due, Deletion& deletion, const Clock& clock) {
    auto held = store::HeldData::load(database);
    if (!held)
        return held.error();
    const std::int64_t before = deletion.deleted;
    const auto begun = clock.monotonic();
    bool stopped = false, out_of_time = false;
    for (const auto& [key, cursor] : due.items) {
        out_of_time = &key != &due.items.front().key && clock.monotonic() - begun >= kSliceTime;
        if (out_of_time)
            break;
        auto fate = store::delete_due(database, deletion.data_class, deletion.kept_from, key, *held);
        if (!fate)
            return fate.error();
        deletion.deleted += *fate == store::Fate::deleted ? 1 : 0;
        deletion.held += *fate == store::Fate::held ? 1 : 0;
        deletion.tied += *fate == store::Fate::tied ? 1 : 0;
        deletion.cursor = cursor;
        stopped = store::goes_in_order(deletion.data_class) && (*fate == store::Fate::held || *fate == store::Fate::tied);
        if (stopped)
            break;
    }
    if (!out_of_time)
        deletion.cursor = due.cursor;
    const WallTime now = clock.now();
    if (deletion.data_class == DataClass::audit && deletion.deleted > before)
        if (auto done = log_anchor(database, deletion, now); !done)
            return done;
    return stopped || (due.is_end && !out_of_time) ? finish(database, deletion, now) : Result<void>();
}

}  // namespace

Result<Deletion> propose(Database& database, DataClass data_class, const Actor& by, std::string_view reason, WallTime now) {
    auto open = store::open_deletion(database, data_class);
    if (!open)
        return open.error();
    if (*open)
        return Error(Errc::conflict, "deletion " + std::to_string((*open)->deletion_id) + " of " +
                                         std::string(store::to_string(data_class)) + " is open already: it is " + (*open)->state);
    auto from = kept_from(database, data_class, now);
    if (!from)
        return from.error();
    Deletion deletion;
    deletion.data_class = data_class;
    deletion.kept_from = *from;
    deletion.reason = reason;
    deletion.proposed_by = by.account;
    deletion.proposed_at = now;
    deletion.state = class_of(data_class).approvals == 0 ? "approved" : "proposed";
    auto id = store::add_deletion(database, deletion);
    if (!id)
        return id.error();
    deletion.deletion_id = *id;
    auto logged = log(database, "deletion.propose", deletion, by,
                      Record{{"kept_from", format_time(*from)}, {"reason", reason}, {"state", deletion.state}}, now);
    return logged ? Result<Deletion>(std::move(deletion)) : Result<Deletion>(logged.error());
}

Result<Deletion> approve(Database& database, std::int64_t deletion_id, const Actor& by, WallTime now) {
    auto deletion = load(database, deletion_id, "proposed");
    if (!deletion)
        return deletion;
    if (!may_approve(by.role))
        return Error(Errc::refused, by.account + " is " + by.role + ": the ACC, the SPOC or PSD's director approves a deletion");
    if (by.account == deletion->proposed_by)
        return Error(Errc::refused, by.account + " proposed deletion " + std::to_string(deletion_id) + ": another person approves it");
    for (const store::Approval& approval : deletion->approvals)
        if (approval.account == by.account)
            return Error(Errc::refused, by.account + " has approved deletion " + std::to_string(deletion_id) + " already");
    const store::Approval approval{by.account, by.role, now};
    if (auto done = store::add_approval(database, deletion_id, approval); !done)
        return done.error();
    deletion->approvals.push_back(approval);
    if (static_cast<int>(deletion->approvals.size()) >= class_of(deletion->data_class).approvals)
        deletion->state = "approved";
    if (auto done = store::update_deletion(database, *deletion); !done)
        return done.error();
    auto logged = log(database, "deletion.approve", *deletion, by, Record{{"state", deletion->state}}, now);
    return logged ? std::move(deletion) : Result<Deletion>(logged.error());
}

Result<Deletion> withdraw(Database& database, std::int64_t deletion_id, const Actor& by, std::string_view reason, WallTime now) {
    auto found = store::find_deletion(database, deletion_id);
    if (!found)
        return found.error();
    const bool runs = *found && (*found)->state == "approved";
    auto deletion = load(database, deletion_id, runs ? "approved" : "proposed");
    if (!deletion)
        return deletion;
    deletion->state = "withdrawn";
    deletion->finished_at = now;
    if (auto done = store::update_deletion(database, *deletion); !done)
        return done.error();
    auto logged = log(database, "deletion.withdraw", *deletion, by,
                      Record{{"reason", reason}, {"deleted", deletion->deleted}}, now);
    return logged ? std::move(deletion) : Result<Deletion>(logged.error());
}

Result<void> set_period(Database& database, DataClass data_class, std::chrono::days period, const Actor& by,
                        std::string_view reason, WallTime now) {
    if (auto checked = check_period(class_of(data_class), period); !checked)
        return checked;
    auto before = periods(database);
    if (!before)
        return before.error();
    if (auto done = store::save_retention_period(database, data_class, period.count(), by.account, now, reason); !done)
        return done;
    store::AuditEntry entry;
    entry.actor = by.account;
    entry.actor_role = by.role;
    entry.action = "retention.set";
    entry.object_type = "retention";
    entry.object_id = store::to_string(data_class);
    entry.detail = write_json(Record{{"from_days", before->at(data_class).count()}, {"to_days", period.count()}, {"reason", reason}});
    return store::append_audit(database, entry, now);
}

Result<bool> anything_due(Database& reader, DataClass data_class, WallTime now) {
    auto from = kept_from(reader, data_class, now);
    if (!from)
        return from.error();
    auto count = count_due(reader, data_class, *from, 1);
    return count ? Result<bool>(*count > 0) : Result<bool>(count.error());
}

Result<std::int64_t> count_due(Database& reader, DataClass data_class, WallTime from, std::int64_t most) {
    std::int64_t count = 0;
    store::DueItems due;
    while (!due.is_end && count < most) {
        auto next = store::find_due(reader, data_class, from, due.cursor, kSliceMax);
        if (!next)
            return next.error();
        due = std::move(*next);
        count += static_cast<std::int64_t>(due.items.size());
    }
    return std::min(count, most);
}

Result<bool> Deleter::run_slice(std::int64_t deletion_id) {
    auto known = load(reader_, deletion_id, "approved");
    if (!known)
        return known.error();
    auto due = store::find_due(reader_, known->data_class, known->kept_from, known->cursor, kSliceMax);
    if (!due)
        return due.error();
    bool more = false;
    auto written = write_([&](Database& database) -> Result<void> {
        auto deletion = load(database, deletion_id, "approved");
        if (!deletion)
            return deletion.error();
        if (deletion->cursor != known->cursor)  // somebody else ran a slice of it meanwhile
            return Error(Errc::conflict, "deletion " + std::to_string(deletion_id) + " is run by another program");
        if (auto done = delete_items(database, *due, *deletion, clock_); !done)
            return done;
        more = deletion->state == "approved";
        return store::update_deletion(database, *deletion);
    });
    return written ? Result<bool>(more) : Result<bool>(written.error());
}

}  // namespace sallyport::retention
