// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/rule_files.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "rules/engine/rule_set.hpp"
#include "rules/engine/yaml_document.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::rules {
namespace {

using ::testing::HasSubstr;

class RuleFiles : public ::testing::Test {
protected:
    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

    testing::TemporaryFolder folder_;
};

TEST_F(RuleFiles, GivenAFolderWhenReadThenItsYamlFilesInOrderAndNoOthers) {
    write("b.yaml", "b");
    write("a.yml", "a");
    write("notes.txt", "c");
    const auto sources = read_sources({folder_.path()});
    ASSERT_TRUE(sources) << sources.error().message();
    ASSERT_EQ(sources->size(), 2u);
    EXPECT_EQ(sources->at(0).text, "a");
    EXPECT_EQ(sources->at(1).text, "b");
}

// A room of the largest size for each of a hundred files was 800 MB at every start and reload.
TEST_F(RuleFiles, GivenASmallFileWhenReadThenItTakesNoMoreRoomThanItHas) {
    write("small.yml", std::string(20'000, 'x'));
    const auto sources = read_sources({folder_.path()});
    ASSERT_EQ(sources->at(0).text.size(), 20'000u);
    EXPECT_LT(sources->at(0).text.capacity(), 64u * 1024);
}

TEST_F(RuleFiles, GivenAFileThatIsTooLargeWhenLoadedThenItIsRefusedAndNotCutOff) {
    write("large.yml", "# " + std::string(kYamlBytesMax, 'x') + "\ntitle: t\n");
    const auto sources = read_sources({folder_.path()});
    const auto loaded = RuleSet::load(*sources);
    ASSERT_TRUE(std::holds_alternative<std::vector<Fault>>(loaded));
    EXPECT_THAT(std::get<std::vector<Fault>>(loaded).front().text(), HasSubstr("larger than"));
}

TEST_F(RuleFiles, GivenAPathThatIsNotThereThenTheErrorNamesIt) {
    const auto sources = read_sources({folder_ / "absent.yml"});
    ASSERT_FALSE(sources);
    EXPECT_THAT(sources.error().message(), HasSubstr("absent.yml"));
}

}  // namespace
}  // namespace sallyport::rules
