// SPDX-License-Identifier: Apache-2.0
#include "collector/api/event_stream.hpp"

#include <algorithm>
#include <charconv>

#include "collector/api/alert_handlers.hpp"
#include "collector/api/alert_view.hpp"
#include "collector/api/terminal_board.hpp"
#include "collector/store/records.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::api {
namespace {

// More changes than this at once and reading the lists anew is cheaper for everybody.
constexpr std::size_t kChangesMax = 500;

void add_message(std::string& out, std::string_view event, const Record& data,
                 std::optional<std::int64_t> id = std::nullopt) {
    out.append("event: ").append(event).append("\n");
    if (id) out.append("id: ").append(std::to_string(*id)).append("\n");
    out.append("data: ").append(write_json(data)).append("\n\n");
}

bool sees_terminals(Role role) {
    return (role & (kSpoc | kAcc | kAuditor | kAdministrator)) != 0;
}
bool sees_alerts(Role role) {
    return role == kSpoc || role == kAcc;
}
bool sees_incidents(Role role) {
    return role == kSpoc || role == kPsd;
}

struct Change {
    std::int64_t revision;
    std::string_view event;
    Record data;
};

}  // namespace

Result<EventStream> EventStream::open(const Request& request, Context& context) {
    auto current = store::current_revision(context.reader);
    if (!current) return current.error();
    EventStream stream(*current);
    stream.board_version_ = context.board.version();
    if (request.last_event_id.empty()) return stream;
    const auto& text = request.last_event_id;
    std::int64_t last = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), last);
    if (error != std::errc() || end != text.data() + text.size() || last < 0)
        return Error(Errc::bad_input, "header: Last-Event-ID is no revision");
    // A revision that we have not reached comes from before a restore.
    stream.resync_ = last > *current;
    if (!stream.resync_) stream.revision_ = last;
    return stream;
}

Result<EventStream::Step> EventStream::next(Context& context) {
    Step step;
    if (!greeted_)
        add_message(step.text, "hello",
                    {{"now", format_time(context.services.clock.now())}, {"revision", revision_}}, revision_);
    greeted_ = true;
    if (auto added = add_changes(context, step.text); !added) return added.error().within("stream");
    if (auto added = add_counts(context, step.text); !added) return added.error().within("stream");
    add_terminals(context, step.text);
    return step;
}

Result<void> EventStream::add_changes(Context& context, std::string& out) {
    // Read first: what changes while we read comes with the next step, never half.
    auto current = store::current_revision(context.reader);
    if (!current) return current.error();
    std::vector<Change> changes;
    if (*current > revision_ && sees_alerts(context.role)) {
        store::AlertFilter filter;
        filter.revision_after = revision_;
        filter.limit = kChangesMax + 1;
        auto alerts = store::list_alerts(context.reader, filter);
        if (!alerts) return alerts.error();
        resync_ = resync_ || alerts->size() > kChangesMax;
        for (const auto& alert : *alerts) {
            auto seen = may_see(context.role, alert, context.reader);
            if (!seen) return seen.error();
            if (*seen && alert.revision <= *current)
                changes.push_back({alert.revision, "alert", alert_view(alert, context.board)});
        }
    }
    if (*current > revision_ && sees_incidents(context.role)) {
        store::IncidentFilter filter;
        filter.referred_only = context.role == kPsd;
        filter.revision_after = revision_;
        filter.limit = kChangesMax + 1;
        auto incidents = store::list_incidents(context.reader, filter);
        if (!incidents) return incidents.error();
        resync_ = resync_ || incidents->size() > kChangesMax;
        for (const auto& incident : *incidents)
            if (incident.revision <= *current)
                changes.push_back({incident.revision, "incident", store::to_record(incident)});
    }
    revision_ = *current;
    if (resync_) {
        resync_ = false;
        add_message(out, "resync", {{"revision", revision_}}, revision_);
        return {};
    }
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return a.revision < b.revision; });
    for (const auto& change : changes)
        add_message(out, change.event, change.data, change.revision);
    return {};
}

Result<void> EventStream::add_counts(Context& context, std::string& out) {
    if (!sees_incidents(context.role)) return {};
    auto counts = counts_for(context.role, context.reader);
    if (!counts) return counts.error();
    auto text = write_json(*counts);
    if (text == counts_) return {};
    counts_ = std::move(text);
    add_message(out, "counts", *counts);
    return {};
}

void EventStream::add_terminals(Context& context, std::string& out) {
    if (!sees_terminals(context.role)) return;
    const auto version = context.board.version();
    if (version == board_version_) return;
    for (const Value& terminal : context.board.changed_since(board_version_))
        add_message(out, "terminal", *terminal.as<Record>());
    board_version_ = version;
}

}  // namespace sallyport::api
