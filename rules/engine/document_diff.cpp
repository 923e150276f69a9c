// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/document_diff.hpp"

#include <algorithm>

namespace sallyport::rules {
namespace {

using Path = std::vector<std::string>;

bool same(const YamlNode& left, const YamlNode& right) {
    if (left.kind != right.kind) return false;
    if (left.is_scalar()) return left.text == right.text && left.scalar() == right.scalar();
    if (left.is_list())
        return std::equal(left.items.begin(), left.items.end(), right.items.begin(), right.items.end(), same);
    return left.entries.size() == right.entries.size() &&
           std::all_of(left.entries.begin(), left.entries.end(), [&](const YamlEntry& entry) {
               const YamlEntry* other = right.find(entry.key);
               return other != nullptr && same(entry.value, other->value);
           });
}

// As it would stand on one line.
std::string flow_of(const YamlNode& node) {
    if (node.is_scalar()) return node.text.empty() ? (node.is_null() ? "null" : "''") : node.text;
    std::string text;
    for (const YamlNode& item : node.items)
        text += (text.empty() ? "" : ", ") + flow_of(item);
    for (const YamlEntry& entry : node.entries)
        text += (text.empty() ? "" : ", ") + entry.key + ": " + flow_of(entry.value);
    return node.is_list() ? "[" + text + "]" : "{" + text + "}";
}

std::string joined(const Path& path, std::size_t from) {
    std::string text;
    for (std::size_t i = from; i < path.size(); ++i)
        text += (text.empty() ? "" : ".") + path[i];
    return text;
}

// In the author's words: the blocks that everything stands in say nothing by themselves.
std::string name_of(const Path& path) {
    const bool has_selections = path[0] == "detection" || path[0] == "filter";
    if (has_selections && path.size() > 1 && path[1] == "condition") return joined(path, 1);
    if (has_selections && path.size() > 1 && path[1] != "rules") return "selection " + joined(path, 1);
    if (path[0] != "sallyport" || path.size() == 1) return joined(path, 0);
    return path[1] == "parameters" && path.size() > 2 ? "parameter " + joined(path, 2) : joined(path, 1);
}

bool is_list_of_scalars(const YamlNode& node) {
    return node.is_list() && std::all_of(node.items.begin(), node.items.end(),
                                         [](const YamlNode& item) { return item.is_scalar(); });
}

bool contains(const YamlNode& list, const YamlNode& item) {
    return std::any_of(list.items.begin(), list.items.end(), [&](const YamlNode& other) { return same(other, item); });
}

class Comparison {
public:
    void compare(const Path& path, const YamlNode& before, const YamlNode& after) {
        if (same(before, after)) return;
        if (before.is_map() && after.is_map()) return compare_entries(path, before, after);
        if (is_list_of_scalars(before) && is_list_of_scalars(after) && compare_items(path, before, after)) return;
        add(path, flow_of(before), flow_of(after));
    }

    std::vector<RuleDifference> found;

private:
    void add(const Path& path, std::string before, std::string after) {
        found.push_back({name_of(path), std::move(before), std::move(after)});
    }

    void compare_entries(const Path& path, const YamlNode& before, const YamlNode& after) {
        const auto below = [&](const std::string& key) {
            Path longer = path;
            longer.push_back(key);
            return longer;
        };
        for (const YamlEntry& entry : after.entries)
            if (const YamlEntry* older = before.find(entry.key))
                compare(below(entry.key), older->value, entry.value);
            else
                add(below(entry.key), "", flow_of(entry.value));
        for (const YamlEntry& entry : before.entries)
            if (after.find(entry.key) == nullptr) add(below(entry.key), flow_of(entry.value), "");
    }

    // False where only their order or number differs.
    bool compare_items(const Path& path, const YamlNode& before, const YamlNode& after) {
        const std::size_t known = found.size();
        for (const YamlNode& item : after.items)
            if (!contains(before, item)) add(path, "", flow_of(item));
        for (const YamlNode& item : before.items)
            if (!contains(after, item)) add(path, flow_of(item), "");
        return found.size() > known;
    }
};

}  // namespace

std::vector<RuleDifference> diff_documents(const YamlNode& before, const YamlNode& after) {
    Comparison comparison;
    comparison.compare({}, before, after);
    return std::move(comparison.found);
}

}  // namespace sallyport::rules
