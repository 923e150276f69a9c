// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/severity.hpp"

#include <algorithm>
#include <iterator>

namespace sallyport::alerts {
namespace {

constexpr std::string_view kRising[] = {"info", "low", "medium", "high", "critical"};

}  // namespace

int severity_rank(std::string_view severity) {
    const auto* at = std::find(std::begin(kRising), std::end(kRising), severity);
    return at == std::end(kRising) ? 0 : static_cast<int>(at - std::begin(kRising));
}

std::string severity_of_level(std::string_view level) {
    return std::string(kRising[severity_rank(level)]);
}

std::string graver(std::string_view one, std::string_view other) {
    return std::string(kRising[std::max(severity_rank(one), severity_rank(other))]);
}

std::string milder(std::string_view one, std::string_view other) {
    return std::string(kRising[std::min(severity_rank(one), severity_rank(other))]);
}

}  // namespace sallyport::alerts
