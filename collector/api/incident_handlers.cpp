// SPDX-License-Identifier: Apache-2.0
#include "collector/api/incident_handlers.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "collector/api/alert_view.hpp"
#include "collector/api/evidence_view.hpp"
#include "collector/incidents/incident_desk.hpp"
#include "collector/store/records.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::api {
namespace {

// Dictionary, section 11.
constexpr std::string_view kKinds[] = {"security",      "privacy",       "media",
                                       "authorisation", "system_health", "suspected_misuse"};
constexpr std::string_view kStatuses[] = {"proposed", "open", "contained", "resolved", "closed"};
constexpr std::size_t kAlertsMax = 500;
constexpr std::size_t kTimelineEventsMax = 1000;
constexpr std::size_t kSummaryBytesMax = 4000;
constexpr std::size_t kAuditEntriesMax = 500;

template <std::size_t N>
bool one_of(std::string_view word, const std::string_view (&words)[N]) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

Result<store::Incident> incident_of(const Request& request, Context& context) {
    auto incident = store::find_incident(context.reader, request.id);
    if (!incident) return incident.error();
    if (context.role == kPsd && (!*incident || !(*incident)->referred_at)) {
        if (auto logged = log_act(context, request, "access.refused", "incident", request.id, false); !logged)
            return logged.error();
        return Error(Errc::refused, "Your role does not see this incident.");
    }
    if (!*incident) return Error(Errc::not_found, "There is no incident '" + request.id + "'.");
    return **incident;
}

// Oldest first: `at` decides, the kind orders what happened at once.
struct Timeline {
    struct Entry {
        std::string at;
        int order;
        Record view;
    };
    std::vector<Entry> entries;

    void add(std::string at, int order, std::string_view kind, std::string_view field, Record view) {
        Record entry{{"at", at}, {"kind", kind}};
        entry.set(field, std::move(view));
        entries.push_back({std::move(at), order, std::move(entry)});
    }
    List sorted() {
        std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
            return std::tie(a.at, a.order) < std::tie(b.at, b.order);
        });
        List list;
        for (auto& entry : entries)
            list.emplace_back(std::move(entry.view));
        return list;
    }
};

Result<void> add_acts(Timeline& timeline, Context& context, std::string_view object_type,
                      std::string_view object_id) {
    auto acts = store::read_audit(context.reader, object_type, object_id, kAuditEntriesMax);
    if (!acts) return acts.error();
    for (const auto& act : *acts) {
        // Nobody outside the PSD learns what the PSD looked at or did.
        if (context.role != kPsd && parse_role(act.entry.actor_role) == kPsd) continue;
        if (act.entry.action == "access.refused") continue;
        timeline.add(format_time(act.at), 2, "act", "act", store::to_record(act));
    }
    return {};
}

Result<List> evidence_of(const std::vector<store::Alert>& alerts, Context& context) {
    std::set<std::int64_t> ids;
    for (const auto& alert : alerts)
        for (std::int64_t id : alert.evidence)
            if (ids.size() < kTimelineEventsMax) ids.insert(id);
    auto events = store::read_events(context.reader, std::vector<std::int64_t>(ids.begin(), ids.end()));
    if (!events) return events.error();
    return EvidenceView(context.reader, context.services.clock.now(), Names::masked)
        .events(std::move(*events));
}

Result<std::vector<store::Alert>> alerts_of(const store::Incident& incident, Database& reader) {
    std::vector<store::Alert> alerts;
    for (const auto& id : incident.alert_ids) {
        auto alert = store::find_alert(reader, id);
        if (!alert) return alert.error();
        if (*alert) alerts.push_back(std::move(**alert));
    }
    return alerts;
}

Result<List> timeline_of(const store::Incident& incident, const std::vector<store::Alert>& alerts,
                         Context& context) {
    Timeline timeline;
    auto events = evidence_of(alerts, context);
    if (!events) return events.error();
    for (Value& item : *events) {
        Record event = std::move(*std::get_if<Record>(&item.data));
        std::string at(text_of(event, "at"));
        timeline.add(std::move(at), 0, "event", "event", std::move(event));
    }
    for (const auto& alert : alerts) {
        timeline.add(format_time(alert.raised_at), 1, "alert", "alert",
                     {{"alert_id", alert.alert_id},
                      {"rule_id", alert.rule_id},
                      {"severity", alert.severity},
                      {"title", alert.title},
                      {"summary", alert.summary}});
        if (auto added = add_acts(timeline, context, "alert", alert.alert_id); !added) return added.error();
    }
    if (auto added = add_acts(timeline, context, "incident", incident.incident_id); !added)
        return added.error();
    return timeline.sorted();
}

Result<std::vector<std::string>> alert_ids_from(const Record& body) {
    const Value* value = body.find("alert_ids");
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    if (list == nullptr || list->empty() || list->size() > kAlertsMax)
        return Error(Errc::bad_input, "body: field 'alert_ids' must be a list of 1 to " +
                                          std::to_string(kAlertsMax) + " alerts");
    std::vector<std::string> ids;
    for (const Value& item : *list) {
        const auto* id = item.as<std::string>();
        if (id == nullptr || id->empty() || id->size() > 128)
            return Error(Errc::bad_input, "body: field 'alert_ids', element " +
                                              std::to_string(ids.size() + 1) + " is no alert id");
        ids.push_back(*id);
    }
    return ids;
}

Response answer(Result<store::Incident> incident, Context& context, int status = 200) {
    if (!incident) return error_response(incident.error());
    context.services.live.notify();
    return json_response({{"incident", store::to_record(*incident)}}, status);
}

// Whether this event is evidence of one of the incident's alerts.
bool is_evidence(const std::vector<store::Alert>& alerts, std::int64_t ingest_id) {
    return std::any_of(alerts.begin(), alerts.end(), [&](const store::Alert& alert) {
        return std::find(alert.evidence.begin(), alert.evidence.end(), ingest_id) != alert.evidence.end();
    });
}

Result<std::string> account_of(std::int64_t ingest_id, Database& reader) {
    auto events = store::read_events(reader, {ingest_id});
    if (!events) return events.error();
    if (events->empty() || !events->front().line)
        return Error(Errc::not_found, "The event's line is withheld.");
    auto decoded = decode_event(*events->front().line);
    const auto* event = std::get_if<Event>(&decoded);
    if (event == nullptr || !event->operator_account)
        return Error(Errc::not_found, "The event names no account.");
    return *event->operator_account;
}

}  // namespace

Response list_incidents(const Request& request, Context& context) {
    store::IncidentFilter filter;
    filter.referred_only = context.role == kPsd;
    for (const auto& [name, value] : request.query) {
        if (name != "status")
            return error_response(400, "bad_input", "query: '" + name + "' is no filter of this list");
        if (!one_of(value, kStatuses))
            return error_response(400, "bad_input", "query: 'status' has no value '" + value + "'");
        filter.statuses = {value};
    }
    auto incidents = store::list_incidents(context.reader, filter);
    if (!incidents) return error_response(incidents.error());
    List views;
    for (const auto& incident : *incidents)
        views.emplace_back(store::to_record(incident));
    return json_response({{"incidents", std::move(views)}});
}

Response show_incident(const Request& request, Context& context) {
    auto incident = incident_of(request, context);
    if (!incident) return error_response(incident.error());
    // Decisions, point 13: the first opening by an authorised initiator starts the one-year clock; the log
    // holds it.
    if (context.role == kPsd)
        if (auto logged = log_act(context, request, "incident.open", "incident", incident->incident_id, true);
            !logged)
            return error_response(logged.error());
    auto alerts = alerts_of(*incident, context.reader);
    if (!alerts) return error_response(alerts.error());
    auto timeline = timeline_of(*incident, *alerts, context);
    if (!timeline) return error_response(timeline.error());
    List views;
    for (const auto& alert : *alerts)
        views.emplace_back(alert_view(alert, context.board));
    return json_response({{"incident", store::to_record(*incident)},
                          {"alerts", std::move(views)},
                          {"timeline", std::move(*timeline)}});
}

Response convert_alerts(const Request& request, Context& context) {
    auto body = read_body(request, {"alert_ids", "kind", "summary"});
    if (!body) return error_response(body.error());
    auto ids = alert_ids_from(*body);
    if (!ids) return error_response(ids.error());
    auto kind = text_field(*body, "kind", 64);
    if (!kind) return error_response(kind.error());
    if (!one_of(*kind, kKinds))
        return error_response(400, "bad_input", "body: field 'kind' has no value '" + *kind + "'");
    auto summary = text_field(*body, "summary", kSummaryBytesMax);
    if (!summary) return error_response(summary.error());
    incidents::IncidentDesk desk(context.services.writer, context.services.clock);
    return answer(desk.convert(*ids, *kind, *summary, context.actor(request)), context, 201);
}

Response accept_incident(const Request& request, Context& context) {
    auto incident = incident_of(request, context);
    if (!incident) return error_response(incident.error());
    incidents::IncidentDesk desk(context.services.writer, context.services.clock);
    return answer(desk.accept(incident->incident_id, context.actor(request)), context);
}

Response refer_incident(const Request& request, Context& context) {
    auto incident = incident_of(request, context);
    if (!incident) return error_response(incident.error());
    incidents::IncidentDesk desk(context.services.writer, context.services.clock);
    return answer(desk.refer(incident->incident_id, context.actor(request)), context);
}

Response resolve_person(const Request& request, Context& context) {
    auto body = read_body(request, {"ingest_id", "purpose"});
    if (!body) return error_response(body.error());
    auto purpose = text_field(*body, "purpose", 64);
    if (!purpose) return error_response(purpose.error());
    if (!is_purpose(*purpose))
        return error_response(400, "bad_input", "body: field 'purpose' has no value '" + *purpose + "'");
    const auto* ingest_id =
        body->contains("ingest_id") ? body->find("ingest_id")->as<std::int64_t>() : nullptr;
    if (ingest_id == nullptr)
        return error_response(400, "bad_input", "body: field 'ingest_id' must be an event's number");

    auto incident = incident_of(request, context);
    if (!incident) return error_response(incident.error());
    auto alerts = alerts_of(*incident, context.reader);
    if (!alerts) return error_response(alerts.error());
    if (!is_evidence(*alerts, *ingest_id))
        return error_response(404, "not_found", "The event is no evidence of this incident.");
    auto account = account_of(*ingest_id, context.reader);
    if (!account) return error_response(account.error());
    // Logged before it is answered: what is not logged is not shown.
    if (auto logged = log_act(context, request, "person.resolve", "incident", incident->incident_id, true,
                              *purpose, {{"ingest_id", *ingest_id}});
        !logged)
        return error_response(logged.error());
    auto person = operator_of(context.reader, *account, context.services.clock.now());
    if (!person) return error_response(person.error());
    return json_response({{"ingest_id", *ingest_id},
                          {"operator_account", *account},
                          {"operator_ref", *person ? Value((*person)->operator_ref) : Value()},
                          {"display_name", *person ? Value((*person)->display_name) : Value()}});
}

}  // namespace sallyport::api
