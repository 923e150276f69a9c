// SPDX-License-Identifier: Apache-2.0
//
// The stateless half of the engine: one event in, the detections that match it out. Knows nothing of time,
// windows or findings. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/logsource.hpp"

namespace sallyport::rules {

class Matcher {
public:
    explicit Matcher(std::shared_ptr<const CompiledRules> rules);

    // The numbers of the detections that match, ascending; valid until the next call.
    const std::vector<int>& match(const Record& fields, const std::optional<Logsource>& logsource,
                                  const ThresholdSource& thresholds);
    // Whether this rule matched the last event.
    [[nodiscard]] bool matched(int rule) const { return matched_[static_cast<std::size_t>(rule)]; }

private:
    enum class Answer : std::uint8_t { unknown, no, yes };

    std::shared_ptr<const CompiledRules> rules_;
    std::vector<int> detections_;
    EventView view_;
    std::vector<Answer> answers_;  // of this event's predicates
    std::vector<bool> matched_;    // one a rule
    std::vector<int> matches_;
};

}  // namespace sallyport::rules
