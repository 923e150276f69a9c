// SPDX-License-Identifier: Apache-2.0
//
// Rules on a bench: a text of rules, events put in by hand, and what came out as short lines a test can
// compare.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "rules/engine/engine.hpp"

namespace sallyport::rules {

inline WallTime at_second(double seconds) {
    return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
}

inline std::vector<std::string> faults_of(const std::string& text) {
    const auto loaded = RuleSet::load({{"rule.yml", text}});
    std::vector<std::string> texts;
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded))
        for (const Fault& fault : *faults)
            texts.push_back(fault.text());
    return texts;
}

inline std::shared_ptr<const RuleSet> load_rules(const std::string& text) {
    auto loaded = RuleSet::load({{"rule.yml", text}});
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded)) {
        for (const Fault& fault : *faults)
            ADD_FAILURE() << fault.text();
        return nullptr;
    }
    return std::get<0>(loaded);
}

// `brute user=alice =3 @2 from 0`: rule, group, value, time, start; `~` before the rule when it cleared, `!` when
// it was withdrawn.
inline std::string line_of(const Finding& finding) {
    const auto seconds = [](WallTime time) {
        const auto count = time.time_since_epoch().count();
        return count % 1000 == 0 ? std::to_string(count / 1000)
                                 : std::to_string(static_cast<double>(count) / 1000.0);
    };
    std::string line = finding.phase == FindingPhase::cleared     ? "~"
                       : finding.phase == FindingPhase::withdrawn ? "!"
                                                                  : "";
    line += finding.rule;
    for (const auto& [field, value] : finding.group)
        line += " " + field + "=" + value;
    if (finding.kind != FindingKind::detection)
        line += " =" + std::to_string(static_cast<int>(finding.value));
    line += " @" + seconds(finding.at);
    if (finding.started_at != finding.at) line += " from " + seconds(finding.started_at);
    return line;
}

// What stands in the end: raised and not withdrawn, with the last time at which it was cleared.
inline std::vector<Finding> standing(const std::vector<Finding>& findings) {
    std::vector<Finding> standing;
    for (const Finding& finding : findings) {
        const auto same = [&](const Finding& other) {
            return other.rule == finding.rule && other.group == finding.group &&
                   other.started_at == finding.started_at &&
                   (finding.phase == FindingPhase::withdrawn || other.phase == finding.phase);
        };
        if (finding.phase != FindingPhase::raised) std::erase_if(standing, same);
        if (finding.phase != FindingPhase::withdrawn) standing.push_back(finding);
    }
    return standing;
}

class Bench {
public:
    explicit Bench(const std::string& text, ParameterSource parameters = nullptr) : rules_(load_rules(text)) {
        if (rules_ != nullptr) engine_ = Engine::create(rules_, std::move(parameters));
    }

    Bench& put(double second, Record fields, std::int64_t reference = 0) {
        engine_->process({reference != 0 ? reference : ++last_reference_, at_second(second), std::nullopt,
                          std::move(fields)},
                         found_);
        return *this;
    }
    Bench& advance(double second) {
        engine_->advance(at_second(second), found_);
        return *this;
    }

    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        for (const Finding& finding : found_)
            lines.push_back(line_of(finding));
        return lines;
    }
    [[nodiscard]] const std::vector<Finding>& found() const { return found_; }
    [[nodiscard]] const RuleSet& rules() const { return *rules_; }
    [[nodiscard]] Engine& engine() { return *engine_; }

private:
    std::shared_ptr<const RuleSet> rules_;
    std::unique_ptr<Engine> engine_;
    std::vector<Finding> found_;
    std::int64_t last_reference_ = 0;
};

using Lines = std::vector<std::string>;

}  // namespace sallyport::rules
