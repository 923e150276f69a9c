// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/alert_desk.hpp"

#include <algorithm>

#include "collector/registers/county_time.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/json.hpp"

namespace sallyport::alerts {
namespace {

// Dictionary section 17.
constexpr std::string_view kDispositions[] = {"true_positive",
                                              "true_positive_minor",
                                              "policy_exception",
                                              "authorised_maintenance",
                                              "training_issue",
                                              "technical_fault",
                                              "false_positive_sensor",
                                              "false_positive_rule",
                                              "duplicate",
                                              "test"};


Error conflict(const store::Alert& alert, std::string_view why) {
    return Error(Errc::conflict, "alert " + alert.alert_id + " " + std::string(why));
}

Result<store::Alert> load(Database& database, std::string_view alert_id) {
    auto alert = store::find_alert(database, alert_id);
    if (!alert) return alert.error();
    if (!*alert) return Error(Errc::not_found, "there is no alert '" + std::string(alert_id) + "'");
    return std::move(**alert);
}

// Writes the alert and the entry that says who did it, and gives back what now stands in the store.
Result<void> save(Database& database, store::Alert& alert, std::string_view action, const Record& detail,
                  const Actor& actor, WallTime now) {
    if (auto done = store::update_alert(database, alert); !done) return done;
    store::AuditEntry entry;
    entry.actor = actor.account;
    entry.actor_role = actor.role;
    entry.action = action;
    entry.object_type = "alert";
    entry.object_id = alert.alert_id;
    entry.detail = write_json(detail);
    entry.source_ip = actor.source_ip;
    if (auto done = store::append_audit(database, entry, now); !done) return done;
    auto stored = load(database, alert.alert_id);
    if (!stored) return stored.error();
    alert = std::move(*stored);
    return {};
}

Result<void> acknowledge_in(Database& database, store::Alert& alert, const Actor& actor, WallTime now) {
    if (alert.state == "acknowledged" && alert.ack_by == actor.account) return {};
    if (alert.state == "acknowledged" || alert.state == "in_work")
        return conflict(alert, "is already " + alert.state + ", by " + alert.ack_by.value_or("somebody"));
    if (alert.state != "new")
        return conflict(alert, "is " + alert.state + " and can no longer be acknowledged");
    alert.state = "acknowledged";
    alert.ack_by = actor.account;
    alert.ack_at = now;
    return save(database, alert, "alert.acknowledge", {{"from", "new"}, {"to", "acknowledged"}}, actor, now);
}

struct Resolution {
    std::string_view disposition, note;
};

Result<void> resolve_in(Database& database, store::Alert& alert, const Resolution& resolution,
                        const Actor& actor, WallTime now) {
    if (alert.state == "resolved" || alert.state == "converted" || alert.state == "suppressed")
        return conflict(alert, "is " + alert.state + " and can no longer be resolved");
    if (alert.kind == "event" && resolution.disposition.empty())
        return Error(Errc::bad_input, "alert " + alert.alert_id + ": an event alert needs a disposition");
    const std::string before = alert.state;
    alert.state = "resolved";
    if (!alert.ack_by) {
        alert.ack_by = actor.account;
        alert.ack_at = now;
    }
    if (!resolution.disposition.empty()) alert.disposition = resolution.disposition;
    if (!resolution.note.empty()) alert.disposition_note = resolution.note;
    // The day is the county's, on which its condition held: rules count the days of which findings were confirmed.
    const std::string day = registers::format_date(registers::county_day(alert.condition_at));
    return save(database, alert, "alert.resolve",
                {{"from", before}, {"to", "resolved"}, {"disposition", resolution.disposition}, {"day", day}},
                actor, now);
}

}  // namespace

bool is_disposition(std::string_view word) {
    return std::find(std::begin(kDispositions), std::end(kDispositions), word) != std::end(kDispositions);
}

Result<store::Alert> AlertDesk::acknowledge(std::string_view alert_id, const Actor& actor) {
    store::Alert alert;
    auto done = writer_.run([&](Database& database) -> Result<void> {
        auto found = load(database, alert_id);
        if (!found) return found.error();
        alert = std::move(*found);
        return acknowledge_in(database, alert, actor, clock_.now());
    });
    if (!done) return done.error().within("acknowledge");
    return alert;
}

Result<store::Alert> AlertDesk::resolve(std::string_view alert_id, std::string_view disposition,
                                        std::string_view note, const Actor& actor) {
    if (!disposition.empty() && !is_disposition(disposition))
        return Error(Errc::bad_input, "resolve: there is no disposition '" + std::string(disposition) + "'");
    store::Alert alert;
    auto done = writer_.run([&](Database& database) -> Result<void> {
        auto found = load(database, alert_id);
        if (!found) return found.error();
        alert = std::move(*found);
        return resolve_in(database, alert, {disposition, note}, actor, clock_.now());
    });
    if (!done) return done.error().within("resolve");
    return alert;
}

}  // namespace sallyport::alerts
