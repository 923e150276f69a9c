// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/list_files.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace sallyport::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ListFile : public ::testing::Test {
protected:
    std::filesystem::path write(const std::string& text) {
        std::ofstream(folder_ / "list.txt", std::ios::binary) << text;
        return folder_ / "list.txt";
    }
    std::string fault(const std::string& text) {
        const auto read = read_list(write(text));
        return read ? "no fault" : read.error().message();
    }

    testing::TemporaryFolder folder_;
};

TEST_F(ListFile, GivenValuesAndCommentsThenTheValuesAsTheyStand) {
    const auto read = read_list(write("\xEF\xBB\xBF# who is known\n\n  alice \r\nb*b\n# none of these\nJosé Núñez\nlast # one"));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_THAT(*read, ElementsAre("alice", "b*b", "José Núñez", "last # one"));
    EXPECT_TRUE(read_list(write("# nobody\n"))->empty());
}

TEST_F(ListFile, GivenWhatIsNoTextThenFileAndLineAreNamed) {
    EXPECT_THAT(fault("a\nb\x01\n"), HasSubstr("list.txt:2: a control character"));
    EXPECT_THAT(fault(std::string("a\n\0b\n", 5)), HasSubstr("list.txt:2: a control character"));
    EXPECT_THAT(fault("a\n\nb\xff\n"), HasSubstr("list.txt:3: this is no valid UTF-8"));
    EXPECT_THAT(fault("# c\n" + std::string(kListValueBytesMax + 1, 'x')), HasSubstr("list.txt:2: a value is longer than"));
}

TEST_F(ListFile, GivenMoreThanItsBoundsThenItIsRefusedAndNotCutOff) {
    std::string many;
    for (std::size_t i = 0; i <= kListValuesMax; ++i)
        many += std::to_string(i) + "\n";
    EXPECT_THAT(fault(many), HasSubstr("list.txt:100001: more than 100000 values"));
    EXPECT_THAT(fault(std::string(kListBytesMax + 1, '#')), HasSubstr("larger than"));
}

TEST_F(ListFile, GivenNoSuchFileThenTheErrorNamesIt) {
    EXPECT_THAT(read_list(folder_ / "absent.txt").error().message(), HasSubstr("absent.txt"));
    EXPECT_FALSE(read_lists({{"a", write("x\n")}, {"b", folder_ / "absent.txt"}}));
    EXPECT_FALSE(read_list(folder_.path())) << "a folder is no list";
}

TEST(ListName, GivenANameThenItIsOneThatRulesCanWrite) {
    for (const std::string name : {"admins", "media", "media.serial_hash", "A_1", "a.b.c"})
        EXPECT_TRUE(is_list_name(name)) << name;
    for (const std::string name : {"", "a b", "a-b", ".a", "a.", "a..b", "a%", "%a%"})
        EXPECT_FALSE(is_list_name(name)) << name;
}

}  // namespace
}  // namespace sallyport::rules
