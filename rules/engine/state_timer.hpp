// SPDX-License-Identifier: Apache-2.0
//
// One group's life under an absence rule: a condition begins, lasts, holds once it has lasted long enough,
// and ends.
//
// Its truth is a fold over the group's marks in the order of their times. A mark that comes late is put where
// it belongs and the fold is made again; only what had not been said before is said then.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::rules {

struct StateMark {
    WallTime time{};
    std::int64_t reference = 0;
    bool begins = false;
    bool ends = false;                  // an event that does both ends the old condition and begins a new one
    std::chrono::milliseconds lasts{};  // how long it must last, as known at this event
};

struct StateChange {
    bool raised = false;  // else cleared
    WallTime started_at{};
    WallTime at{};
    std::chrono::milliseconds lasts{};
    std::vector<std::int64_t> evidence;
};

class StateTimer {
public:
    // `mark` in any order of time.
    void add(const StateMark& mark, std::vector<StateChange>& changes);
    // The group has come this far: what was due by then holds.
    void reach(WallTime time, std::vector<StateChange>& changes);
    [[nodiscard]] std::optional<WallTime> deadline() const;

    [[nodiscard]] Record snapshot() const;
    [[nodiscard]] static StateTimer restore(const Record& record);

private:
    struct State {
        bool active = false;
        bool raised = false;
        WallTime started_at{};
        WallTime deadline{};
        std::int64_t reference = 0;
        std::chrono::milliseconds lasts{};
    };

    static void reach(State& state, WallTime time, std::vector<StateChange>& changes);
    static void apply(State& state, const StateMark& mark, std::vector<StateChange>& changes);
    void recompute(const StateMark& late, std::vector<StateChange>& changes);
    void say(StateChange change, std::vector<StateChange>& changes);
    void forget_old();

    State base_;                   // before the first kept mark
    State now_;                    // after the last one
    std::deque<StateMark> marks_;  // in order of time, then of arrival
    WallTime reached_ = WallTime::min();
    std::set<std::pair<WallTime, bool>> said_;  // started_at, raised or cleared
};

}  // namespace sallyport::rules
