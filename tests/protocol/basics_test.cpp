// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>

#include "protocol/bytes.hpp"
#include "protocol/chain.hpp"
#include "protocol/crypto.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/topics.hpp"

namespace sallyport {
namespace {

TEST(Bytes, GivenAnyLengthWhenWrittenAsBase64ThenItReadsBack) {
    for (std::size_t size = 0; size < 70; ++size) {
        const Bytes bytes = random_bytes(size);
        EXPECT_EQ(*from_base64(to_base64(bytes)), bytes);
        EXPECT_EQ(*from_hex(to_hex(bytes)), bytes);
    }
}

// One key or signature has one spelling: otherwise a changed message could still verify.
TEST(Bytes, GivenAnotherSpellingOfBase64WhenReadThenItIsRefused) {
    for (const char* text : {"AA", "AAA", "AB==", "AAB=", "A===", "====", "AAAA\n", " AAA", "AA=A", "-_AA"})
        EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Bytes, GivenHexOfTheWrongKindWhenReadThenItIsRefused) {
    for (const char* text : {"a", "AB", "0g", "0x"})
        EXPECT_FALSE(from_hex(text)) << text;
    EXPECT_FALSE(digest_from_hex(std::string(62, 'a')));
}

TEST(Bytes, GivenFieldsThatJoinAlikeWhenFramedThenTheyDiffer) {
    Bytes one, two;
    append_framed(one, "ab");
    append_framed(one, "c");
    append_framed(two, "a");
    append_framed(two, "bc");
    EXPECT_NE(one, two);
}

TEST(Timestamp, GivenTimesWhenFormattedThenTheyReadBack) {
    for (const std::int64_t ms : {0LL, 1'795'456'800'123LL, 951'782'400'000LL}) {
        const WallTime time{std::chrono::milliseconds(ms)};
        EXPECT_EQ(*parse_time(format_time(time)), time);
    }
    EXPECT_EQ(format_time(*parse_time("2026-11-23T18:04:05.12Z")), "2026-11-23T18:04:05.120Z");
}

// CSP AU-8: UTC, at least 1/100 s.
TEST(Timestamp, GivenAnotherFormOfTimeWhenReadThenItIsRefused) {
    for (const char* text : {"", "2026-11-23T18:04:05Z", "2026-11-23T18:04:05.1Z", "2026-11-23T18:04:05.12+00:00",
                             "2026-02-30T18:04:05.12Z", "2026-11-23 18:04:05.12Z", "2026-11-23T24:04:05.12Z",
                             "2026-11-23T18:04:60.12Z", "2026-11-23T18:04:05.1x2Z"})
        EXPECT_FALSE(parse_time(text)) << text;
}

TEST(Topics, GivenATopicWhenParsedThenItWritesBack) {
    const Topic topic{"CA0300000", "T-0001", Channel::status};
    EXPECT_EQ(to_string(topic), "sallyport/1/CA0300000/T-0001/status");
    EXPECT_EQ(parse_topic(to_string(topic)), topic);
}

TEST(Topics, GivenAnythingElseWhenParsedThenItIsNoTopicOfOurs) {
    for (const char* text : {"", "sallyport/1/CA0300000/T-1", "sallyport/1/CA0300000/T-1/events/x", "sallyport/2/CA0300000/T-1/ack",
                             "sallyport/1/ca0300000/T-1/ack", "sallyport/1/CA0300000/+/ack", "sallyport/1/CA0300000//ack",
                             "sallyport/1/CA0300000/../ack", "sallyport/1/CA0300000/T-1/head"})
        EXPECT_FALSE(parse_topic(text)) << text;
}

TEST(Chain, GivenRfc6962sOwnVectorsWhenHashedThenTheyFit) {
    // RFC 6962 section 2.1: the hash of an empty leaf, and of the leaf "L123456" as published in its implementations.
    EXPECT_EQ(to_hex(leaf_of("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    EXPECT_EQ(to_hex(leaf_of("L123456")), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
}

TEST(Chain, GivenAnotherTerminalInstanceOrKeyWhenStartedThenTheGenesisDiffers) {
    const auto key = SigningKey::generate()->public_key();
    const Digest genesis = chain_genesis("T-1", "a", key);
    EXPECT_NE(genesis, chain_genesis("T-2", "a", key));
    EXPECT_NE(genesis, chain_genesis("T-1", "b", key));
    EXPECT_NE(genesis, chain_genesis("T-1", "a", SigningKey::generate()->public_key()));
    EXPECT_NE(chain_genesis("T-1", "1a", key), chain_genesis("T-11", "a", key));
}

class KeyFile : public ::testing::Test {
protected:
    void SetUp() override { std::filesystem::remove(file_); }
    void TearDown() override { std::filesystem::remove(file_); }
    const std::filesystem::path file_ =
        std::filesystem::temp_directory_path() / ("key." + random_id() + ".pem");
};

TEST_F(KeyFile, GivenASavedKeyWhenLoadedThenItSignsTheSame) {
    auto key = *SigningKey::generate();
    ASSERT_TRUE(key.save_pem(file_));
    auto loaded = SigningKey::load_pem(file_);
    ASSERT_TRUE(loaded) << loaded.error().message();
    const Bytes message = random_bytes(100);
    EXPECT_TRUE(key.public_key().verify(message, *loaded->sign(message)));
    EXPECT_FALSE(key.public_key().verify(random_bytes(100), *loaded->sign(message)));
    EXPECT_FALSE(key.save_pem(file_)) << "an existing key must not be replaced";
}

TEST_F(KeyFile, GivenAKeyThatOthersMayReadWhenLoadedThenItIsRefused) {
    ASSERT_TRUE(SigningKey::generate()->save_pem(file_));
    std::filesystem::permissions(file_, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
    auto loaded = SigningKey::load_pem(file_);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code(), Errc::refused);
}

}  // namespace
}  // namespace sallyport
