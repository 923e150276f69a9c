// SPDX-License-Identifier: Apache-2.0
//
// The stateless half of the engine: one event in, the detections that match it out. Knows nothing of time,
// windows or findings. One thread at a time; no allocation per event once its buffers have grown.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "rules/engine/event_view.hpp"
#include "rules/engine/logsource.hpp"
#include "rules/engine/match_index.hpp"

namespace sallyport::rules {

class Matcher {
public:
    explicit Matcher(std::shared_ptr<const CompiledRules> rules)
        : Matcher(MatchIndex::build(std::move(rules))) {}
    // Matchers of several threads may share one index.
    explicit Matcher(std::shared_ptr<const MatchIndex> index);

    // The numbers of the detections that match, ascending; valid until the next call.
    const std::vector<int>& match(const Record& fields, const std::optional<Logsource>& logsource,
                                  const ThresholdSource& thresholds);
    // The same for an event as a line. Fails where the line cannot be read.
    [[nodiscard]] Result<const std::vector<int>*> match(const EventLine& line,
                                                        const std::optional<Logsource>& logsource,
                                                        const ThresholdSource& thresholds);
    // Whether this rule matched the last event.
    [[nodiscard]] bool matched(int rule) const { return matched_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] const MatchIndex& index() const { return *index_; }

private:
    // What events of one logsource are looked at for.
    struct Route {
        std::vector<std::uint8_t> active;   // one a detection
        std::vector<int> always;            // active detections without a witness
        std::vector<std::uint8_t> wanted;   // one a field: an active detection asks about it
        std::vector<std::uint8_t> scanned;  // one a field: a witness may be found in it
        bool everything = false;            // keywords search the whole event
    };

    [[nodiscard]] const Route& route_for(const std::optional<Logsource>& logsource);
    [[nodiscard]] Route make_route(const std::optional<Logsource>& logsource) const;
    const std::vector<int>& judge(const Route& route, const ThresholdSource& thresholds);
    void scan(int field);
    void consider(const Route& route, int detection);
    [[nodiscard]] bool answer(int question, const ThresholdSource& thresholds);
    [[nodiscard]] bool run(const Detection& detection, const ThresholdSource& thresholds);

    std::shared_ptr<const MatchIndex> index_;
    EventView view_;
    FieldScan scan_;
    std::unordered_map<std::string, Route> routes_;
    std::string route_key_;

    // Of this event. A number equal to `event_` says that what stands beside it is of this event.
    std::uint32_t event_ = 0;
    const Route* route_ = nullptr;
    std::vector<std::uint32_t> true_in_, asked_in_;  // one a question
    std::vector<std::uint32_t> scanned_in_;          // one a field
    std::vector<std::uint32_t> considered_in_;       // one a detection
    std::vector<int> candidates_;
    std::vector<bool> matched_;  // one a rule
    std::vector<int> matches_;
};

}  // namespace sallyport::rules
