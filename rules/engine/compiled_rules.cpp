// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/compiled_rules.hpp"

#include <algorithm>

namespace sallyport::rules {

const StateSpec* CompiledRule::state() const {
    if (const auto* absence = std::get_if<AbsenceSpec>(&body)) return &absence->state;
    const auto* detection = std::get_if<DetectionSpec>(&body);
    return detection != nullptr && detection->state ? &*detection->state : nullptr;
}

const Rule* CompiledRules::find(std::string_view key) const {
    const auto at =
        std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.key == key; });
    return at == rules_.end() ? nullptr : &*at;
}

}  // namespace sallyport::rules
