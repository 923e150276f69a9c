// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/window_relief.hpp"

#include <algorithm>

namespace sallyport::rules {

std::int64_t telling_event(const Rule& rule, const Finding& finding) {
    if (finding.evidence.empty()) return 0;
    const bool lasts = rule.state_alert || finding.kind == FindingKind::absence;
    return lasts ? finding.evidence.front() : finding.evidence.back();
}

std::optional<std::string> severity_in_window(const Rule& rule, const Record& fields) {
    constexpr std::string_view kRising[] = {"info", "low", "medium", "high", "critical"};
    for (const std::string_view severity : kRising)
        for (const auto& [window, leaves] : rule.windows)
            if (leaves == severity && flag_of(fields, "window." + window)) return leaves;
    return std::nullopt;
}

}  // namespace sallyport::rules
