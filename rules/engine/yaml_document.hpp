// SPDX-License-Identifier: Apache-2.0
//
// YAML as the rules see it: a tree of our own in which every node knows its line and column.
//
// Stricter than YAML, so that no two readers of a rule can disagree about it: duplicate keys, anchors and
// aliases, keys that are not scalars, and more than the bounds below are refused. Plain scalars are typed as
// in the YAML 1.2 core schema (`yes` is a word, not a flag); quoted ones are always text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/engine/rule_set.hpp"

namespace sallyport::rules {

struct Place {
    int line = 1;
    int column = 1;
};

struct YamlEntry;

struct YamlNode {
    enum class Kind { scalar, list, map };

    Kind kind = Kind::scalar;
    Place place;
    std::string text;     // of a scalar
    bool quoted = false;  // of a scalar: text whatever it looks like
    std::vector<YamlNode> items;
    std::vector<YamlEntry> entries;

    [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
    [[nodiscard]] bool is_list() const { return kind == Kind::list; }
    [[nodiscard]] bool is_map() const { return kind == Kind::map; }
    [[nodiscard]] const YamlEntry* find(std::string_view key) const;
    // A scalar with its type: null, flag, integer, number or text. Null for lists and maps.
    [[nodiscard]] Value scalar() const;
    [[nodiscard]] bool is_null() const { return is_scalar() && scalar().is_null(); }
};

struct YamlEntry {
    std::string key;
    Place place;  // of the key
    YamlNode value;
};

inline constexpr std::size_t kYamlBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kYamlNodesMax = 1'000'000;
inline constexpr std::size_t kYamlDepthMax = 24;

// The documents of one source. Empty documents are left out. Faults are added; then the result is not to be
// used.
[[nodiscard]] std::vector<YamlNode> parse_yaml(const Source& source, std::vector<Fault>& faults);

}  // namespace sallyport::rules
