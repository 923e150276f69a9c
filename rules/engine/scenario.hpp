// SPDX-License-Identifier: Apache-2.0
//
// A rule's test as a policy officer reads it: given, when, then. Format: docs/formats/rules.md, "Scenarios".
//
// What stands in the end is looked at: what a late event has withdrawn is not. Each scenario is run twice,
// the second time with every event delivered twice: that must change nothing. Where rules watch over members,
// the scenario's terminal is one, as its fields stand at each moment; they are told of it every minute.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/engine/engine.hpp"

namespace sallyport::rules {

struct ScenarioStep {
    WallTime at{};
    std::optional<Record> fields;  // of an event; nothing: only the clock goes on
    std::string type;
    Record member;  // what is known of the terminal from then on
};

struct ScenarioExpectation {
    std::string severity;
    FindingPhase phase = FindingPhase::raised;
    WallTime at{};
    std::optional<WallTime> since;
};

struct Scenario {
    std::string file;
    int line = 0;
    std::string catalogue_id;  // only its findings are looked at
    std::string name;
    std::map<std::string, double> parameters;  // what the site has set
    std::vector<ScenarioStep> steps;           // in the order of arrival
    std::vector<ScenarioExpectation> expected;
};

[[nodiscard]] std::variant<std::vector<Scenario>, std::vector<Fault>> read_scenarios(const Source& source);

// What went otherwise, a sentence each; nothing when all is as expected.
[[nodiscard]] std::vector<std::string> run_scenario(const Scenario& scenario,
                                                    const std::shared_ptr<const RuleSet>& rules);

}  // namespace sallyport::rules
