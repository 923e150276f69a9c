// SPDX-License-Identifier: Apache-2.0
//
// Why a detection matches an event, or why not: selection by selection, field by field, value by value. Pure;
// made from the documents themselves, as a compiled rule no longer knows its selections.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/engine/logsource.hpp"
#include "rules/engine/rule_set.hpp"

namespace sallyport::rules {

// One `field|modifiers: values` entry, or a list of keywords.
struct ExplainedItem {
    std::string key;  // as written; empty: keywords
    bool holds = false;
    std::string has;                  // what the event has there; `nothing` where the field is absent
    std::vector<std::string> values;  // as written
    std::vector<bool> fulfilled;      // which of them the event has; before `neq` turns the answer round
};

struct ExplainedSelection {
    std::string name;
    bool holds = false;
    std::vector<std::vector<ExplainedItem>> alternatives;  // one of them has to hold, with all its items
};

struct Explanation {
    std::string rule;
    bool logsource_fits = false;
    bool condition_holds = false;
    std::string condition;
    std::vector<ExplainedSelection> selections;
    // Of filters that apply to the rule: their titles, and whether they let the event through.
    std::vector<std::pair<std::string, bool>> filters;

    [[nodiscard]] bool matches() const;
    [[nodiscard]] std::string text() const;  // for people, a line an item
};

// `rule` is an id, a name, a title or a catalogue id; one explanation for each document it names. A sentence
// where there is none, or where it is a correlation or an absence, which no single event decides.
[[nodiscard]] std::variant<std::vector<Explanation>, std::string> explain(
    const std::vector<Source>& sources, std::string_view rule, const Record& event,
    const std::optional<Logsource>& logsource, const PlaceholderSource& placeholders = {});

}  // namespace sallyport::rules
