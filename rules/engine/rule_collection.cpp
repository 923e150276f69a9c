// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/rule_collection.hpp"

#include <algorithm>
#include <optional>

namespace sallyport::rules {
namespace {

void merge(YamlNode& into, const YamlNode& from) {
    for (const YamlEntry& entry : from.entries) {
        const auto same = std::find_if(into.entries.begin(), into.entries.end(),
                                       [&](const YamlEntry& known) { return known.key == entry.key; });
        if (same == into.entries.end())
            into.entries.push_back(entry);
        else if (same->value.is_map() && entry.value.is_map())
            merge(same->value, entry.value);
        else
            *same = entry;
    }
}

YamlNode merged(const YamlNode& base, const YamlNode& document) {
    YamlNode rule = base;
    rule.kind = document.kind;
    rule.place = document.place;
    merge(rule, document);
    return rule;
}

// Takes the entry out of the document.
std::optional<YamlEntry> take_action(YamlNode& document) {
    const auto at = std::find_if(document.entries.begin(), document.entries.end(),
                                 [](const YamlEntry& entry) { return entry.key == "action"; });
    if (at == document.entries.end()) return std::nullopt;
    YamlEntry action = std::move(*at);
    document.entries.erase(at);
    return action;
}

}  // namespace

std::vector<YamlNode> expand_collection(std::vector<YamlNode> documents, const Reporter& report) {
    std::vector<YamlNode> rules;
    YamlNode shared;
    for (YamlNode& document : documents) {
        const auto action = take_action(document);
        const std::string what = action ? action->value.text : "";
        if (action && what == "global") {
            shared = merged(shared, document);
        } else if (action && what == "reset") {
            shared = {};
            for (const YamlEntry& entry : document.entries)
                report(entry.place, "beside `action: reset` nothing is said");
        } else if (action && what == "repeat") {
            if (rules.empty())
                report(action->place, "there is no rule before this one to repeat");
            else
                rules.push_back(merged(rules.back(), document));
        } else if (action) {
            report(action->value.place, "`action` is global, reset or repeat, not '" + what + "'");
        } else {
            rules.push_back(document.is_map() ? merged(shared, document) : std::move(document));
        }
    }
    return rules;
}

}  // namespace sallyport::rules
