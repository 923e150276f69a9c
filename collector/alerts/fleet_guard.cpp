// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/fleet_guard.hpp"

#include <algorithm>
#include <set>

#include "collector/alerts/acknowledgement_clock.hpp"
#include "collector/alerts/alert_draft.hpp"
#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/severity.hpp"
#include "protocol/json.hpp"

namespace sallyport::alerts {
namespace {

using Alerts = std::vector<store::Alert>;

std::string fleet_key(const store::Alert& alert) {
    return write_json(Value(List{alert.rule_id, "fleet", "ori=" + alert.ori}));
}

bool counts(const store::Alert& alert, const store::Alert& newest) {
    return alert.terminal_id && alert.lane != "observe" && alert.ori == newest.ori &&
           (!alert.part_of || alert.mark == "fleet");
}

std::size_t terminals_of(const Alerts& alerts) {
    std::set<std::string> terminals;
    for (const store::Alert& alert : alerts)
        terminals.insert(*alert.terminal_id);
    return terminals.size();
}

// The alerts of one window that holds the newest one, where such a window has enough terminals; else none.
// Sorted by condition.
Alerts crowd_around(const Alerts& nearby, const store::Alert& newest) {
    for (const store::Alert& first : nearby) {
        Alerts window;
        for (const store::Alert& alert : nearby) {
            if (alert.condition_at >= first.condition_at &&
                alert.condition_at <= first.condition_at + kFleetWindow)
                window.push_back(alert);
        }
        const bool holds_newest = std::any_of(window.begin(), window.end(), [&](const store::Alert& alert) {
            return alert.alert_id == newest.alert_id;
        });
        if (holds_newest && terminals_of(window) >= kFleetTerminals) return window;
    }
    return {};
}

void count_members(store::Alert& fleet, const Alerts& members) {
    for (const store::Alert& member : members) {
        fleet.severity = graver(fleet.severity, member.severity);
        fleet.first_event_at = std::min(fleet.first_event_at, member.first_event_at);
        fleet.last_event_at = std::max(fleet.last_event_at, member.last_event_at);
        if (!member.evidence.empty()) fleet.evidence.push_back(member.evidence.front());
    }
}

// What is housekeeping at each of many terminals is housekeeping at all of them: sessions left open over night (SES-06)
// come by the dozen when the hours end. Medium ones at so many at once are for the queue.
bool is_housekeeping(const store::Alert& fleet, const Alerts& members) {
    return severity_rank(fleet.severity) <= severity_rank("low") &&
           std::all_of(members.begin(), members.end(), [](const auto& member) { return member.lane == "digest"; });
}

void place(store::Alert& fleet, const Alerts& members, WallTime now) {
    fleet.lane = is_housekeeping(fleet, members) ? "digest" : "queue";
    fleet.ack_due_at = fleet.lane == "queue" ? ack_due_at(fleet.severity, now) : std::nullopt;
}

store::Alert draft_fleet(const Alerts& members, WallTime now) {
    store::Alert fleet = members.front();
    fleet.dedupe_key = fleet_key(members.front());
    // Made of its first member, whose own id rests on the first leaf.
    fleet.alert_id = alert_id(fleet.rule_id, fleet.dedupe_key, bytes_of(members.front().alert_id));
    fleet.terminal_id.reset();
    fleet.room_id.reset();
    fleet.site_id.reset();
    fleet.operator_ref.reset();
    fleet.incident_id.reset();
    fleet.part_of.reset();
    fleet.ack_by.reset();
    fleet.ack_at.reset();
    fleet.escalated_to.reset();
    fleet.escalated_at.reset();
    fleet.cleared_at.reset();
    fleet.kind = "event";
    fleet.state = "new";
    fleet.mark = "fleet";
    fleet.condition_at = members.back().condition_at;
    fleet.raised_at = now;
    fleet.occurrence_count = 0;
    fleet.evidence.clear();
    count_members(fleet, members);
    place(fleet, members, now);
    return fleet;
}

Result<void> attach_members(Database& database, Alerts& members, const store::Alert& fleet) {
    for (store::Alert& member : members) {
        if (member.part_of) continue;
        attach(member, fleet);
        member.mark = "fleet";
        if (auto done = store::update_alert(database, member); !done) return done;
    }
    return {};
}

void say_how_many(store::Alert& fleet, std::int64_t terminals) {
    fleet.occurrence_count = terminals;
    fleet.summary = fleet.title + ": on " + std::to_string(terminals) + " terminals at once.";
}

Result<void> raise_fleet(Database& database, Alerts& members, WallTime now) {
    store::Alert fleet = draft_fleet(members, now);
    say_how_many(fleet, static_cast<std::int64_t>(terminals_of(members)));
    if (auto done = store::insert_alert(database, fleet); !done) return done;
    return attach_members(database, members, fleet);
}

Result<void> join_fleet(Database& database, store::Alert fleet, store::Alert& alert, WallTime now) {
    Alerts members{alert};
    const bool was_digest = fleet.lane == "digest";
    count_members(fleet, members);
    if (was_digest) place(fleet, members, now);
    say_how_many(fleet, fleet.occurrence_count + 1);
    if (auto done = store::update_alert(database, fleet); !done) return done;
    if (!alert.evidence.empty()) {
        if (auto done = store::add_evidence(database, fleet.alert_id, {alert.evidence.front()}); !done)
            return done;
    }
    return attach_members(database, members, fleet);
}

}  // namespace

Result<void> guard_fleet(Database& database, store::Alert& alert, WallTime now) {
    if (!counts(alert, alert) || alert.part_of) return {};
    auto fleet = store::find_open_alert(database, fleet_key(alert));
    if (!fleet) return fleet.error();
    const bool goes_on = *fleet && alert.condition_at >= (*fleet)->first_event_at - kFleetWindow &&
                         alert.condition_at <= (*fleet)->last_event_at + kFleetWindow;
    Result<void> done;
    if (goes_on) {
        done = join_fleet(database, std::move(**fleet), alert, now);
    } else {
        auto nearby = store::alerts_of_rule(database, alert.rule_id, alert.condition_at - kFleetWindow,
                                            alert.condition_at + kFleetWindow);
        if (!nearby) return nearby.error();
        std::erase_if(*nearby,
                      [&](const store::Alert& other) { return !counts(other, alert) || other.part_of; });
        Alerts crowd = crowd_around(*nearby, alert);
        if (crowd.empty()) return {};
        done = raise_fleet(database, crowd, now);
    }
    if (!done) return done.error().within("fleet guard");
    auto stored = store::find_alert(database, alert.alert_id);
    if (!stored) return stored.error();
    alert = std::move(**stored);
    return {};
}

}  // namespace sallyport::alerts
