// SPDX-License-Identifier: Apache-2.0
#include "collector/incidents/incident_desk.hpp"

#include "collector/incidents/conversion.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::incidents {
namespace {

Result<store::Incident> load(Database& database, std::string_view incident_id) {
    auto incident = store::find_incident(database, incident_id);
    if (!incident) return incident.error();
    if (!*incident) return Error(Errc::not_found, "there is no incident '" + std::string(incident_id) + "'");
    return std::move(**incident);
}

Result<store::Incident> accept_in(Database& database, std::string_view incident_id,
                                  const Decision& decision) {
    auto incident = load(database, incident_id);
    if (!incident) return incident.error();
    if (incident->status != "proposed")
        return Error(Errc::conflict,
                     "incident " + incident->number + " is " + incident->status + ", not proposed");
    return open_proposal(database, std::move(*incident), decision);
}

Result<store::Incident> refer_in(Database& database, std::string_view incident_id, const Decision& decision) {
    auto incident = load(database, incident_id);
    if (!incident) return incident.error();
    if (incident->status == "proposed")
        return Error(Errc::conflict,
                     "incident " + incident->number + " is proposed; accept it before referring it");
    // The id is made of what is referred, so that a second referral is the first one.
    const std::string referral_id = to_hex(sha256(bytes_of("referral:" + incident->incident_id)));
    auto first = store::write_referral(database, referral_id, incident->incident_id, decision.now);
    if (!first) return first.error();
    if (!*first) return incident;
    incident->referred_at = decision.now;
    incident->referred_by = decision.actor.account;
    if (auto done = store::update_incident(database, *incident); !done) return done.error();
    if (auto done = log_act(database, "incident.refer", *incident, {{"to", "PSD"}}, decision); !done)
        return done.error();
    return load(database, incident_id);
}

template <class Act>
Result<store::Incident> in_one_transaction(store::Writer& writer, std::string_view where, Act act) {
    store::Incident incident;
    auto done = writer.run([&](Database& database) -> Result<void> {
        auto result = act(database);
        if (!result) return result.error();
        incident = std::move(*result);
        return {};
    });
    if (!done) return done.error().within(where);
    return incident;
}

}  // namespace

Result<store::Incident> IncidentDesk::convert(const std::vector<std::string>& alert_ids,
                                              std::string_view kind, std::string_view summary,
                                              const alerts::Actor& actor) {
    return in_one_transaction(writer_, "convert", [&](Database& database) {
        return convert_alerts(database, alert_ids, {kind, summary}, {actor, clock_.now()});
    });
}

Result<store::Incident> IncidentDesk::accept(std::string_view incident_id, const alerts::Actor& actor) {
    return in_one_transaction(writer_, "accept", [&](Database& database) {
        return accept_in(database, incident_id, {actor, clock_.now()});
    });
}

Result<store::Incident> IncidentDesk::refer(std::string_view incident_id, const alerts::Actor& actor) {
    return in_one_transaction(writer_, "refer", [&](Database& database) {
        return refer_in(database, incident_id, {actor, clock_.now()});
    });
}

}  // namespace sallyport::incidents
