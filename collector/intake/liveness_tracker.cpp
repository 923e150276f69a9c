// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/liveness_tracker.hpp"

#include <algorithm>
#include <utility>

#include "protocol/timestamp.hpp"

namespace sallyport::intake {
namespace {

constexpr std::chrono::seconds kGapAfter{60};  // system.md 9.4
constexpr std::size_t kSummariesAtOnce = 500;  // in one of the writer's slices (system.md 9.7)

// Rule catalogue, AGT-01: three heartbeats missed, then `late`.
std::chrono::seconds patience_with(std::uint64_t heartbeat_s) { return std::chrono::seconds(3 * heartbeat_s); }

}  // namespace

LivenessTracker::LivenessTracker(const std::vector<store::TerminalLiveness>& known, WallTime started)
    : started_(started), hour_(std::chrono::floor<std::chrono::hours>(started)) {
    for (const store::TerminalLiveness& row : known) {
        Terminal& terminal = terminals_[row.terminal_id];
        terminal.ori = row.ori;
        terminal.state = row.state;
        terminal.last_seen = row.last_seen_at;
        terminal.changed = row.changed_at;
        if (row.state == "shutdown" || row.state == "asleep")
            terminal.orderly = row.state;
    }
}

LivenessChange LivenessTracker::on_status(const StatusMessage& status, const std::string& ori,
                                          const std::string& message, WallTime now) {
    Terminal& terminal = terminals_[status.terminal];
    terminal.ori = ori;
    terminal.heartbeat_s = status.heartbeat_s;
    if (status.kind == StatusKind::will) {
        // The broker speaks for it: the connection broke. Announced, it is no alarm.
        if (terminal.state != "alive")
            return row_of(status.terminal, terminal, now);
        return move(status.terminal, terminal, terminal.orderly.empty() ? "offline" : terminal.orderly, now);
    }
    ++terminal.this_hour.heartbeats;
    if (terminal.instance != status.instance) {
        terminal.instance = status.instance;
        terminal.committed_seq = 0;
        terminal.behind_since.reset();
        terminal.gap_told = false;
    }
    terminal.announced_seq = status.seq;
    const bool was_alive = terminal.state == "alive";
    const bool was_known = !terminal.state.empty();
    terminal.last_seen = now;
    // Between the announcement and the end there may be one more heartbeat; many mean that it did not happen.
    if (status.kind == StatusKind::birth || now - terminal.orderly_at > patience_with(terminal.heartbeat_s))
        terminal.orderly.clear();
    LivenessChange change = was_alive ? row_of(status.terminal, terminal, now)
                                      : move(status.terminal, terminal, was_known ? "back" : "alive", now);
    change.row.status = message;
    return change;
}

void LivenessTracker::on_event(const std::string& id, const std::string& ori, std::string_view type, WallTime now) {
    Terminal& terminal = terminals_[id];
    terminal.ori = ori;
    ++terminal.this_hour.events;
    if (type == "device.shutdown" || type == "device.sleep") {
        terminal.orderly = type == "device.sleep" ? "asleep" : "shutdown";
        terminal.orderly_at = now;
    } else if (type == "agent.start" || type == "device.resume")
        terminal.orderly.clear();
    // While it counts as gone, only the birth that comes with its connection says `back`.
    if (terminal.state == "alive")
        terminal.last_seen = now;
}

void LivenessTracker::on_committed(const std::string& id, const std::string& instance, std::uint64_t seq) {
    Terminal& terminal = terminals_[id];
    if (terminal.instance.empty())
        terminal.instance = instance;
    if (terminal.instance != instance || seq <= terminal.committed_seq)
        return;
    terminal.committed_seq = seq;
    terminal.behind_since.reset();
    terminal.gap_told = false;
}

std::vector<LivenessChange> LivenessTracker::advance(const std::vector<ExpectedTerminal>& expected, WallTime now) {
    std::vector<LivenessChange> changes;
    for (const ExpectedTerminal& one : expected) {
        Terminal& terminal = terminals_[one.terminal_id];
        if (terminal.state.empty() && !terminal.last_seen) {
            terminal.ori = one.ori;
            if (now - started_ > patience_with(one.heartbeat_s))
                changes.push_back(move(one.terminal_id, terminal, "late", now, true));
        }
    }
    for (auto& [id, terminal] : terminals_) {
        const WallTime heard = std::max(terminal.last_seen.value_or(started_), started_);
        if (terminal.state == "alive" && now - heard > patience_with(terminal.heartbeat_s))
            changes.push_back(move(id, terminal, terminal.orderly.empty() ? "late" : terminal.orderly, now));
        if (auto notice = gap(id, terminal, now))
            changes.push_back({row_of(id, terminal, now).row, std::move(notice)});
    }
    if (const WallTime hour = std::chrono::floor<std::chrono::hours>(now); hour > hour_)
        turn_hour(hour, changes, now);
    summarise(kSummariesAtOnce, changes, now);
    return changes;
}

LivenessChange LivenessTracker::move(const std::string& id, Terminal& terminal, std::string state, WallTime now,
                                     bool never_seen) {
    // `back` is how becoming alive again is told; the board shows `alive`.
    terminal.state = state == "back" ? "alive" : state;
    terminal.changed = now;
    const WallTime seen = terminal.last_seen.value_or(started_);
    Record body{{"terminal", id}, {"state", state}, {"last_seen_at", format_time(seen)}};
    if (never_seen)
        body.set("never_seen", true);
    // The event's time is when it was last heard of: silence is counted from there, not from when we noticed. What went
    // by before we started was our own.
    const bool alive = terminal.state == "alive";
    LivenessChange change = row_of(id, terminal, now);
    change.notice = Notice{"server.liveness", std::move(body), alive ? now : std::max(seen, started_)};
    return change;
}

LivenessChange LivenessTracker::row_of(const std::string& id, const Terminal& terminal, WallTime now) {
    LivenessChange change;
    change.row = {id,  terminal.ori, terminal.state.empty() ? "late" : terminal.state, terminal.last_seen,
                  terminal.changed.value_or(now), {}};
    return change;
}

std::optional<Notice> LivenessTracker::gap(const std::string& id, Terminal& terminal, WallTime now) {
    if (terminal.announced_seq <= terminal.committed_seq) {
        terminal.behind_since.reset();
        terminal.gap_told = false;
        return std::nullopt;
    }
    if (!terminal.behind_since)
        terminal.behind_since = now;
    if (now - *terminal.behind_since < kGapAfter || terminal.gap_told)
        return std::nullopt;
    terminal.gap_told = true;
    return Notice{"server.gap",
                  Record{{"terminal", id},
                         {"instance", terminal.instance},
                         {"first_seq", terminal.committed_seq + 1},
                         {"last_seq", terminal.announced_seq}},
                  now};
}

void LivenessTracker::turn_hour(WallTime hour, std::vector<LivenessChange>& changes, WallTime now) {
    summarise(to_summarise_.size(), changes, now);  // whatever is left of the hour before
    summarised_hour_ = std::exchange(hour_, hour);
    for (auto at = terminals_.rbegin(); at != terminals_.rend(); ++at) {
        at->second.last_hour = std::exchange(at->second.this_hour, {});
        to_summarise_.push_back(at->first);
    }
}

void LivenessTracker::summarise(std::size_t most, std::vector<LivenessChange>& changes, WallTime now) {
    for (; most > 0 && !to_summarise_.empty(); --most, to_summarise_.pop_back()) {
        const std::string& id = to_summarise_.back();
        const Terminal& terminal = terminals_.at(id);
        changes.push_back({row_of(id, terminal, now).row,
                           Notice{"device.summary",
                                  Record{{"terminal", id},
                                         {"hour", format_time(summarised_hour_)},
                                         {"heartbeats", terminal.last_hour.heartbeats},
                                         {"events", terminal.last_hour.events}},
                                  now}});
    }
    if (to_summarise_.empty())
        to_summarise_.shrink_to_fit();
}

}  // namespace sallyport::intake
