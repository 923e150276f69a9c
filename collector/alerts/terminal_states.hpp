// SPDX-License-Identifier: Apache-2.0
//
// What all terminals are doing, and of which of them that is no longer what was saved. One thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "collector/alerts/terminal_state.hpp"
#include "protocol/result.hpp"

namespace sallyport::alerts {

class TerminalStates {
public:
    // To be changed by the caller; made where it is not known.
    [[nodiscard]] TerminalState& change(const std::string& terminal);
    // nullptr: nothing is known of it.
    [[nodiscard]] const TerminalState* find(std::string_view terminal) const;
    [[nodiscard]] bool empty() const { return states_.empty(); }

    // Those that changed since saved(). Fails as `use` does.
    using Use = std::function<Result<void>(std::string_view terminal, const TerminalState& state)>;
    [[nodiscard]] Result<void> changes(const Use& use) const;
    void saved() { changed_.clear(); }
    // As it was saved.
    void restore(std::string_view terminal, TerminalState state);

private:
    std::map<std::string, TerminalState, std::less<>> states_;
    std::set<std::string, std::less<>> changed_;
};

}  // namespace sallyport::alerts
