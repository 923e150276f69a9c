// SPDX-License-Identifier: Apache-2.0
#include "collector/api/terminal_handlers.hpp"

#include "collector/api/alert_view.hpp"
#include "collector/api/evidence_view.hpp"
#include "collector/api/terminal_board.hpp"
#include "collector/coverage/reading.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::api {
namespace {

constexpr std::size_t kEventsShown = 50;
constexpr std::size_t kAlertsShown = 50;

Result<WallTime> time_of(const Request& request, const std::string& name) {
    const auto text = request.query.find(name);
    if (text == request.query.end()) return Error(Errc::bad_input, "query: '" + name + "' is missing");
    auto time = parse_time(text->second);
    return time ? time : Result<WallTime>(time.error().within("query: " + name));
}

}  // namespace

Response list_terminals(const Request&, Context& context) {
    if (auto done = context.board.refresh(context.reader, context.services.clock.now()); !done)
        return error_response(done.error());
    return json_response({{"terminals", context.board.terminals()}, {"sites", context.board.sites()}});
}

Response show_terminal(const Request& request, Context& context) {
    if (auto done = context.board.refresh(context.reader, context.services.clock.now()); !done)
        return error_response(done.error());
    auto terminal = context.board.terminal(request.id);
    if (!terminal) return error_response(404, "not_found", "There is no terminal '" + request.id + "'.");
    store::AlertFilter filter;
    filter.terminal_id = request.id;
    filter.limit = kAlertsShown;
    List alerts;
    if (context.role == kSpoc) {
        auto found = store::list_alerts(context.reader, filter);
        if (!found) return error_response(found.error());
        for (const auto& alert : *found)
            alerts.emplace_back(alert_view(alert, context.board));
    }
    auto events = store::read_terminal_events(context.reader, request.id, 0, kEventsShown);
    if (!events) return error_response(events.error());
    auto evidence =
        EvidenceView(context.reader, context.services.clock.now(), Names::masked).events(std::move(*events));
    if (!evidence) return error_response(evidence.error());
    return json_response({{"terminal", std::move(*terminal)},
                          {"alerts", std::move(alerts)},
                          {"events", std::move(*evidence)}});
}

Response show_coverage(const Request& request, Context& context) {
    const auto from = time_of(request, "from"), to = time_of(request, "to");
    if (!from || !to) return error_response((from ? to : from).error());
    auto coverage =
        coverage::read_coverage(context.reader, request.id, {*from, *to}, context.services.clock.now());
    if (!coverage) return error_response(coverage.error());
    return json_response(coverage::record_of(request.id, *coverage));
}

}  // namespace sallyport::api
