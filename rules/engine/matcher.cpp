// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/matcher.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::rules {

Matcher::Matcher(std::shared_ptr<const CompiledRules> rules)
    : rules_(std::move(rules)),
      view_(rules_->table.fields()),
      answers_(rules_->table.predicates().size()),
      matched_(rules_->compiled.size()) {
    for (std::size_t i = 0; i < rules_->compiled.size(); ++i)
        if (std::holds_alternative<DetectionSpec>(rules_->compiled[i].body))
            detections_.push_back(static_cast<int>(i));
}

const std::vector<int>& Matcher::match(const Record& fields, const std::optional<Logsource>& logsource,
                                       const ThresholdSource& thresholds) {
    for (const int rule : matches_)
        matched_[static_cast<std::size_t>(rule)] = false;
    matches_.clear();
    view_.reset(fields);
    std::fill(answers_.begin(), answers_.end(), Answer::unknown);
    const auto holds = [&](int index) {
        Answer& answer = answers_[static_cast<std::size_t>(index)];
        if (answer == Answer::unknown)
            answer = view_.holds(rules_->table.predicates()[static_cast<std::size_t>(index)], thresholds)
                         ? Answer::yes
                         : Answer::no;
        return answer == Answer::yes;
    };
    for (const int rule : detections_) {
        const auto& spec = std::get<DetectionSpec>(rules_->compiled[static_cast<std::size_t>(rule)].body);
        if (!fits(spec.logsource, logsource) || !evaluate(spec.expression, holds)) continue;
        matched_[static_cast<std::size_t>(rule)] = true;
        matches_.push_back(rule);
    }
    return matches_;
}

}  // namespace sallyport::rules
