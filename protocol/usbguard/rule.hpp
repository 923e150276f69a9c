// SPDX-License-Identifier: Apache-2.0
//
// One rule of USBGuard's language (usbguard-rules.conf(5), version 1.1), as a value. What it says is kept whole, also what
// Sallyport itself cannot act on, so that a file can be read and written back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::usbguard {

enum class Target { allow, block, reject, match, device };

// How a device's values must stand to the rule's. `equals` is what a bare value and a set without a word mean.
enum class Operator { equals, equals_ordered, all_of, one_of, none_of, match_all };

template <class Value>
struct Values {
    Operator how = Operator::equals;
    std::vector<Value> all;  // never empty
    bool operator==(const Values&) const = default;
};
using Texts = Values<std::string>;

// `*:*`, `0781:*`, `0781:5581`: what is empty stands for any.
struct DeviceId {
    std::optional<std::uint16_t> vid, pid;
    bool operator==(const DeviceId&) const = default;
};

// `08:*:*`, `08:06:*`, `08:06:50`.
struct InterfaceType {
    std::uint8_t type = 0;
    std::optional<std::uint8_t> subtype, protocol;
    bool operator==(const InterfaceType&) const = default;
};

// `true`, `false`, `localtime(...)`, `allowed-matches(...)`, `rule-applied[(...)]`, `rule-evaluated[(...)]`, `random[(...)]`.
struct Condition {
    bool negated = false;
    std::string name;
    std::optional<std::string> argument;  // as written, without the brackets
    bool operator==(const Condition&) const = default;
};

struct Rule {
    Target target = Target::block;
    std::optional<Values<DeviceId>> id;
    std::optional<Texts> serial, name, hash, parent_hash, via_port;
    std::optional<Values<InterfaceType>> with_interface;
    std::optional<Texts> with_connect_type, label;
    std::optional<Values<Condition>> conditions;
    std::optional<std::string> key;
    bool operator==(const Rule&) const = default;
};

// Empty where the line is blank or a comment. The error names the column, from 1.
[[nodiscard]] Result<std::optional<Rule>> read_rule(std::string_view line);

// One line without its end: attributes in a fixed order, hex digits small, so that equal rules are equal text.
[[nodiscard]] std::string write_rule(const Rule& rule);

[[nodiscard]] std::string_view to_text(Target target);

}  // namespace sallyport::usbguard
