// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/terminal_states.hpp"

namespace sallyport::alerts {

TerminalState& TerminalStates::change(const std::string& terminal) {
    changed_.insert(terminal);
    return states_[terminal];
}

const TerminalState* TerminalStates::find(std::string_view terminal) const {
    const auto at = states_.find(terminal);
    return at == states_.end() ? nullptr : &at->second;
}

Result<void> TerminalStates::changes(const Use& use) const {
    for (const std::string& terminal : changed_)
        if (auto done = use(terminal, states_.find(terminal)->second); !done) return done;
    return {};
}

void TerminalStates::restore(std::string_view terminal, TerminalState state) {
    states_.insert_or_assign(std::string(terminal), std::move(state));
}

}  // namespace sallyport::alerts
