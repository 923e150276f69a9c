// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/policy_file.hpp"

#include <fstream>

#include "protocol/files.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kHeadBytesMax = 4096;

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text(usbguard::kRuleSetBytesMax + kHeadBytesMax, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

}  // namespace

bool PolicyFile::refresh() {
    std::string text = content_of(options_.file);
    if (read_ && text == text_) return false;
    read_ = true;
    text_ = std::move(text);
    usbguard::SignedPolicy policy;
    trouble_ = why_not(text_, policy);
    if (!trouble_.empty()) return false;
    remember(policy);
    const bool other = policy.rules.sha256 != rules_.sha256;
    rules_ = std::move(policy.rules);
    return other;
}

std::string PolicyFile::why_not(const std::string& text, usbguard::SignedPolicy& into) const {
    if (text.empty() || !options_.collector_key) return "policy_missing";
    auto policy = usbguard::decode_policy(text, *options_.collector_key);
    if (!policy) return "policy_refused";
    if (policy->terminal != options_.terminal) return "policy_of_another_terminal";
    if (is_replaced(*policy)) return "policy_replaced";
    into = std::move(*policy);
    return {};
}

// Lower than one that was seen, or the same number with other rules.
bool PolicyFile::is_replaced(const usbguard::SignedPolicy& policy) const {
    std::ifstream file(options_.memory_file);
    std::int64_t version = 0;
    std::string sha256;
    if (!(file >> version >> sha256)) return false;
    return policy.version < version || (policy.version == version && policy.rules.sha256 != sha256);
}

// Failing to remember is no reason to refuse what is signed: the older file would have to be brought by hand.
void PolicyFile::remember(const usbguard::SignedPolicy& policy) const {
    const std::string line = std::to_string(policy.version) + " " + policy.rules.sha256 + "\n";
    if (content_of(options_.memory_file) == line) return;
    static_cast<void>(replace_file(options_.memory_file, line, Secrecy::open));
}

}  // namespace sallyport::agent
