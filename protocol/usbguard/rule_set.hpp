// SPDX-License-Identifier: Apache-2.0
//
// A file of rules: read whole or refused whole, and what it decides about a device. The first rule that matches decides;
// where none does, `default` does, which is a rule of its own and blocks.
#pragma once

#include <string>
#include <vector>

#include "protocol/usbguard/rule.hpp"

namespace sallyport::usbguard {

inline constexpr std::size_t kRuleSetBytesMax = 256 * 1024;

struct NumberedRule {
    std::size_t line = 0;  // from 1
    Rule rule;
};

struct RuleFault {
    std::size_t line = 0;
    std::string reason;
    [[nodiscard]] std::string text() const { return "line " + std::to_string(line) + ": " + reason; }
};

struct RuleSet {
    std::vector<NumberedRule> rules;
    std::vector<RuleFault> faults;  // of all lines at once
    std::string sha256;             // of the text, 64 hex digits: which set decided
};

// Lines end with LF or CRLF.
[[nodiscard]] RuleSet read_rule_set(std::string_view text);

// What a rule may be asked of: a device as it stands on the bus.
struct Device {
    std::uint16_t vid = 0, pid = 0;
    std::string serial, name, hash, parent_hash, port, connect_type;
    std::vector<InterfaceType> interfaces;
};

[[nodiscard]] bool matches(const Rule& rule, const Device& device);

struct Decision {
    bool allowed = false;
    std::string rule;  // `rule-3`: the third of the set; or `default`
};

[[nodiscard]] Decision decide(const RuleSet& rules, const Device& device);

// Why a terminal cannot act on this rule; empty where it can. Only conditions that are always the same are understood: the
// others ask for chance, for the time, or for what happened before.
[[nodiscard]] std::string why_not_enforceable(const Rule& rule);

}  // namespace sallyport::usbguard
