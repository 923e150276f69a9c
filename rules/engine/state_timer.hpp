// SPDX-License-Identifier: Apache-2.0
//
// One group's life under an absence rule: a condition begins, lasts, holds once it has lasted long enough,
// and ends.
//
// Its truth is a fold over the group's marks in the order of their times. A mark that comes late is put where
// it belongs and the fold is made again; what had been said and is no longer so is withdrawn.
//
// Where the rule has a gate, the time runs only while the gate is open, and from its opening: it has to last
// without a break. What was raised stays when the gate closes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "protocol/value.hpp"
#include "rules/engine/event_order.hpp"
#include "rules/engine/finding.hpp"

namespace sallyport::rules {

struct StateMark {
    EventOrder order;
    std::int64_t reference = 0;  // 0: no event, a member was expected from then on or no longer
    bool begins = false;
    bool ends = false;                  // an event that does both ends the old condition and begins a new one
    std::chrono::milliseconds lasts{};  // how long it must last, as known at this event
};

struct StateChange {
    FindingPhase phase = FindingPhase::raised;
    EventOrder begun;  // what began it
    WallTime raised_at{};
    WallTime at{};  // raised_at, or when it ended
    std::chrono::milliseconds lasts{};
    std::vector<std::int64_t> evidence;

    // Where the finding stands among events: it came to be then, by what began it.
    [[nodiscard]] EventOrder order() const {
        return {raised_at, begun.origin, begun.sequence, begun.arrival};
    }
};

class StateTimer {
public:
    using Changes = std::vector<StateChange>;

    // `told`: up to when it is known of all of the rule's members what their gates are; it outlives the timer, and only
    // its owner moves it, with tell_gate() or settle() to follow. nullptr: there is no gate. `one_terminal`: the group is
    // of one, which tells its events in order.
    explicit StateTimer(const WallTime* told = nullptr, bool one_terminal = false)
        : told_(told), one_terminal_(one_terminal) {}

    // `mark` in any order of time.
    void add(const StateMark& mark, Changes& changes);
    // The group has come this far: what was due by then holds.
    void reach(WallTime time, Changes& changes);
    [[nodiscard]] std::optional<WallTime> deadline() const;

    // The gate is open, or closed, as of what is told now; `before`: up to when it had been told. It closes with the last
    // time at which it was known to be open; told after more than `patience`, it counts as closed in between. True where
    // it is no longer what it was.
    bool tell_gate(bool open, WallTime before, std::chrono::milliseconds patience);
    // Whether something came that is later than `before`: with what is told since, it can be judged.
    [[nodiscard]] bool is_unsettled(WallTime before) const {
        return !marks_.empty() && marks_.back().order.time > before;
    }
    void settle(Changes& changes) { fold_again(changes); }

    // Nothing begun, nothing raised: it may be forgotten once late marks are no longer expected.
    [[nodiscard]] bool is_idle() const { return !course().now.active; }
    [[nodiscard]] std::size_t size() const { return marks_.size(); }

    [[nodiscard]] Record snapshot() const;
    void restore(const Record& record);

private:
    struct State {
        bool active = false;
        bool raised = false;
        EventOrder begun;
        std::int64_t reference = 0;
        std::chrono::milliseconds lasts{};
        WallTime at{};  // when it held, where it is raised
    };
    struct Episode {
        StateChange raised;
        std::optional<StateChange> cleared;
    };
    using Episodes = std::map<EventOrder, Episode>;  // by what began it
    struct Opening {
        WallTime from{};
        std::optional<WallTime> until;
    };

    // What only that has which once began, or has a gate that opened: of most groups it is known all along that they
    // have nothing of it.
    struct Course {
        State base;                     // before the first kept mark
        State now;                      // after the last one
        Episodes said;                  // of the kept marks, and the one that still lasts
        std::vector<Opening> openings;  // of the gate, in order
    };

    [[nodiscard]] const Course& course() const;
    Course& begin_course();
    [[nodiscard]] static StateChange raised_of(const State& state);
    [[nodiscard]] std::optional<WallTime> deadline_of(const State& state) const;
    void reach(State& state, WallTime time, Episodes& episodes) const;
    void apply(State& state, const StateMark& mark, Episodes& episodes) const;
    void apply_last(Changes& changes);
    void fold_again(Changes& changes);
    static void say(const Episode& episode, Changes& changes);
    void forget_needless();
    void forget_old();

    const WallTime* told_;
    bool one_terminal_;
    std::vector<StateMark> marks_;  // in order
    WallTime reached_ = WallTime::min();
    std::unique_ptr<Course> course_;
};

}  // namespace sallyport::rules
