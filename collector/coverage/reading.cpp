// SPDX-License-Identifier: Apache-2.0
#include "collector/coverage/reading.hpp"

#include <algorithm>
#include <array>

#include "collector/registers/constraints.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/terminal_history.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::coverage {
namespace {

constexpr std::chrono::minutes kFresh{3};  // a heartbeat at most so old is of now

Result<Record> body_of(const std::string& line) {
    auto event = read_json_record(line, JsonLimits{.bytes_max = kEventLineBytesMax});
    if (!event)
        return event.error().within("coverage");
    const Value* body = event->find("body");
    const auto* record = body == nullptr ? nullptr : body->as<Record>();
    return record == nullptr ? Record() : *record;
}

Result<void> read_lines(Database& reader, const std::string& terminal_id, History& history) {
    auto lines = store::read_terminal_history(reader, terminal_id, told_types());
    if (!lines)
        return lines.error();
    for (store::HistoryLine& stored : *lines) {
        Line line{stored.instance, stored.seq, stored.type, stored.event_time, stored.withheld, stored.withheld_reason, {}};
        if (stored.line) {
            auto body = body_of(*stored.line);
            if (!body)
                return body.error();
            line.body = std::move(*body);
        }
        history.lines.push_back(std::move(line));
    }
    return {};
}

Result<void> read_signs_of_life(Database& reader, const std::string& terminal_id, Span span, WallTime now,
                                History& history) {
    auto said = store::read_lines_about(reader, terminal_id, store::Said::liveness, span.from);
    if (!said)
        return said.error();
    for (const std::string& line : *said) {
        auto body = body_of(line);
        if (!body)
            return body.error();
        if (auto seen = parse_time(text_of(*body, "last_seen_at")); seen && !flag_of(*body, "never_seen"))
            history.heard.push_back(*seen);
    }
    auto board = store::all_liveness(reader);
    if (!board)
        return board.error();
    for (const store::TerminalLiveness& row : *board)
        if (row.terminal_id == terminal_id && row.last_seen_at)
            history.heard.push_back(row.state == "alive" && now - *row.last_seen_at <= kFresh ? now : *row.last_seen_at);
    return {};
}

Result<void> read_announcements(Database& reader, const std::string& terminal_id, Span span, History& history) {
    auto said = store::read_lines_about(reader, terminal_id, store::Said::gap, span.from);
    if (!said)
        return said.error();
    for (const std::string& line : *said) {
        auto event = read_json_record(line, JsonLimits{.bytes_max = kEventLineBytesMax});
        auto body = body_of(line);
        if (!event || !body)
            return (event ? body.error() : event.error());
        const auto told_at = parse_time(text_of(*event, "observed_at"));
        if (!told_at)
            return told_at.error().within("coverage");
        history.announcements.push_back({std::string(text_of(*body, "instance")),
                                         static_cast<std::uint64_t>(integer_of(*body, "last_seq")), *told_at});
    }
    return {};
}

// The registers as known now. A room that forbids the camera is stronger than the terminal's own setting.
Result<CameraPolicy> policy_at(Database& reader, const std::string& terminal_id, WallTime at, WallTime now) {
    auto terminal = store::find_entry(reader, "terminals", terminal_id, at, now);
    if (!terminal)
        return terminal.error();
    if (!*terminal)
        return CameraPolicy::off_by_policy;
    auto room = store::find_entry(reader, "rooms", text_of((*terminal)->data, "room_id"), at, now);
    if (!room)
        return room.error();
    if (*room && registers::camera_is_forbidden_in(text_of((*room)->data, "room_type")))
        return CameraPolicy::forbidden;
    const bool enabled = flag_of((*terminal)->data, "camera_enabled") && *room && flag_of((*room)->data, "camera_permitted");
    return enabled ? CameraPolicy::enabled : CameraPolicy::off_by_policy;
}

Result<void> read_policy(Database& reader, const std::string& terminal_id, Span span, WallTime now, History& history) {
    std::vector<WallTime> changes{span.from};
    auto terminals = store::history_of(reader, "terminals", terminal_id);
    if (!terminals)
        return terminals.error();
    for (const store::RegisterEntry& terminal : *terminals) {
        changes.push_back(terminal.valid_from);
        auto rooms = store::history_of(reader, "rooms", text_of(terminal.data, "room_id"));
        if (!rooms)
            return rooms.error();
        for (const store::RegisterEntry& room : *rooms)
            changes.push_back(room.valid_from);
    }
    std::sort(changes.begin(), changes.end());
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    for (const WallTime at : changes) {
        if (at < span.from || at >= span.to)
            continue;
        auto policy = policy_at(reader, terminal_id, at, now);
        if (!policy)
            return policy.error();
        history.camera.push_back({at, *policy});
    }
    return {};
}

}  // namespace

Result<Coverage> read_coverage(Database& reader, const std::string& terminal_id, Span span, WallTime now) {
    span.to = std::min(span.to, now);
    if (span.from >= span.to)
        return Error(Errc::bad_input, "coverage: the span must end after it begins, and begin in the past");
    History history;
    if (auto done = read_lines(reader, terminal_id, history); !done)
        return done.error();
    if (history.lines.empty()) {
        auto terminal = store::find_entry(reader, "terminals", terminal_id, now, now);
        if (!terminal)
            return terminal.error();
        if (!*terminal)
            return Error(Errc::not_found, "there is no terminal '" + terminal_id + "'");
    }
    if (auto done = read_signs_of_life(reader, terminal_id, span, now, history); !done)
        return done.error();
    if (auto done = read_announcements(reader, terminal_id, span, history); !done)
        return done.error();
    if (auto done = read_policy(reader, terminal_id, span, now, history); !done)
        return done.error();
    return cover(history, span);
}

}  // namespace sallyport::coverage
