// SPDX-License-Identifier: Apache-2.0
//
// Rules on a bench: a text of rules, events put in by hand, and what came out as short lines a test can
// compare.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
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

inline Members members_of(const std::vector<Record>& members) {
    return [&members](const auto& use) {
        for (const Record& member : members)
            use(member);
    };
}

// Keeps an engine's pieces by rule and group, as the store does.
class Keeper {
public:
    using Pieces = std::map<std::pair<std::string, std::string>, std::string>;

    [[nodiscard]] StateSink sink() {
        return [this](const StatePart& part) -> Result<void> {
            handed_.emplace_back(std::string(part.rule) + (part.state.empty() ? " -" : " ") + std::string(part.group));
            if (!part.state.empty())
                pieces_[{std::string(part.rule), std::string(part.group)}] = part.state;
            else if (!part.group.empty())
                pieces_.erase({std::string(part.rule), std::string(part.group)});
            else
                std::erase_if(pieces_, [&](const auto& piece) { return piece.first.first == part.rule; });
            return {};
        };
    }
    [[nodiscard]] StateSource source() const {
        return [this](const StateSink& sink) -> Result<void> {
            for (const auto& [name, state] : pieces_)
                if (auto done = sink({name.first, name.second, state}); !done) return done;
            return {};
        };
    }
    // What has changed in it since the last time.
    Keeper& save(Engine& engine) {
        handed_.clear();
        EXPECT_TRUE(engine.changes(sink()));
        engine.saved();
        return *this;
    }
    [[nodiscard]] const Pieces& pieces() const { return pieces_; }
    // `rule group` of each piece that save() was handed, ` -` before the group where it is gone.
    [[nodiscard]] std::vector<std::string> handed() const {
        auto sorted = handed_;
        std::sort(sorted.begin(), sorted.end());
        return sorted;
    }

private:
    Pieces pieces_;
    std::vector<std::string> handed_;
};

// All that it remembers.
inline Keeper snapshot_of(const Engine& engine) {
    Keeper keeper;
    EXPECT_TRUE(engine.snapshot(keeper.sink()));
    return keeper;
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
