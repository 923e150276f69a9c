// SPDX-License-Identifier: Apache-2.0
//
// Where an event comes from, and what a rule asks of that.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sallyport::rules {

struct Logsource {
    std::string product;                // `sallyport`
    std::vector<std::string> category;  // `usb`, `print`, ...: the part of the type before the dot
    std::vector<std::string> service;
};

// What a rule's logsource asks for; empty: anything.
struct LogsourceFilter {
    std::string product, category, service;
};

// An event without a logsource fits every rule.
[[nodiscard]] bool fits(const LogsourceFilter& filter, const std::optional<Logsource>& logsource);

}  // namespace sallyport::rules
