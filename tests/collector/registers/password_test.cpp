// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/password.hpp"

#include <gtest/gtest.h>

namespace sallyport::registers {
namespace {

bool matches(std::string_view password, const PasswordHash& stored) {
    return verify_password(password, stored.salt, stored.rounds, stored.hash);
}

TEST(Password, GivenTheRightOneThenItMatchesAndNoOtherDoes) {
    const auto stored = hash_password("correct horse battery");
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->rounds, 600'000);
    EXPECT_TRUE(matches("correct horse battery", *stored));
    EXPECT_FALSE(matches("correct horse batterx", *stored));
    EXPECT_FALSE(matches("", *stored));
}

TEST(Password, GivenTheSameOneTwiceThenSaltAndHashDiffer) {
    const auto first = hash_password("correct horse battery"), second = hash_password("correct horse battery");
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->salt, second->salt);
    EXPECT_NE(first->hash, second->hash);
}

TEST(Password, GivenAKnownAnswerThenItIsPbkdf2WithHmacSha256) {
    // RFC 7914 section 11: PBKDF2-HMAC-SHA-256 of "passwd", "salt", 1 round, its first 32 bytes.
    const PasswordHash stored{{'s', 'a', 'l', 't'},
                              *from_hex("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"), 1};
    EXPECT_TRUE(matches("passwd", stored));
}

TEST(Password, GivenTooShortOrTooLongThenRefused) {
    EXPECT_FALSE(hash_password("elevenbytes"));
    EXPECT_FALSE(hash_password(std::string(257, 'x')));
    EXPECT_TRUE(hash_password(std::string(256, 'x')));
}

TEST(Password, GivenADamagedRowThenNothingMatches) {
    auto stored = *hash_password("correct horse battery");
    stored.hash.pop_back();
    EXPECT_FALSE(matches("correct horse battery", stored));
    EXPECT_FALSE(matches("", {}));
}

}  // namespace
}  // namespace sallyport::registers
