// SPDX-License-Identifier: Apache-2.0
//
// A rule file with one thing in it changed: a threshold moved by one, a value or a term left out, an `and`
// made an `or`, a window forgotten. Scenarios that all still pass say nothing about that thing.
#pragma once

#include <string>
#include <vector>

#include "rules/engine/rule_set.hpp"

namespace sallyport::rules {

struct Mutant {
    int line = 0, column = 0;
    std::string what;  // `idle_s|gte: 1800 -> 1801`
    std::string text;  // the whole file, so changed
};

[[nodiscard]] std::vector<Mutant> mutants_of(const Source& source);

}  // namespace sallyport::rules
