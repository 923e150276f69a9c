// SPDX-License-Identifier: Apache-2.0
//
// What `%name%` stands for in a value with `expand`: given by whoever loads the rules, from registers or
// named lists.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::rules {

// The values of that name, each a plain text; nothing where there is no such name. An empty list is an
// answer: nothing matches it. The error says why it could not be read.
using PlaceholderSource =
    std::function<Result<std::optional<std::vector<std::string>>>(std::string_view name)>;

using NamedLists = std::map<std::string, std::vector<std::string>, std::less<>>;

// These lists, and for other names the other source.
[[nodiscard]] PlaceholderSource lists_before(NamedLists lists, PlaceholderSource others);

// A list as rules rest on it: neither the order of its values nor repetition counts.
struct PlaceholderList {
    std::size_t size = 0;
    std::string digest;  // SHA-256 of the values, in hex

    bool operator==(const PlaceholderList&) const = default;
};
[[nodiscard]] PlaceholderList summary_of(std::vector<std::string> values);

// Asks a source once for each name, so that everything loaded together sees the same, and remembers who asked
// for what. One thread; the source outlives it.
class PlaceholderMemory {
public:
    explicit PlaceholderMemory(const PlaceholderSource& source) : source_(source) {}
    PlaceholderMemory(const PlaceholderMemory&) = delete;
    PlaceholderMemory& operator=(const PlaceholderMemory&) = delete;

    [[nodiscard]] Result<std::optional<std::vector<std::string>>> values_of(std::string_view name);
    // The names asked for since the last call.
    [[nodiscard]] std::set<std::string> take_names() { return std::exchange(names_, {}); }
    // Every list that was there.
    [[nodiscard]] const std::map<std::string, PlaceholderList>& lists() const { return lists_; }

private:
    const PlaceholderSource& source_;
    NamedLists answered_;
    std::map<std::string, PlaceholderList> lists_;
    std::set<std::string> names_;
};

}  // namespace sallyport::rules
