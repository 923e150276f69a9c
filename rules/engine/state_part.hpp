// SPDX-License-Identifier: Apache-2.0
//
// What an engine remembers, in pieces small enough to be kept one by one: only a piece that changed has to be written
// again. One is the engine's own, one each rule's, and one each group's of a rule.
#pragma once

#include <functional>
#include <string_view>

#include "protocol/json.hpp"
#include "protocol/result.hpp"

namespace sallyport::rules {

struct StatePart {
    std::string_view rule;   // its key; empty: the engine's own piece
    std::string_view group;  // its values as a JSON list; empty: the rule's own piece
    std::string_view state;  // a JSON record; empty: forgotten, and with a rule's own piece those of its groups
};

// For the texts of all pieces: a reader that has to change its limits is slow.
inline constexpr JsonLimits kStateLimits{
    .bytes_max = std::size_t{1} << 30, .depth_max = 16, .fields_max = std::size_t{1} << 28};

// Takes the pieces one at a time; their texts are valid until it returns. After an error no more come.
using StateSink = std::function<Result<void>(const StatePart&)>;
// Hands out all pieces that there are, a rule's own before those of its groups, the engine's before all.
using StateSource = std::function<Result<void>(const StateSink&)>;

}  // namespace sallyport::rules
