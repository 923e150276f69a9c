// SPDX-License-Identifier: Apache-2.0
//
// Rules from files: the engine itself opens none.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "protocol/result.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::rules {

// Every `.yml` and `.yaml` under the paths (files, or folders with what is beneath them), in the order of
// their names.
[[nodiscard]] Result<std::vector<Source>> read_sources(const std::vector<std::filesystem::path>& paths);

// RuleSet::load() for whoever wants rules or one sentence: how many faults there are, and the first of them.
// Errc::bad_input.
[[nodiscard]] Result<std::shared_ptr<const RuleSet>> load_rules(const std::vector<Source>& sources,
                                                                const PlaceholderSource& placeholders = {});

}  // namespace sallyport::rules
