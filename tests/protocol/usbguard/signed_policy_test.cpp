// SPDX-License-Identifier: Apache-2.0
#include "protocol/usbguard/signed_policy.hpp"

#include <gtest/gtest.h>

namespace sallyport::usbguard {
namespace {

const WallTime kIssued{std::chrono::milliseconds(1'795'456'800'000)};
constexpr const char* kRules = "# desk\nallow id 0781:5581 serial \"4C530001230712\"\n";

class Policy : public ::testing::Test {
protected:
    std::string signed_text() const { return *encode_policy("T-0001", 7, kIssued, kRules, key_); }

    SigningKey key_ = *SigningKey::generate();
};

TEST_F(Policy, GivenASignedListWhenReadThenItIsWhatWasSignedAndReadableAsText) {
    const std::string text = signed_text();
    EXPECT_TRUE(text.ends_with(kRules));
    const auto policy = decode_policy(text, key_.public_key());
    ASSERT_TRUE(policy) << policy.error().message();
    EXPECT_EQ(policy->terminal, "T-0001");
    EXPECT_EQ(policy->version, 7);
    EXPECT_EQ(policy->issued_at, kIssued);
    EXPECT_EQ(policy->rules.rules.size(), 1u);
}

TEST_F(Policy, GivenAnyByteChangedWhenReadThenItIsRefused) {
    const std::string text = signed_text();
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = changed[at] == '1' ? '2' : '1';
        EXPECT_FALSE(decode_policy(changed, key_.public_key())) << "byte " << at;
    }
    EXPECT_FALSE(decode_policy(text + "allow\n", key_.public_key()));
    EXPECT_FALSE(decode_policy("", key_.public_key()));
    EXPECT_FALSE(decode_policy(text, SigningKey::generate()->public_key())) << "another collector's";
}

TEST_F(Policy, GivenRulesThatNoTerminalCanActOnWhenSignedThenTheyAreRefusedByLine) {
    const auto conditional = encode_policy("T-0001", 1, kIssued, "allow\nallow if localtime(1:00)\n", key_);
    ASSERT_FALSE(conditional);
    EXPECT_NE(conditional.error().message().find("line 2"), std::string::npos) << conditional.error().message();
    EXPECT_FALSE(encode_policy("T-0001", 1, kIssued, "alow\n", key_));
    EXPECT_FALSE(encode_policy("T-0001", 0, kIssued, "allow\n", key_)) << "versions begin with 1";
}

}  // namespace
}  // namespace sallyport::usbguard
