// SPDX-License-Identifier: Apache-2.0
#include "collector/api/alert_handlers.hpp"

#include <algorithm>

#include "collector/api/alert_view.hpp"
#include "collector/api/evidence_view.hpp"
#include "collector/api/rule_handlers.hpp"
#include "collector/api/terminal_board.hpp"
#include "collector/incidents/incident_desk.hpp"
#include "collector/store/records.hpp"
#include "protocol/json.hpp"

namespace sallyport::api {
namespace {

constexpr std::string_view kLanes[] = {"queue", "digest", "observe"};
constexpr std::string_view kStates[] = {"new",        "acknowledged", "in_work",  "resolved",
                                        "suppressed", "auto_cleared", "converted"};
constexpr std::string_view kSeverities[] = {"critical", "high", "medium", "low", "info"};
constexpr std::size_t kPageMax = 500;
constexpr std::size_t kNoteBytesMax = 2000;
// How many pages of others' alerts are looked through for one page of the ACC's.
constexpr int kPagesSearchedMax = 20;

bool is_open(std::string_view state) {
    return state == "new" || state == "acknowledged" || state == "in_work";
}

template <std::size_t N>
bool one_of(std::string_view word, const std::string_view (&words)[N]) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

Error bad_filter(std::string_view name, std::string_view why) {
    return Error(Errc::bad_input, "query: '" + std::string(name) + "' " + std::string(why));
}

Result<std::vector<std::string>> states_from(std::string_view text) {
    std::vector<std::string> states;
    while (!text.empty()) {
        auto comma = text.find(',');
        states.emplace_back(text.substr(0, comma));
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        if (!one_of(states.back(), kStates))
            return bad_filter("state", "has no state '" + states.back() + "'");
    }
    return states;
}

// `raised_at_ms:alert_id`, as this API gave it out.
bool is_keyset(std::string_view text) {
    auto colon = text.find(':');
    return colon != std::string_view::npos && colon > 0 && colon < 16 && colon + 1 < text.size() &&
           text.size() < 128 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                       [](char c) { return c >= '0' && c <= '9'; });
}

Result<void> set_filter(store::AlertFilter& filter, const std::string& name, const std::string& value) {
    if (name == "state") {
        auto states = states_from(value);
        if (!states) return states.error();
        filter.states = std::move(*states);
    } else if (name == "limit") {
        return {};  // read_limit()
    } else if (name == "before") {
        if (!is_keyset(value)) return bad_filter(name, "must be the `next` of an earlier answer");
        filter.before = value;
    } else if (name == "lane") {
        if (!one_of(value, kLanes)) return bad_filter(name, "must be queue, digest or observe");
        filter.lane = value;
    } else if (name == "severity") {
        if (!one_of(value, kSeverities))
            return bad_filter(name, "must be critical, high, medium, low or info");
        filter.severity = value;
    } else if (name == "terminal") {
        filter.terminal_id = value;
    } else if (name == "site") {
        filter.site_id = value;
    } else if (name == "rule") {
        filter.rule_id = value;
    } else {
        return bad_filter(name, "is no filter of this list");
    }
    return {};
}

Result<store::AlertFilter> filter_from(const Request& request) {
    store::AlertFilter filter;
    for (const auto& [name, value] : request.query)
        if (auto set = set_filter(filter, name, value); !set) return set.error();
    auto limit = read_limit(request, filter.limit, kPageMax);
    if (!limit) return limit.error();
    filter.limit = *limit;
    return filter;
}

std::string keyset_of(const store::Alert& alert) {
    return std::to_string(alert.raised_at.time_since_epoch().count()) + ":" + alert.alert_id;
}

Result<Record> page_of(store::AlertFilter filter, Context& context) {
    List views;
    Value next;
    for (int page = 0; page < kPagesSearchedMax; ++page) {
        auto alerts = store::list_alerts(context.reader, filter);
        if (!alerts) return alerts.error();
        for (const auto& alert : *alerts) {
            next = keyset_of(alert);
            auto seen = may_see(context.role, alert, context.reader);
            if (!seen) return seen.error();
            if (*seen) views.emplace_back(alert_view(alert, context.board));
            if (views.size() == filter.limit)
                return Record{{"alerts", std::move(views)}, {"next", std::move(next)}};
        }
        if (alerts->size() < filter.limit) return Record{{"alerts", std::move(views)}, {"next", nullptr}};
        filter.before = keyset_of(alerts->back());
    }
    return Record{{"alerts", std::move(views)}, {"next", std::move(next)}};
}

// The alert of the request's path, behind the role's wall; what may not be seen is answered like what is not
// there.
Result<store::Alert> alert_of(const Request& request, Context& context) {
    auto alert = store::find_alert(context.reader, request.id);
    if (!alert) return alert.error();
    if (*alert) {
        auto seen = may_see(context.role, **alert, context.reader);
        if (!seen) return seen.error();
        if (*seen) return **alert;
    }
    if (context.role != kSpoc) {
        if (auto logged = log_act(context, request, "access.refused", "alert", request.id, false); !logged)
            return logged.error();
        return Error(Errc::refused, "Your role does not see this alert.");
    }
    return Error(Errc::not_found, "There is no alert '" + request.id + "'.");
}

Response answer(Result<store::Alert> alert, Context& context) {
    if (!alert) return error_response(alert.error());
    context.services.live.notify();
    return json_response({{"alert", alert_view(*alert, context.board)}});
}

}  // namespace

Result<bool> may_see(Role role, const store::Alert& alert, Database& reader) {
    if (role == kSpoc) return true;
    if (role == kAcc)
        return std::find(alert.routed_to.begin(), alert.routed_to.end(), "ACC") != alert.routed_to.end();
    if (role != kPsd || !alert.incident_id) return false;
    auto incident = store::find_incident(reader, *alert.incident_id);
    if (!incident) return incident.error();
    return *incident && (*incident)->referred_at.has_value();
}

Result<Record> counts_for(Role role, Database& reader) {
    store::IncidentFilter filter;
    filter.referred_only = role == kPsd;
    filter.limit = 1000;
    auto incidents = store::list_incidents(reader, filter);
    if (!incidents) return incidents.error();
    std::int64_t proposed = 0, open = 0;
    for (const auto& incident : *incidents) {
        proposed += incident.status == "proposed" ? 1 : 0;
        open += incident.status == "open" || incident.status == "contained" ? 1 : 0;
    }
    Record counts{{"incidents", Record{{"proposed", proposed}, {"open", open}}}};
    if (role != kSpoc) return counts;

    auto rows = store::count_alerts(reader);
    if (!rows) return rows.error();
    Record lanes;
    for (std::string_view lane : kLanes) {
        std::map<std::string, std::int64_t> by;
        for (const auto& row : *rows) {
            if (row.lane != lane || !is_open(row.state)) continue;
            by["open"] += row.count;
            by[row.severity] += row.count;
            if (row.state == "new") by["new"] += row.count;
        }
        Record tally;
        for (std::string_view name : {"open", "new", "critical", "high", "medium", "low", "info"})
            tally.append(std::string(name), by[std::string(name)]);
        lanes.append(std::string(lane), std::move(tally));
    }
    counts.set("lanes", std::move(lanes));
    return counts;
}

Response list_alerts(const Request& request, Context& context) {
    auto filter = filter_from(request);
    if (!filter) return error_response(filter.error());
    auto revision = store::current_revision(context.reader);
    if (!revision) return error_response(revision.error());
    auto page = page_of(*filter, context);
    if (!page) return error_response(page.error());
    page->set("revision", *revision);
    return json_response(*page);
}

Response show_alert(const Request& request, Context& context) {
    auto alert = alert_of(request, context);
    if (!alert) return error_response(alert.error());
    // The ACC sees people by name in its own matters; each such look is logged (dictionary, sections 14 and
    // 15).
    const Names names = context.role == kAcc ? Names::shown : Names::masked;
    if (names == Names::shown)
        if (auto logged =
                log_act(context, request, "alert.read_names", "alert", alert->alert_id, true, "review");
            !logged)
            return error_response(logged.error());
    auto events = store::read_events(context.reader, alert->evidence);
    if (!events) return error_response(events.error());
    auto evidence =
        EvidenceView(context.reader, context.services.clock.now(), names).events(std::move(*events));
    if (!evidence) return error_response(evidence.error());
    auto parameters = read_json_record(alert->parameters);
    auto acts = store::read_audit(context.reader, "alert", alert->alert_id, kPageMax);
    if (!acts) return error_response(acts.error());
    List history;
    for (const auto& act : *acts)
        if (context.role == kPsd || parse_role(act.entry.actor_role) != kPsd)
            history.emplace_back(store::to_record(act));
    return json_response({{"alert", alert_view(*alert, context.board)},
                          {"rule", rule_view_for_alert(*alert, context)},
                          {"parameters", parameters ? *parameters : Record()},
                          {"evidence", std::move(*evidence)},
                          {"history", std::move(history)}});
}

Response acknowledge_alert(const Request& request, Context& context) {
    auto alert = alert_of(request, context);
    if (!alert) return error_response(alert.error());
    alerts::AlertDesk desk(context.services.writer, context.services.clock);
    return answer(desk.acknowledge(alert->alert_id, context.actor(request)), context);
}

Response resolve_alert(const Request& request, Context& context) {
    auto body = read_body(request, {"disposition", "note"});
    if (!body) return error_response(body.error());
    auto disposition = text_field(*body, "disposition", 64);
    if (!disposition) return error_response(disposition.error());
    if (!alerts::is_disposition(*disposition))
        return error_response(400, "bad_input",
                              "body: field 'disposition' has no value '" + *disposition + "'");
    std::string note;
    if (body->contains("note") && !text_of(*body, "note").empty()) {
        auto text = text_field(*body, "note", kNoteBytesMax);
        if (!text) return error_response(text.error());
        note = *text;
    }
    auto alert = alert_of(request, context);
    if (!alert) return error_response(alert.error());
    alerts::AlertDesk desk(context.services.writer, context.services.clock);
    return answer(desk.resolve(alert->alert_id, *disposition, note, context.actor(request)), context);
}

Response show_counts(const Request&, Context& context) {
    auto counts = counts_for(context.role, context.reader);
    return counts ? json_response(*counts) : error_response(counts.error());
}

}  // namespace sallyport::api
