// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/incident_proposal.hpp"

#include <algorithm>

#include "collector/alerts/alert_draft.hpp"
#include "collector/alerts/severity.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"

namespace sallyport::alerts {
namespace {

struct Kind {
    std::string_view rules, kind;
};

// The first that fits; the single correlations before their family.
constexpr Kind kKinds[] = {
    {"COR-01", "media"},       {"COR-10", "media"},       {"COR-02", "privacy"}, {"COR-06", "privacy"},
    {"USB-", "media"},         {"PRN-", "privacy"},       {"CAM-", "privacy"},   {"SES-", "authorisation"},
    {"OPR-", "authorisation"}, {"GOV-", "system_health"},
};

bool may_join(const store::Alert& alert) {
    return alert.lane != "observe" && alert.terminal_id && !alert.incident_id && is_open(alert);
}

void describe(store::Incident& incident, const store::Alert& gravest) {
    const auto others = incident.alert_ids.size() - 1;
    incident.summary = gravest.title + " at " + *gravest.terminal_id +
                       (others == 0   ? std::string(".")
                        : others == 1 ? std::string(", with one more alert.")
                                      : ", with " + std::to_string(others) + " more alerts.");
}

Result<void> link(Database& database, store::Alert& alert, const store::Incident& incident) {
    alert.incident_id = incident.incident_id;
    return store::update_alert(database, alert);
}

Result<void> join(Database& database, store::Incident proposal, store::Alert& alert) {
    auto gravest = store::find_alert(database, proposal.alert_ids.front());
    for (const std::string& id : proposal.alert_ids) {
        auto member = store::find_alert(database, id);
        if (!member) return member.error();
        if (*member && (!gravest || !*gravest ||
                        severity_rank((*member)->severity) > severity_rank((*gravest)->severity)))
            gravest = std::move(member);
    }
    if (!gravest) return gravest.error();
    proposal.alert_ids.push_back(alert.alert_id);
    proposal.severity = graver(proposal.severity, alert.severity);
    describe(proposal, **gravest);
    if (auto done = store::update_incident(database, proposal); !done) return done;
    return link(database, alert, proposal);
}

Result<void> log_proposal(Database& database, const store::Incident& incident, WallTime now) {
    store::AuditEntry entry;
    entry.actor = "system";
    entry.actor_role = "system";
    entry.action = "incident.propose";
    entry.object_type = "incident";
    entry.object_id = incident.incident_id;
    entry.detail = write_json(Record{{"kind", incident.kind}, {"alerts", incident.alert_ids.size()}});
    return store::append_audit(database, entry, now);
}

Result<void> propose(Database& database, store::Alert& critical, WallTime now) {
    auto nearby =
        store::alerts_around(database, *critical.terminal_id, critical.first_event_at - kIncidentWindow,
                             critical.last_event_at + kIncidentWindow);
    if (!nearby) return nearby.error();
    std::erase_if(*nearby, [](const store::Alert& alert) { return !may_join(alert); });
    store::Incident incident;
    incident.incident_id = to_hex(sha256(bytes_of("incident:" + critical.alert_id)));
    incident.ori = critical.ori;
    incident.number = "proposal-" + incident.incident_id.substr(0, 12);
    incident.kind = incident_kind(critical.rule_id);
    incident.severity = "critical";
    incident.status = "proposed";
    incident.discovered_at = now;
    incident.discovered_by = "system";
    incident.discovery_method = "rules";
    for (const store::Alert& alert : *nearby)
        incident.alert_ids.push_back(alert.alert_id);
    describe(incident, critical);
    if (auto done = store::insert_incident(database, incident); !done) return done;
    for (store::Alert& alert : *nearby) {
        if (auto done = link(database, alert, incident); !done) return done;
    }
    return log_proposal(database, incident, now);
}

}  // namespace

std::string incident_kind(std::string_view rule_id) {
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](const Kind& one) { return rule_id.starts_with(one.rules); });
    return std::string(kind == std::end(kKinds) ? "security" : kind->kind);
}

Result<void> propose_incident(Database& database, store::Alert& alert, WallTime now) {
    if (!may_join(alert)) return {};
    auto proposal = store::find_proposal(database, *alert.terminal_id, alert.first_event_at - kIncidentWindow,
                                         alert.last_event_at + kIncidentWindow);
    if (!proposal) return proposal.error();
    const bool makes_one = alert.severity == "critical" && alert.lane == "queue";
    Result<void> done;
    if (*proposal)
        done = join(database, std::move(**proposal), alert);
    else if (makes_one)
        done = propose(database, alert, now);
    else
        return {};
    if (!done) return done.error().within("propose incident");
    auto stored = store::find_alert(database, alert.alert_id);
    if (!stored) return stored.error();
    alert = std::move(**stored);
    return {};
}

}  // namespace sallyport::alerts
