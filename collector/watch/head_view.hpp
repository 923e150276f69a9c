// SPDX-License-Identifier: Apache-2.0
//
// What one look saw: whether collector and broker answer, and the head of the evidence log that each of them shows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "collector/evidence/checkpoint.hpp"
#include "protocol/clock.hpp"

namespace sallyport::watch {

// What one side shows.
struct HeadView {
    std::optional<std::string> silence;     // why nothing was heard
    std::optional<std::string> checkpoint;  // the signed head as it came; nothing where it has none
    [[nodiscard]] bool answers() const { return !silence; }
};

struct Look {
    WallTime at{};
    HeadView collector;  // over HTTPS
    HeadView broker;     // retained under sallyport/1/{ori}/head
};

// Asks the collector for the path from one size of its tree to a later one.
using AskForGrowth = std::function<Result<std::vector<Digest>>(std::uint64_t from, std::uint64_t to)>;

}  // namespace sallyport::watch
