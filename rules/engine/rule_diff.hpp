// SPDX-License-Identifier: Apache-2.0
//
// What two sets of rules say otherwise, in words: which documents came, went and changed, and what in them. Layout,
// comments and the order of entries say nothing. Pure; made from the documents themselves, as a compiled rule no longer
// knows its selections.
#pragma once

#include <string>
#include <vector>

#include "rules/engine/rule_set.hpp"

namespace sallyport::rules {

// `before` or `after` is empty where there is nothing. `what` is a path in the author's words: `level`, `condition`,
// `selection stick.is_storage`, `correlation.timespan`, `parameter hold_s`, `routing.to`, `rests on`, `lists`.
struct RuleDifference {
    std::string what, before, after;

    [[nodiscard]] std::string text() const;  // for people, one line
};

struct RuleChange {
    enum class Kind { added, removed, changed };

    Kind kind = Kind::changed;
    bool is_filter = false;
    std::string key, title;        // id, else name, else title; the newer title
    std::string catalogue_id;      // of a rule that has one
    bool generates = false;        // a rule that raises findings, before or after
    std::string file;              // of the newer document
    int line = 0;
    std::vector<RuleDifference> differences;  // of a changed one; in the order of the newer document
};

struct LoadedRules {
    const std::vector<Source>& sources;
    const RuleSet& rules;  // loaded from them
};

// In the order of the newer set, then what went in the order of the older one. A rule whose own document says the same
// counts as changed where what it rests on does.
[[nodiscard]] std::vector<RuleChange> diff_rules(const LoadedRules& before, const LoadedRules& after);

}  // namespace sallyport::rules
