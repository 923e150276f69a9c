// SPDX-License-Identifier: Apache-2.0
//
// Which terminals are alive: a pure function of their verified status messages, their events and the clock. Heartbeats
// are no events; their transitions are (decisions 18). Silence is an alarm only where nothing announced it (decisions 3).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/intake/own_log.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/status.hpp"

namespace sallyport::intake {

// A registered terminal that should be heard of.
struct ExpectedTerminal {
    std::string terminal_id;
    std::string ori;
    std::uint64_t heartbeat_s = 60;
};

// A transition, to be written to log and board in one transaction.
struct LivenessChange {
    store::TerminalLiveness row;
    std::optional<Notice> notice;  // nothing: only the board changed (a heartbeat)
};

class LivenessTracker {
public:
    // `started`: silence before that was ours, not theirs.
    LivenessTracker(const std::vector<store::TerminalLiveness>& known, WallTime started);

    [[nodiscard]] LivenessChange on_status(const StatusMessage& status, const std::string& ori,
                                           const std::string& message, WallTime now);
    // An accepted event is a sign of life, too; some announce that silence will follow.
    void on_event(const std::string& id, const std::string& ori, std::string_view type, WallTime now);
    // Up to where a terminal's stream is committed. A backlog on its way is no gap: each step starts the patience anew.
    void on_committed(const std::string& id, const std::string& instance, std::uint64_t seq);

    // What the passing of time alone brings: late terminals, never seen ones, announced lines that did not come, and
    // after each full hour a summary of each; some hundreds at a time, as ten thousand at once would hold up all else.
    [[nodiscard]] std::vector<LivenessChange> advance(const std::vector<ExpectedTerminal>& expected, WallTime now);

private:
    struct Counts {
        std::int64_t heartbeats = 0, events = 0;
    };
    struct Terminal {
        std::string ori;
        std::string state;  // alive, late, offline, shutdown, asleep; empty: never heard of
        std::optional<WallTime> last_seen;
        std::optional<WallTime> changed;
        std::string orderly;  // `shutdown` or `asleep` once announced
        WallTime orderly_at{};
        std::uint64_t heartbeat_s = 60;
        std::string instance;
        std::uint64_t announced_seq = 0, committed_seq = 0;
        std::optional<WallTime> behind_since;  // without any progress
        bool gap_told = false;
        Counts this_hour, last_hour;
    };
    using Terminals = std::map<std::string, Terminal>;

    [[nodiscard]] LivenessChange move(const std::string& id, Terminal& terminal, std::string state, WallTime now,
                                      bool never_seen = false);
    [[nodiscard]] static LivenessChange row_of(const std::string& id, const Terminal& terminal, WallTime now);
    [[nodiscard]] static std::optional<Notice> gap(const std::string& id, Terminal& terminal, WallTime now);
    void turn_hour(WallTime hour, std::vector<LivenessChange>& changes, WallTime now);
    void summarise(std::size_t most, std::vector<LivenessChange>& changes, WallTime now);

    Terminals terminals_;
    WallTime started_;
    WallTime hour_;                      // that which runs
    WallTime summarised_hour_{};         // that which the summaries are of
    std::vector<std::string> to_summarise_;  // those whose summary is still to come, the last first
};

}  // namespace sallyport::intake
