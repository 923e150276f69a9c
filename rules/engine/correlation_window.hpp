// SPDX-License-Identifier: Apache-2.0
//
// One group's matches under a correlation rule, and what they amount to.
//
// Windows slide on event time and include both ends. Every match is judged by the window that ends with it;
// matches that hold and follow each other within a timespan are one episode, and the first of them speaks.
// That is a function of the set of matches alone: whatever the order in which they come, the same findings
// stand in the end, since a match that comes late has the windows it belongs to judged again, and what no
// longer stands is withdrawn.
//
// A `not` is decided once no window with the positive matches can still change: a timespan after the first.
//
// Costs: in order O(log n) a match; a late one as many steps as matches lie within a timespan of it.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/value.hpp"
#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/event_order.hpp"
#include "rules/engine/finding.hpp"
#include "rules/engine/window_aggregate.hpp"

namespace sallyport::rules {

// Something that happened, or lasts: until == WallTime::max() while it does.
struct WindowMatch {
    int part = 0;
    EventOrder order;
    WallTime until{};
    std::vector<std::int64_t> evidence;
    std::string value;  // of the counted fields; empty: it has none
    std::optional<double> number;
};

struct WindowFinding {
    FindingPhase phase = FindingPhase::raised;  // or withdrawn
    EventOrder order;                           // of the match that made it whole; its time is `at`
    WallTime started_at{};
    double value = 0;
    std::vector<std::int64_t> evidence;

    bool operator==(const WindowFinding&) const = default;
};

// The numbers of a rule as they hold for this group's site now.
struct WindowNumbers {
    std::chrono::milliseconds timespan{};
    std::vector<double> thresholds;  // one a condition
};

class CorrelationWindow {
public:
    using Findings = std::vector<WindowFinding>;

    // `spec` outlives the window.
    explicit CorrelationWindow(const CorrelationSpec& spec);
    CorrelationWindow(const CorrelationWindow&) = delete;
    CorrelationWindow& operator=(const CorrelationWindow&) = delete;

    // However late: what came before it and was let go is not counted, and what was said without it then stands.
    void add(const WindowNumbers& numbers, WindowMatch match, Findings& findings);
    // A lasting match has ended; withdrawn ends say when it ended instead.
    void end(int part, const EventOrder& order, WallTime until, Findings& findings);
    // A match that was said too early.
    void remove(int part, const EventOrder& order, Findings& findings);
    // The group has come this far: what waited for it is decided.
    void reach(WallTime time, Findings& findings);
    [[nodiscard]] std::optional<WallTime> deadline() const;

    // Lets go of what ended before. What was said of it, and within a timespan after it, stands from then on.
    void forget_before(WallTime time);
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool lasts() const;
    [[nodiscard]] WallTime newest() const;
    // Matches let go because there were too many of them.
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    // What the counting cost so far: see WindowAggregate.
    [[nodiscard]] std::uint64_t steps() const { return aggregate_.steps(); }

    [[nodiscard]] Record snapshot() const;
    // Into an empty window.
    void restore(const Record& record);

private:
    struct Place {
        EventOrder order;
        int part = 0;
        auto operator<=>(const Place&) const = default;
    };
    using Matches = std::map<Place, WindowMatch>;
    using Places = std::set<Place>;
    // How the window that ends with a match holds, and since when that is certain.
    struct Verdict {
        WallTime at{};
        int term = -1;             // -1: by number
        std::vector<Place> chain;  // of an ordered one
        double value = 0;
    };

    [[nodiscard]] bool is_temporal() const;
    [[nodiscard]] Matches& matches_of(int part);
    [[nodiscard]] const Matches& matches_of(int part) const;
    [[nodiscard]] const WindowMatch* find(const Place& place) const;
    void insert(WindowMatch match);
    void erase(Matches::iterator at);
    // Whether a window that ends there can be judged anew: what was let go in part would seem to have less in it than it
    // had. And whether all that was in it is still there.
    [[nodiscard]] bool is_open(const EventOrder& end) const { return end.time >= kept_from_ + numbers_.timespan; }
    [[nodiscard]] bool is_whole(const EventOrder& end) const {
        return end.time >= std::max(kept_from_, thinned_to_) + numbers_.timespan;
    }
    void settle(const Places& candidates, Findings& findings);
    void judge(const Place& place);
    void speak(const Places& changed, Findings& findings);
    [[nodiscard]] bool is_first(std::map<Place, Verdict>::const_iterator at) const;
    // Of the windows that this match is in, those that can be judged anew; its own always.
    [[nodiscard]] Places touched_by(const WindowMatch& match) const;
    void add_between(const EventOrder& from, WallTime until, Places& places) const;

    [[nodiscard]] std::optional<Verdict> verdict_on(const Place& end);
    [[nodiscard]] std::optional<Verdict> by_number(const Place& end);
    [[nodiscard]] std::optional<Verdict> by_term(const Place& end, int term) const;
    [[nodiscard]] std::optional<Verdict> together(const Place& end, int term) const;
    [[nodiscard]] std::optional<Verdict> in_order(const Place& end, int term) const;
    [[nodiscard]] bool find_chain(const std::vector<int>& with, const Conjunction& term, std::size_t level,
                                  WallTime start, std::vector<Place>& chain) const;
    [[nodiscard]] bool conditions_hold(double value) const;
    [[nodiscard]] const WindowMatch* latest(int part, const EventOrder& end, WallTime start) const;
    [[nodiscard]] bool touches(int part, WallTime from, WallTime until) const;
    [[nodiscard]] bool lies_between(int part, const EventOrder& low, const EventOrder& high) const;
    [[nodiscard]] double parts_present(const Place& end) const;
    void seek(const Place& end);
    [[nodiscard]] WindowFinding finding_of(const Place& end, const Verdict& verdict) const;
    [[nodiscard]] std::vector<const WindowMatch*> members_of(const Place& end, const Verdict& verdict) const;

    const CorrelationSpec* spec_;
    WindowNumbers numbers_;
    std::vector<bool> negated_;     // one a part
    std::vector<Matches> matches_;  // temporal: one a part; else all in one
    Places lasting_;                // of them, those that have a length
    WindowAggregate aggregate_;     // of the window [first_in_, first_after_)
    Matches::iterator first_in_, first_after_;
    std::map<Place, Verdict> holds_;    // decided
    std::map<Place, Verdict> pending_;  // holds, unless something still comes
    std::set<std::pair<WallTime, Place>> due_;
    std::map<Place, WindowFinding> said_;
    WallTime reached_ = WallTime::min();
    WallTime kept_from_ = WallTime::min();   // what is older was let go
    WallTime thinned_to_ = WallTime::min();  // among what is older some were too many
    std::uint64_t dropped_ = 0;
};

}  // namespace sallyport::rules
