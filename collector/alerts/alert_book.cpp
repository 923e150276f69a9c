// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/alert_book.hpp"

#include <algorithm>
#include <set>

#include "collector/alerts/alert_draft.hpp"
#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/fleet_guard.hpp"
#include "collector/alerts/incident_proposal.hpp"
#include "collector/registers/county_time.hpp"

namespace sallyport::alerts {
namespace {

constexpr std::size_t kEvidenceMax = 500;

// Alerts of this rule and terminal whose condition held earlier on the same county day.
Result<int> earlier_today(Database& database, const Sighting& sighting) {
    if (sighting.rule->routing.queue_from_nth_in_day == 0) return 0;
    const auto terminal = text_of(sighting.fields, "terminal_id");
    const WallTime at = sighting.finding.at;
    auto alerts =
        store::alerts_of_rule(database, rule_id_of(*sighting.rule), at - std::chrono::hours(25), at);
    if (!alerts) return alerts.error();
    return static_cast<int>(std::count_if(alerts->begin(), alerts->end(), [&](const store::Alert& alert) {
        return alert.terminal_id == terminal && alert.lane != "observe" &&
               registers::county_day(alert.condition_at) == registers::county_day(at);
    }));
}

// Whether this finding was counted in before: by its last event, as each event makes at most one finding of a
// key. Beyond the evidence that is kept, only what is judged again after a restart can be such.
Result<bool> was_counted(Database& database, const Sighting& sighting, const store::Alert& alert) {
    if (sighting.finding.evidence.empty()) return false;
    auto known = store::is_evidence_of_key(database, alert.dedupe_key, sighting.finding.evidence.back());
    if (!known || *known) return known;
    return sighting.replayed && alert.evidence.size() >= kEvidenceMax &&
           sighting.finding.at <= alert.last_event_at;
}

// The alert whose cause a `cleared` finding ends: by its id, or the one its raising joined.
Result<std::optional<store::Alert>> find_cleared(Database& database, const Sighting& sighting) {
    const std::string key = dedupe_key(*sighting.rule, sighting.finding, sighting.fields);
    auto alert = store::find_alert(database, alert_id(rule_id_of(*sighting.rule), key, sighting.first_leaf));
    if (!alert || *alert) return alert;
    auto open = store::find_open_alert(database, key);
    if (!open || !*open) return open;
    const auto& evidence = (*open)->evidence;
    const bool joined =
        !sighting.finding.evidence.empty() &&
        std::find(evidence.begin(), evidence.end(), sighting.finding.evidence.front()) != evidence.end();
    return joined ? open : Result<std::optional<store::Alert>>(std::nullopt);
}

Result<void> update_with(Database& database, const store::Alert& alert,
                         const std::vector<std::int64_t>& evidence) {
    auto done = store::update_alert(database, alert);
    return done ? store::add_evidence(database, alert.alert_id, evidence) : done;
}

Result<bool> clear_cause(Database& database, const Sighting& sighting) {
    auto alert = find_cleared(database, sighting);
    if (!alert) return alert.error();
    if (!*alert || !clear(**alert, sighting.finding.at)) return false;
    if (auto done = update_with(database, **alert, sighting.finding.evidence); !done) return done.error();
    return true;
}

}  // namespace

Result<bool> AlertBook::apply(Database& database, const Sighting& sighting, WallTime now) const {
    const bool raised = sighting.finding.phase == rules::FindingPhase::raised;
    auto changed = raised ? raise(database, sighting, now) : clear_cause(database, sighting);
    if (!changed) return changed.error().within("alerts: " + sighting.rule->key);
    return changed;
}

Result<bool> AlertBook::raise(Database& database, const Sighting& sighting, WallTime now) const {
    auto earlier = earlier_today(database, sighting);
    if (!earlier) return earlier.error();
    store::Alert drafted = draft_alert(sighting, now, *earlier);
    auto same = store::find_alert(database, drafted.alert_id);
    if (!same) return same.error();
    if (*same) return repeat(database, sighting, std::move(**same), now);
    auto open_ones = store::open_alerts_of_key(database, drafted.dedupe_key);
    if (!open_ones) return open_ones.error();
    for (store::Alert& alert : *open_ones) {
        if (is_repeat(alert, sighting.finding.at)) return repeat(database, sighting, std::move(alert), now);
    }
    // Joined an alert that has ended since: nothing new.
    auto counted = was_counted(database, sighting, drafted);
    if (!counted) return counted.error();
    if (*counted) return false;
    if (auto done = store::insert_alert(database, drafted); !done) return done.error();
    if (auto done = settle(database, drafted, now); !done) return done.error();
    return true;
}

Result<bool> AlertBook::repeat(Database& database, const Sighting& sighting, store::Alert alert,
                               WallTime now) const {
    auto counted = was_counted(database, sighting, alert);
    if (!counted) return counted.error();
    const std::string severity = alert.severity;
    if (!merge(alert, sighting, *counted, now)) return false;
    if (auto done = update_with(database, alert, sighting.finding.evidence); !done) return done.error();
    if (auto done = relate(database, alert); !done) return done.error();
    if (severity != alert.severity) {
        if (auto done = propose_incident(database, alert, now); !done) return done.error();
    }
    return true;
}

// Where a new alert stands among the others: part of one, whole of some, one of many, in an incident.
Result<void> AlertBook::settle(Database& database, store::Alert& alert, WallTime now) const {
    if (auto done = relate(database, alert); !done) return done;
    if (auto done = guard_fleet(database, alert, now); !done) return done;
    return propose_incident(database, alert, now);
}

Result<void> AlertBook::relate(Database& database, store::Alert& alert) const {
    const bool may_have_parts = implication_.implies_anything(alert.rule_id);
    const bool may_be_part = implication_.is_implied_by_anything(alert.rule_id);
    if (!may_have_parts && !may_be_part) return {};
    auto others = store::alerts_with_evidence(database, alert.evidence);
    if (!others) return others.error();
    if (alert.terminal_id) {
        // A lasting whole may have begun long ago: everything up to this alert's end is asked for.
        auto nearby =
            store::alerts_around(database, *alert.terminal_id, alert.first_event_at - std::chrono::days(30),
                                 alert.last_event_at + kRepeatWindow);
        if (!nearby) return nearby.error();
        others->insert(others->end(), nearby->begin(), nearby->end());
    }
    // One incident of the site: who falls silent with it a little later is a part, too (catalogue, AGT-11).
    for (const std::string& whole : implication_.of_a_site(alert.rule_id)) {
        auto of_site = store::alerts_of_rule(database, whole, alert.first_event_at - std::chrono::days(1),
                                             alert.last_event_at);
        if (!of_site) return of_site.error();
        others->insert(others->end(), of_site->begin(), of_site->end());
    }
    std::set<std::string> asked;
    for (store::Alert& other : *others) {
        if (!asked.insert(other.alert_id).second) continue;
        store::Alert* part = implication_.is_part(alert, other)   ? &alert
                             : implication_.is_part(other, alert) ? &other
                                                                  : nullptr;
        if (part == nullptr) continue;
        attach(*part, part == &alert ? other : alert);
        if (auto done = store::update_alert(database, *part); !done) return done;
    }
    return {};
}

}  // namespace sallyport::alerts
