// SPDX-License-Identifier: Apache-2.0
#include "collector/incidents/conversion.hpp"

#include <algorithm>
#include <set>

#include "collector/alerts/severity.hpp"
#include "collector/registers/county_time.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"

namespace sallyport::incidents {
namespace {

// Dictionary section 11.
constexpr std::string_view kKinds[] = {"security",      "privacy",       "media",
                                       "authorisation", "system_health", "suspected_misuse"};

using Alerts = std::vector<store::Alert>;

Result<Alerts> load_alerts(Database& database, const std::vector<std::string>& alert_ids) {
    Alerts alerts;
    for (const std::string& alert_id : std::set<std::string>(alert_ids.begin(), alert_ids.end())) {
        auto alert = store::find_alert(database, alert_id);
        if (!alert) return alert.error();
        if (!*alert) return Error(Errc::not_found, "there is no alert '" + alert_id + "'");
        alerts.push_back(std::move(**alert));
    }
    return alerts;
}

Result<void> check_convertible(const Alerts& alerts) {
    for (const store::Alert& alert : alerts) {
        if (alert.state == "converted" || alert.state == "resolved" || alert.state == "suppressed")
            return Error(Errc::conflict, "alert " + alert.alert_id + " is " + alert.state);
    }
    return {};
}

std::string gravest(const Alerts& alerts) {
    std::string severity = "info";
    for (const store::Alert& alert : alerts)
        severity = alerts::graver(severity, alert.severity);
    return severity;
}

std::vector<std::string> ids_of(const Alerts& alerts) {
    std::vector<std::string> ids;
    for (const store::Alert& alert : alerts)
        ids.push_back(alert.alert_id);
    return ids;
}

Result<std::string> number_for(Database& database, WallTime now) {
    return store::next_incident_number(database, static_cast<int>(registers::county_day(now).year()));
}

// Proposals that the alerts belong to, the earliest first.
Result<std::vector<store::Incident>> proposals_of(Database& database, const Alerts& alerts) {
    std::set<std::string> ids;
    for (const store::Alert& alert : alerts) {
        if (alert.incident_id) ids.insert(*alert.incident_id);
    }
    std::vector<store::Incident> proposals;
    for (const std::string& id : ids) {
        auto incident = store::find_incident(database, id);
        if (!incident) return incident.error();
        if (*incident && (*incident)->status == "proposed") proposals.push_back(std::move(**incident));
    }
    std::sort(proposals.begin(), proposals.end(),
              [](const auto& a, const auto& b) { return a.discovered_at < b.discovered_at; });
    return proposals;
}

// Leaves the person who acknowledged an alert its own; the clock of the others stops here.
Result<void> mark_converted(Database& database, Alerts& alerts, const store::Incident& incident,
                            const Decision& decision) {
    for (store::Alert& alert : alerts) {
        alert.state = "converted";
        alert.incident_id = incident.incident_id;
        if (!alert.ack_by) {
            alert.ack_by = decision.actor.account;
            alert.ack_at = decision.now;
        }
        if (auto done = store::update_alert(database, alert); !done) return done;
        store::AuditEntry entry;
        entry.actor = decision.actor.account;
        entry.actor_role = decision.actor.role;
        entry.action = "alert.convert";
        entry.object_type = "alert";
        entry.object_id = alert.alert_id;
        entry.detail = write_json(Record{{"incident", incident.number}});
        entry.source_ip = decision.actor.source_ip;
        if (auto done = store::append_audit(database, entry, decision.now); !done) return done;
    }
    return {};
}

Result<void> close_merged(Database& database, store::Incident proposal, const store::Incident& into,
                          const Decision& decision) {
    proposal.status = "closed";
    proposal.closed_at = decision.now;
    proposal.closed_by = decision.actor.account;
    proposal.closure_code = "merged";
    proposal.alert_ids.clear();
    if (auto done = store::update_incident(database, proposal); !done) return done;
    return log_act(database, "incident.merge", proposal, {{"into", into.number}}, decision);
}

// `proposal` is stored already; it takes its number, its alerts and its state now.
Result<store::Incident> open_with(Database& database, store::Incident proposal, Alerts alerts,
                                  const Decision& decision) {
    auto number = number_for(database, decision.now);
    if (!number) return number.error();
    const std::string proposed_as = proposal.number;
    proposal.number = *number;
    proposal.status = "open";
    proposal.severity = gravest(alerts);
    proposal.alert_ids = ids_of(alerts);
    if (auto done = store::update_incident(database, proposal); !done) return done.error();
    if (auto done = mark_converted(database, alerts, proposal, decision); !done) return done.error();
    const Record detail{{"proposal", proposed_as}, {"kind", proposal.kind}, {"alerts", alerts.size()}};
    if (auto done = log_act(database, "incident.accept", proposal, detail, decision); !done)
        return done.error();
    auto stored = store::find_incident(database, proposal.incident_id);
    if (!stored) return stored.error();
    return std::move(**stored);
}

Result<store::Incident> open_new(Database& database, Alerts alerts, const Wording& wording,
                                 const Decision& decision) {
    auto number = number_for(database, decision.now);
    if (!number) return number.error();
    store::Incident incident;
    incident.incident_id = random_id();
    incident.ori = alerts.front().ori;
    incident.number = *number;
    incident.kind = wording.kind;
    incident.severity = gravest(alerts);
    incident.status = "open";
    incident.discovered_at = decision.now;
    incident.discovered_by = decision.actor.account;
    incident.discovery_method = "console";
    incident.summary = wording.summary;
    incident.alert_ids = ids_of(alerts);
    if (auto done = store::insert_incident(database, incident); !done) return done.error();
    if (auto done = mark_converted(database, alerts, incident, decision); !done) return done.error();
    const Record detail{{"kind", incident.kind}, {"alerts", alerts.size()}};
    if (auto done = log_act(database, "incident.convert", incident, detail, decision); !done)
        return done.error();
    auto stored = store::find_incident(database, incident.incident_id);
    if (!stored) return stored.error();
    return std::move(**stored);
}

// What a proposal holds and a person has already resolved stays resolved.
Result<Alerts> alerts_of_proposal(Database& database, const store::Incident& proposal) {
    auto alerts = load_alerts(database, proposal.alert_ids);
    if (!alerts) return alerts.error();
    std::erase_if(*alerts, [](const store::Alert& alert) { return !check_convertible({alert}); });
    return alerts;
}

}  // namespace

Result<void> log_act(Database& database, std::string_view action, const store::Incident& incident,
                     const Record& detail, const Decision& decision) {
    store::AuditEntry entry;
    entry.actor = decision.actor.account;
    entry.actor_role = decision.actor.role;
    entry.action = action;
    entry.object_type = "incident";
    entry.object_id = incident.incident_id;
    entry.detail = write_json(detail);
    entry.source_ip = decision.actor.source_ip;
    return store::append_audit(database, entry, decision.now);
}

Result<store::Incident> open_proposal(Database& database, store::Incident proposal,
                                      const Decision& decision) {
    auto alerts = alerts_of_proposal(database, proposal);
    if (!alerts) return alerts.error();
    if (alerts->empty())
        return Error(Errc::conflict, "incident " + proposal.number + ": all of its alerts are resolved");
    return open_with(database, std::move(proposal), std::move(*alerts), decision);
}

Result<store::Incident> convert_alerts(Database& database, const std::vector<std::string>& alert_ids,
                                       const Wording& wording, const Decision& decision) {
    if (alert_ids.empty()) return Error(Errc::bad_input, "an incident needs at least one alert");
    if (std::find(std::begin(kKinds), std::end(kKinds), wording.kind) == std::end(kKinds))
        return Error(Errc::bad_input, "there is no kind of incident '" + std::string(wording.kind) + "'");
    auto alerts = load_alerts(database, alert_ids);
    if (!alerts) return alerts.error();
    if (auto done = check_convertible(*alerts); !done) return done.error();
    auto proposals = proposals_of(database, *alerts);
    if (!proposals) return proposals.error();
    if (proposals->empty()) return open_new(database, std::move(*alerts), wording, decision);

    std::vector<std::string> all = alert_ids;
    for (const store::Incident& proposal : *proposals) {
        auto more = alerts_of_proposal(database, proposal);
        if (!more) return more.error();
        for (const store::Alert& alert : *more)
            all.push_back(alert.alert_id);
    }
    auto joined = load_alerts(database, all);
    if (!joined) return joined.error();
    store::Incident first = proposals->front();
    first.kind = wording.kind;
    if (!wording.summary.empty()) first.summary = wording.summary;
    auto incident = open_with(database, std::move(first), std::move(*joined), decision);
    if (!incident) return incident.error();
    for (std::size_t index = 1; index < proposals->size(); ++index) {
        if (auto done = close_merged(database, (*proposals)[index], *incident, decision); !done)
            return done.error();
    }
    return incident;
}

}  // namespace sallyport::incidents
