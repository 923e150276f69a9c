// SPDX-License-Identifier: Apache-2.0
//
// What a watch has told, kept in a small file over restarts of the agent, so that a change made while it did not run is found. A
// lost or broken file makes the present the new beginning. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.hpp"
#include "protocol/value.hpp"

namespace sallyport::agent {

class WatchMemory {
public:
    // An empty path: nothing is kept.
    explicit WatchMemory(std::filesystem::path file);

    // Empty when nothing is known.
    [[nodiscard]] Record find(std::string_view name) const;
    void set(std::string_view name, Record known);
    // Durable when it returns; writes only what changed.
    [[nodiscard]] Result<void> save();

private:
    const std::filesystem::path file_;
    Record known_;
    bool changed_ = false;
};

}  // namespace sallyport::agent
