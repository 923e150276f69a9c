// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/alert_draft.hpp"

#include <algorithm>

#include "collector/alerts/acknowledgement_clock.hpp"
#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/severity.hpp"
#include "collector/alerts/summary.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/window_relief.hpp"

namespace sallyport::alerts {
namespace {

constexpr std::chrono::hours kLate{1};

std::optional<std::string> text_or_nothing(const Record& fields, const std::string& name) {
    std::string text = rules::field_text(fields, name);
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

// What the windows leave of the rule's level.
std::string severity_of(const Sighting& sighting) {
    std::string severity = severity_of_level(sighting.rule->level);
    const auto expected = rules::severity_in_window(*sighting.rule, sighting.fields);
    return expected ? milder(severity, *expected) : severity;
}

std::string lane_of(const Sighting& sighting, const std::string& severity, int earlier_today) {
    if (!sighting.live) return "observe";
    const rules::Routing& routing = sighting.rule->routing;
    const auto lane = routing.lane_by_severity.find(severity);
    const bool often =
        routing.queue_from_nth_in_day > 0 && earlier_today + 1 >= routing.queue_from_nth_in_day;
    if (often || lane == routing.lane_by_severity.end()) return "queue";
    return lane->second;
}

int lane_rank(std::string_view lane) {
    return lane == "queue" ? 2 : lane == "digest" ? 1 : 0;
}

std::string sentence_of(const Sighting& sighting) {
    Record fields = sighting.fields;
    for (const auto& [name, value] : sighting.finding.group)
        fields.set(name, value);
    const rules::Rule& rule = *sighting.rule;
    std::string sentence = fill_summary(rule.summary.empty() ? rule.title : rule.summary, fields);
    // Decision 2: evaluated once, however late, and said so.
    const auto hours =
        std::chrono::duration_cast<std::chrono::hours>(std::chrono::milliseconds(sighting.received_lag_ms));
    if (hours >= kLate) sentence += " Received " + std::to_string(hours.count()) + " h later.";
    return sentence;
}

// What the graver of several documents of one rule says.
void take_wording(store::Alert& alert, const Sighting& sighting) {
    alert.rule_version = sighting.rule->version;
    alert.control_refs = sighting.rule->references;
    alert.title = sighting.rule->title;
    alert.summary = sentence_of(sighting);
    alert.parameters = sighting.parameters;
}

void start_clock(store::Alert& alert, WallTime now) {
    const bool runs = alert.lane == "queue" && !alert.part_of && alert.state == "new";
    alert.ack_due_at = runs ? ack_due_at(alert.severity, now) : std::nullopt;
}

bool add_events(store::Alert& alert, const Sighting& sighting) {
    const rules::Finding& finding = sighting.finding;
    alert.occurrence_count += 1;
    alert.first_event_at = std::min(alert.first_event_at, finding.started_at);
    alert.last_event_at = std::max(alert.last_event_at, finding.at);
    alert.received_lag_ms = std::max(alert.received_lag_ms, sighting.received_lag_ms);
    alert.evidence.insert(alert.evidence.end(), finding.evidence.begin(), finding.evidence.end());
    return true;
}

}  // namespace

store::Alert draft_alert(const Sighting& sighting, WallTime now, int earlier_today) {
    const rules::Rule& rule = *sighting.rule;
    const rules::Finding& finding = sighting.finding;
    store::Alert alert;
    alert.rule_id = rule_id_of(rule);
    alert.dedupe_key = dedupe_key(rule, finding, sighting.fields);
    alert.alert_id = alert_id(alert.rule_id, alert.dedupe_key, sighting.first_leaf);
    alert.ori = sighting.ori;
    alert.severity = severity_of(sighting);
    alert.terminal_id = text_or_nothing(sighting.fields, "terminal_id");
    for (const auto& [field, value] : finding.group) {
        if (field == "terminal_id" && !value.empty()) alert.terminal_id = value;
    }
    alert.room_id = text_or_nothing(sighting.fields, "terminal.room");
    alert.site_id = text_or_nothing(sighting.fields, "site.id");
    alert.operator_ref = text_or_nothing(sighting.fields, "operator.ref");
    alert.lane = lane_of(sighting, alert.severity, earlier_today);
    alert.kind = rule.state_alert ? "state" : "event";
    alert.state = "new";
    alert.mark = rules::severity_in_window(rule, sighting.fields) ? "expected" : "none";
    alert.routed_to = rule.routing.to.empty() ? std::vector<std::string>{"SPOC"} : rule.routing.to;
    alert.first_event_at = finding.started_at;
    alert.last_event_at = finding.at;
    alert.condition_at = finding.at;
    alert.raised_at = now;
    alert.known_at = sighting.known_at;
    alert.received_lag_ms = sighting.received_lag_ms;
    alert.evidence = finding.evidence;
    take_wording(alert, sighting);
    start_clock(alert, now);
    return alert;
}

bool is_repeat(const store::Alert& alert, WallTime at) {
    if (alert.kind == "state") return !alert.cleared_at;
    return at >= alert.first_event_at - kRepeatWindow && at <= alert.last_event_at + kRepeatWindow;
}

bool merge(store::Alert& alert, const Sighting& sighting, bool counted, WallTime now) {
    bool changed = !counted && add_events(alert, sighting);
    const std::string severity = severity_of(sighting);
    const bool graver_now = severity_rank(severity) > severity_rank(alert.severity);
    if (graver_now) {
        alert.severity = severity;
        take_wording(alert, sighting);
    }
    // A repeat lifts it out of `observe` once the site is live; the n-th of a day is counted in alerts, not
    // repeats.
    std::string lane = lane_of(sighting, alert.severity, 0);
    const bool lifted = (!counted || graver_now) && lane_rank(lane) > lane_rank(alert.lane);
    if (lifted) alert.lane = std::move(lane);
    if (graver_now || lifted) start_clock(alert, now);
    return changed || graver_now || lifted;
}

bool clear(store::Alert& alert, WallTime at) {
    if (alert.cleared_at) return false;
    alert.cleared_at = at;
    if (alert.state == "new" || alert.state == "acknowledged" || alert.state == "in_work")
        alert.state = "auto_cleared";
    return true;
}

void attach(store::Alert& part, const store::Alert& whole) {
    part.part_of = whole.alert_id;
    part.ack_due_at.reset();
}

bool is_open(const store::Alert& alert) {
    return alert.state == "new" || alert.state == "acknowledged" || alert.state == "in_work" ||
           alert.state == "auto_cleared";
}

}  // namespace sallyport::alerts
