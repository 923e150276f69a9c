// SPDX-License-Identifier: Apache-2.0
//
// The rules as shipped, and their scenarios.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "rules/engine/rule_files.hpp"
#include "rules/engine/scenario.hpp"

namespace sallyport::rules {

inline const std::filesystem::path kShipped = std::filesystem::path(SALLYPORT_SOURCE_DIR) / "rules";

inline std::vector<Source> shipped_sources() {
    auto sources = read_sources({kShipped / "physical-protection"});
    EXPECT_TRUE(sources.ok());
    return std::move(*sources);
}

inline std::shared_ptr<const RuleSet> shipped_rules() {
    auto loaded = RuleSet::load(shipped_sources());
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded)) {
        for (const Fault& fault : *faults)
            ADD_FAILURE() << fault.text();
        return nullptr;
    }
    return std::get<0>(loaded);
}

inline std::vector<Scenario> shipped_scenarios() {
    std::vector<Scenario> all;
    const auto sources = read_sources({kShipped / "scenarios"});
    EXPECT_TRUE(sources.ok());
    for (const Source& source : *sources) {
        auto read = read_scenarios(source);
        if (const auto* faults = std::get_if<std::vector<Fault>>(&read))
            for (const Fault& fault : *faults)
                ADD_FAILURE() << fault.text();
        else
            for (Scenario& scenario : std::get<0>(read))
                all.push_back(std::move(scenario));
    }
    return all;
}

}  // namespace sallyport::rules
