// SPDX-License-Identifier: Apache-2.0
//
// Every request's way: is it for us (Host, Origin), who asks (session), may they (role), did they mean it
// (CSRF token), and only then the handler. The table of routes in router.cpp is the whole of who may do what.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "collector/api/context.hpp"
#include "collector/api/event_stream.hpp"
#include "collector/api/rate_limit.hpp"
#include "collector/api/reader_pool.hpp"
#include "collector/api/static_files.hpp"
#include "collector/api/terminal_board.hpp"

namespace sallyport::api {

// A row of the table of routes, for those who check it from the outside.
struct RoutePolicy {
    std::string_view method;
    std::string_view pattern;  // `*` stands for one part
    RoleSet roles = kNobody;   // kNobody: no session needed
};
[[nodiscard]] std::vector<RoutePolicy> route_policies();

// Thread-safe: the server's workers share one.
class Router {
public:
    Router(Services services, StaticFiles files, std::set<std::string> names)
        : services_(std::move(services)),
          files_(std::move(files)),
          names_(std::move(names)),
          readers_(services_.writer) {}

    // The port that browsers name in Host; before the first request.
    void serve_as(std::uint16_t port);

    // Takes the request's id from the path. An answer with is_event_stream set is to be followed by
    // open_stream().
    [[nodiscard]] Response handle(Request& request);

    [[nodiscard]] Result<EventStream> open_stream(const Request& request);
    // Ended when the session that opened it is over.
    [[nodiscard]] Result<EventStream::Step> next(EventStream& stream, const Request& request);
    // True when alerts, incidents or terminals changed since the last look. One thread at a time.
    [[nodiscard]] Result<bool> look_for_changes();

private:
    [[nodiscard]] Response dispatch(Request& request);
    [[nodiscard]] std::optional<Response> check_origin(const Request& request) const;
    [[nodiscard]] std::optional<Response> check_rate(const Request& request);
    void touch(const store::ConsoleSession& session);

    Services services_;
    StaticFiles files_;
    std::set<std::string> names_;  // host names that are ours
    std::set<std::string> hosts_;  // with the port, as in the Host header
    ReaderPool readers_;
    TerminalBoard board_;
    StrangersLimits strangers_;
    // A minute, from one address and from all: what a console or an office of them needs, and not what a guesser wants.
    RateLimit requests_{3'000, 60'000};
    RateLimit logins_{20, 600};
    std::int64_t seen_revision_ = -1;       // look_for_changes() only
    std::uint64_t seen_board_version_ = 0;  // look_for_changes() only
};

}  // namespace sallyport::api
