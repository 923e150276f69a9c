// SPDX-License-Identifier: Apache-2.0
//
// The terminal's signed allow list as it lies on the terminal (protocol/usbguard/signed_policy.hpp). Whatever is wrong
// with the file, what was good before stays in force; where nothing ever was, the rules are empty and only the default
// decides.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "protocol/crypto.hpp"
#include "protocol/usbguard/signed_policy.hpp"

namespace sallyport::agent {

struct PolicyOptions {
    std::string terminal;
    std::filesystem::path file;
    std::filesystem::path memory_file;  // the highest version ever taken, and its rules' hash: a lower one is refused
    std::optional<PublicKey> collector_key;
};

class PolicyFile {
public:
    explicit PolicyFile(PolicyOptions options) : options_(std::move(options)) {}

    // Reads the file again if it changed. True: other rules hold now.
    [[nodiscard]] bool refresh();
    [[nodiscard]] const usbguard::RuleSet& rules() const { return rules_; }
    // A token; empty when the file is in force: `policy_missing`, `policy_refused`, `policy_of_another_terminal`,
    // `policy_replaced`.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

private:
    [[nodiscard]] std::string why_not(const std::string& text, usbguard::SignedPolicy& into) const;
    [[nodiscard]] bool is_replaced(const usbguard::SignedPolicy& policy) const;
    void remember(const usbguard::SignedPolicy& policy) const;

    const PolicyOptions options_;
    usbguard::RuleSet rules_ = usbguard::read_rule_set({});
    std::string text_;
    bool read_ = false;
    std::string trouble_ = "policy_missing";
};

}  // namespace sallyport::agent
