// SPDX-License-Identifier: Apache-2.0
#include "collector/api/terminal_handlers.hpp"

#include "collector/api/alert_view.hpp"
#include "collector/api/evidence_view.hpp"
#include "collector/api/terminal_board.hpp"

namespace sallyport::api {
namespace {

constexpr std::size_t kEventsShown = 50;
constexpr std::size_t kAlertsShown = 50;

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

}  // namespace sallyport::api
