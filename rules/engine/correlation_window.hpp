// SPDX-License-Identifier: Apache-2.0
//
// One group's matches under a correlation rule, and when they amount to something.
//
// Windows slide on event time and include both ends. A finding opens an episode; as long as the condition
// goes on to hold within a timespan of it, nothing more is said. Matches may come in any order of time; a
// late one is judged by the windows it belongs to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/value.hpp"
#include "rules/engine/compiled_rules.hpp"

namespace sallyport::rules {

// Something that happened, or lasts: until == WallTime::max() while it does.
struct WindowMatch {
    int part = 0;
    WallTime from{};
    WallTime until{};
    std::vector<std::int64_t> evidence;
    std::string value;  // of the counted fields; empty: it has none
    std::optional<double> number;
};

struct WindowFinding {
    WallTime started_at{};
    WallTime at{};
    double value = 0;
    std::vector<std::int64_t> evidence;
};

// The numbers of a rule as they hold for this group's site now.
struct WindowNumbers {
    std::chrono::milliseconds timespan{};
    std::vector<double> thresholds;  // one a condition
};

class CorrelationWindow {
public:
    void add(const CorrelationSpec& spec, const WindowNumbers& numbers, WindowMatch match,
             std::vector<WindowFinding>& findings);
    // A lasting match of this part, begun then, has ended.
    void end(int part, WallTime from, WallTime until);

    [[nodiscard]] Record snapshot() const;
    [[nodiscard]] static CorrelationWindow restore(const Record& record);

private:
    struct Episode {
        WallTime first{}, last{};
    };

    void judge_counts(const CorrelationSpec& spec, const WindowNumbers& numbers, std::size_t added,
                      std::vector<WindowFinding>& findings);
    void judge_temporal(const CorrelationSpec& spec, const WindowNumbers& numbers, std::size_t added,
                        std::vector<WindowFinding>& findings);
    void judge_ordered(const CorrelationSpec& spec, const WindowNumbers& numbers,
                       std::vector<WindowFinding>& findings);
    void offer(const WindowNumbers& numbers, WindowFinding finding, std::vector<WindowFinding>& findings);
    void forget_old(std::chrono::milliseconds timespan);

    std::vector<WindowMatch> matches_;  // in order of `from`, then of arrival
    std::vector<Episode> episodes_;     // in order
};

}  // namespace sallyport::rules
