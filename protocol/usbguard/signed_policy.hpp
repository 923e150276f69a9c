// SPDX-License-Identifier: Apache-2.0
//
// A terminal's allow list as the collector signed it: one line of JSON, then the rules in USBGuard's language as they were
// written, comments included, so that whoever stands before the terminal can read what holds there. Its version rises: a
// terminal that has seen a higher one refuses this one, so that a list which was replaced does not come back.
// docs/formats/usb-policy.md has an example.
#pragma once

#include <string>
#include <string_view>

#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"
#include "protocol/usbguard/rule_set.hpp"

namespace sallyport::usbguard {

struct SignedPolicy {
    std::string terminal;
    std::int64_t version = 0;  // at least 1
    WallTime issued_at{};
    RuleSet rules;
};

// Refused: a rule that is none, or that no terminal can act on; every fault by its line.
[[nodiscard]] Result<std::string> encode_policy(std::string_view terminal, std::int64_t version, WallTime issued_at,
                                                std::string_view rules, const SigningKey& collector);
// Checks signature, hash of the rules and the rules.
[[nodiscard]] Result<SignedPolicy> decode_policy(std::string_view text, const PublicKey& collector);

}  // namespace sallyport::usbguard
