// SPDX-License-Identifier: Apache-2.0
#include "collector/api/router.hpp"

#include <array>

#include "collector/api/alert_handlers.hpp"
#include "collector/api/audit_handlers.hpp"
#include "collector/api/bundle_handlers.hpp"
#include "collector/api/enrolment_handlers.hpp"
#include "collector/api/evidence_handlers.hpp"
#include "collector/api/incident_handlers.hpp"
#include "collector/api/register_handlers.hpp"
#include "collector/api/rule_handlers.hpp"
#include "collector/api/session_handlers.hpp"
#include "collector/api/terminal_handlers.hpp"

namespace sallyport::api {
namespace {

using Handler = Response (*)(const Request&, Context&);

struct Route {
    std::string_view method;
    std::string_view pattern;  // `*` stands for one part, `**` at the end for all that follow: the request's id
    RoleSet roles;             // kNobody: no session needed
    Handler handler;
};

Response stream_answer(const Request&, Context& context) {
    Response response;
    response.stream_owner = context.session.account;
    response.content_type = "text/event-stream";
    response.is_event_stream = true;
    return response;
}

// Dictionary, section 15. tests/collector/api/role_walls_test.cpp holds the same table from the outside.
constexpr std::array kRoutes = {
    Route{"POST", "/api/v1/session", kNobody, create_session},
    Route{"GET", "/api/v1/session", kEverybody, show_session},
    Route{"DELETE", "/api/v1/session", kEverybody, delete_session},
    Route{"GET", "/api/v1/alerts", kSpoc | kAcc, list_alerts},
    Route{"GET", "/api/v1/alerts/*", kSpoc | kAcc | kPsd, show_alert},
    Route{"POST", "/api/v1/alerts/*/acknowledge", kSpoc, acknowledge_alert},
    Route{"POST", "/api/v1/alerts/*/resolve", kSpoc, resolve_alert},
    Route{"GET", "/api/v1/counts", kSpoc | kPsd, show_counts},
    Route{"GET", "/api/v1/terminals", kSpoc | kAcc | kAuditor | kAdministrator, list_terminals},
    Route{"GET", "/api/v1/terminals/*", kSpoc | kAcc | kAuditor, show_terminal},
    Route{"GET", "/api/v1/terminals/*/coverage", kSpoc | kAcc | kAuditor, show_coverage},
    Route{"GET", "/api/v1/authority", kNobody, show_authority},
    Route{"POST", "/api/v1/enrolments", kNobody, request_enrolment},
    Route{"POST", "/api/v1/renewals", kNobody, request_renewal},
    Route{"GET", "/api/v1/enrolments/*", kNobody, show_enrolment},
    Route{"GET", "/api/v1/enrolments", kAcc | kAuditor | kAdministrator, list_enrolments},
    Route{"POST", "/api/v1/enrolments/*/approve", kAcc | kAdministrator, approve_enrolment},
    Route{"POST", "/api/v1/enrolments/*/refuse", kAcc | kAdministrator, refuse_enrolment},
    Route{"GET", "/api/v1/incidents", kSpoc | kPsd, list_incidents},
    Route{"POST", "/api/v1/incidents", kSpoc, convert_alerts},
    Route{"GET", "/api/v1/incidents/*", kSpoc | kPsd, show_incident},
    Route{"POST", "/api/v1/incidents/*/accept", kSpoc, accept_incident},
    Route{"POST", "/api/v1/incidents/*/refer", kSpoc, refer_incident},
    Route{"POST", "/api/v1/incidents/*/person", kPsd, resolve_person},
    Route{"GET", "/api/v1/incidents/*/evidence", kSpoc | kPsd | kAuditor, export_bundle},
    Route{"GET", "/api/v1/registers", kEverybody, list_registers},
    Route{"GET", "/api/v1/registers/*", kEverybody, list_register},
    Route{"GET", "/api/v1/registers/*/entry", kEverybody, show_register_entry},
    Route{"GET", "/api/v1/rules", kSpoc | kAcc | kAuditor | kAdministrator, list_rules},
    Route{"GET", "/api/v1/audit", kAuditor, list_audit},
    // Heads are broadcast to whoever listens at the broker, and a witness has no account; hashes of single lines are not.
    Route{"GET", "/api/v1/evidence/checkpoint", kNobody, show_checkpoint},
    Route{"GET", "/api/v1/evidence/consistency", kNobody, show_consistency},
    Route{"GET", "/api/v1/evidence/inclusion", kSpoc | kPsd | kAcc | kAuditor, show_inclusion},
    Route{"GET", "/api/v1/evidence/tile/**", kAuditor, show_tile},
    Route{"GET", "/api/v1/stream", kEverybody, stream_answer},
};

constexpr std::size_t kIdBytesMax = 128;
// A session's use is written down at most this often.
constexpr std::chrono::seconds kTouchEvery{30};

// Whether the path fits; the part under the star goes to `id`.
bool fits(std::string_view pattern, std::string_view path, std::string& id) {
    auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == path;
    if (pattern.ends_with("**")) {
        if (!path.starts_with(pattern.substr(0, star)) || path.size() > star + kIdBytesMax) return false;
        id = path.substr(star);
        return !id.empty();
    }
    const auto before = pattern.substr(0, star), after = pattern.substr(star + 1);
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
        return false;
    const auto part = path.substr(before.size(), path.size() - before.size() - after.size());
    if (part.find('/') != std::string_view::npos || part.size() > kIdBytesMax) return false;
    id = part;
    return true;
}

bool is_write(std::string_view method) {
    return method != "GET" && method != "HEAD";
}

// In time that does not depend on where they differ.
bool equal(std::string_view a, std::string_view b) {
    unsigned char difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

struct Match {
    const Route* route = nullptr;
    bool path_known = false;
};

Match find_route(Request& request) {
    Match match;
    for (const auto& route : kRoutes) {
        std::string id;
        if (!fits(route.pattern, request.path, id)) continue;
        match.path_known = true;
        if (route.method != request.method) continue;
        request.id = id;
        match.route = &route;
        break;
    }
    return match;
}

}  // namespace

std::vector<RoutePolicy> route_policies() {
    std::vector<RoutePolicy> policies;
    for (const auto& route : kRoutes)
        policies.push_back({route.method, route.pattern, route.roles});
    return policies;
}

void Router::serve_as(std::uint16_t port) {
    for (const auto& name : names_)
        hosts_.insert(port == 443 ? name : name + ":" + std::to_string(port));
}

std::optional<Response> Router::check_origin(const Request& request) const {
    // Against DNS rebinding and cross-site requests: only names that are ours, and only our own pages.
    if (!hosts_.contains(request.host))
        return error_response(421, "misdirected", "This host name is not served here.", "header Host");
    if (!request.origin.empty() && request.origin != "https://" + request.host)
        return error_response(403, "foreign_origin", "Requests from other sites are refused.",
                              "header Origin");
    return std::nullopt;
}

std::optional<Response> Router::check_rate(const Request& request) {
    const auto now = services_.clock.monotonic();
    const bool is_login = request.method == "POST" && request.path == "/api/v1/session";
    if (requests_.admits(request.source_ip, now) && (!is_login || logins_.admits(request.source_ip, now))) return std::nullopt;
    auto refused = error_response(429, "too_many", "Too many requests from this address; try again in a minute.");
    refused.headers.emplace_back("Retry-After", "60");
    return refused;
}

Response Router::handle(Request& request) {
    if (auto refused = check_origin(request)) return *refused;
    if (request.path.starts_with("/api/")) {
        if (auto refused = check_rate(request)) return *refused;
        return dispatch(request);
    }
    if (request.method != "GET" && request.method != "HEAD")
        return error_response(405, "method", "Only GET is possible here.");
    return files_.serve(request);
}

Response Router::dispatch(Request& request) {
    const auto [route, path_known] = find_route(request);
    if (route == nullptr)
        return path_known ? error_response(405, "method", "This method is not possible here.")
                          : error_response(404, "not_found", "There is nothing here.");
    auto reader = readers_.borrow();
    if (!reader) return error_response(reader.error());
    Context context{services_, **reader, board_, strangers_, {}, kNobody};
    if (route->roles == kNobody) return route->handler(request, context);

    const auto now = services_.clock.now();
    auto session = session_of(request, **reader, now);
    if (!session) return error_response(session.error());
    if (!*session)
        return error_response(401, "no_session",
                              "Log in first; a session ends after 30 minutes without use.");
    context.session = **session;
    context.role = parse_role(context.session.role);
    if ((route->roles & context.role) == 0) {
        if (auto logged = log_act(context, request, "access.refused", "endpoint",
                                  request.method + " " + std::string(route->pattern), false);
            !logged)
            return error_response(logged.error());
        return error_response(403, "forbidden", "Your role may not do this.");
    }
    if (is_write(request.method) && !equal(request.csrf_token, context.session.csrf_token))
        return error_response(403, "csrf", "The request does not carry the session's token.",
                              "header X-CSRF-Token");
    if (now - context.session.last_used_at > kTouchEvery && route->handler != stream_answer)
        touch(context.session);
    return route->handler(request, context);
}

void Router::touch(const store::ConsoleSession& session) {
    // A touch that is lost only makes the session end sooner.
    (void)services_.writer.submit(
        [token = session.token_sha256, now = services_.clock.now()](Database& database) {
            return store::touch_session(database, token, now);
        },
        [](const Result<void>&) {}, 1);
}

Result<EventStream> Router::open_stream(const Request& request) {
    auto reader = readers_.borrow();
    if (!reader) return reader.error();
    Context context{services_, **reader, board_, strangers_, {}, kNobody};
    return EventStream::open(request, context);
}

Result<EventStream::Step> Router::next(EventStream& stream, const Request& request) {
    auto reader = readers_.borrow();
    if (!reader) return reader.error();
    auto session = session_of(request, **reader, services_.clock.now());
    if (!session) return session.error();
    if (!*session) return EventStream::Step{.text = "event: logged_out\ndata: {}\n\n", .ended = true};
    Context context{services_, **reader, board_, strangers_, **session, parse_role((*session)->role)};
    return stream.next(context);
}

Result<bool> Router::look_for_changes() {
    auto reader = readers_.borrow();
    if (!reader) return reader.error();
    auto revision = store::current_revision(**reader);
    if (!revision) return revision.error();
    auto version = board_.refresh(**reader, services_.clock.now());
    if (!version) return version.error();
    const bool changed = *revision != seen_revision_ || *version != seen_board_version_;
    seen_revision_ = *revision;
    seen_board_version_ = *version;
    return changed;
}

}  // namespace sallyport::api
