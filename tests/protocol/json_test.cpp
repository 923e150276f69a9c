// SPDX-License-Identifier: Apache-2.0
#include "protocol/json.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "protocol/json_fields.hpp"

namespace sallyport {
namespace {

std::string refusal(std::string_view text, const JsonLimits& limits = {}) {
    auto value = read_json(text, limits);
    return value ? "accepted" : value.error().message();
}

TEST(Json, GivenAnObjectWhenReadAndWrittenThenOrderAndKindsStay) {
    const std::string text = R"({"b":1,"a":[true,null,-2.5,"x\"y"],"c":{"d":9007199254740993}})";
    auto value = read_json(text);
    ASSERT_TRUE(value) << value.error().message();
    EXPECT_EQ(write_json(*value), text);
}

TEST(Json, GivenANameTwiceWhenReadThenItIsRefusedByName) {
    EXPECT_EQ(refusal(R"({"a":1,"b":{"c":1,"c":2}})"), "json: field 'c' appears twice");
    EXPECT_EQ(refusal(R"({"a":1,"\u0061":2})"), "json: field 'a' appears twice");
}

TEST(Json, GivenAnIntegerBeyond64BitsThenItIsRefusedOrKeptAsTextWhereThatIsAskedFor) {
    EXPECT_EQ(refusal(R"({"a":9232379236109516800})"), "json: integer beyond 64 bits");
    const auto kept = read_json_record(R"({"a":9232379236109516800})", JsonLimits{.wide_integers_as_text = true});
    ASSERT_TRUE(kept) << kept.error().message();
    EXPECT_EQ(text_of(*kept, "a"), "9232379236109516800");
}

TEST(Json, GivenTooMuchWhenReadThenTheBoundIsNamed) {
    EXPECT_EQ(refusal("[[[1]]]", JsonLimits{.depth_max = 2}), "json: nested deeper than 2 levels");
    EXPECT_EQ(refusal("[[1]]", JsonLimits{.depth_max = 2}), "accepted");
    EXPECT_EQ(refusal("123456", JsonLimits{.bytes_max = 5}), "json: 6 bytes, at most 5 are taken");
    EXPECT_EQ(refusal("[1,2,3]", JsonLimits{.fields_max = 3}), "json: more fields than allowed");
    EXPECT_EQ(refusal(std::string(100000, '[')).substr(0, 5), "json:");
}

TEST(Json, GivenWhatIsNoJsonWhenReadThenItIsRefused) {
    for (const char* text : {"", " ", "{", "{}x", "{} {}", "{'a':1}", "[1,]", "nul", "01", "\"\x01\"", "\"\xff\"", "NaN",
                             "18446744073709551615", "\"\\ud800\"", "{\"a\":1,}"})
        EXPECT_NE(refusal(text), "accepted") << text;
}

TEST(Json, GivenControlCharactersWhenWrittenThenTheyAreEscaped) {
    EXPECT_EQ(write_json(Value("a\nb\x7f")), R"("a\u000ab\u007f")");
}

TEST(Json, GivenALimitThatChangesWhenReadAgainThenTheNewOneHolds) {
    EXPECT_EQ(refusal("[[[[1]]]]", JsonLimits{.depth_max = 4}), "accepted");
    EXPECT_NE(refusal("[[[[1]]]]", JsonLimits{.depth_max = 3}), "accepted");
    EXPECT_EQ(refusal("[[[[1]]]]", JsonLimits{.depth_max = 4}), "accepted");
}

TEST(Json, GivenALimitBeyondAllMemoryWhenAShortTextIsReadThenOnlyTheTextIsPaidFor) {
    EXPECT_TRUE(read_json(R"({"a":1})", JsonLimits{.bytes_max = std::size_t{1} << 40}));
    EXPECT_TRUE(read_json("\"" + std::string(100'000, 'x') + "\"", JsonLimits{.bytes_max = std::size_t{1} << 40}));
    EXPECT_TRUE(read_json(R"({"a":1})"));
}

// RFC 8259 conformance cases: names starting with y must be read, with n refused; i is left to the reader. The reader of the
// rules gets each of them too: it trusts that intake has looked, but must come to no harm.
TEST(Json, GivenThePublicConformanceCasesWhenReadThenTheirVerdictHolds) {
    const auto folder = std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared" / "vectors" / "json";
    if (!std::filesystem::exists(folder))
        GTEST_SKIP() << "SKIPPED: ../shared absent: no conformance cases";
    const auto fields = JsonFieldReader::create(std::make_shared<FieldNames>(std::vector<std::string>{"a", "a.b", "id"}));
    std::map<char, int> judged;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() != ".json" || name.size() < 2 || name[1] != '_')
            continue;
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        const auto verdict = refusal(text, JsonLimits{.bytes_max = 1 << 20, .depth_max = 64, .fields_max = 100000});
        std::vector<JsonField> found;
        static_cast<void>(fields->read(text, false, {}, found));
        ++judged[name[0]];
        if (name[0] == 'i')
            continue;
        // Stricter on purpose: a name used twice is never read (two readers could disagree about it).
        const bool twice = name.find("duplicated_key") != std::string::npos;
        EXPECT_EQ(verdict == "accepted", name[0] == 'y' && !twice) << name << ": " << verdict;
    }
    EXPECT_GT(judged['y'], 0);
    EXPECT_GT(judged['n'], 0);
    EXPECT_GT(judged['i'], 0);
}

}  // namespace
}  // namespace sallyport
