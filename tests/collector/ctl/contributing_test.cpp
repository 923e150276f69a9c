// SPDX-License-Identifier: Apache-2.0
//
// The example of CONTRIBUTING.md, done as it stands there: two files, no C++.
#include <gmock/gmock.h>

#include <map>

#include "tests/collector/ctl/control.hpp"

namespace sallyport::testing {
namespace {

using ::testing::HasSubstr;

// File name -> content: a line that is a name in back quotes, then a block of YAML.
std::map<std::string, std::string> files_in(const std::string& page) {
    std::map<std::string, std::string> files;
    std::istringstream lines(page);
    std::string name;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("`rules/") && line.ends_with(".yml`"))
            name = line.substr(1, line.size() - 2);
        else if (line == "```yaml")
            inside = true;
        else if (line == "```")
            inside = false;
        else if (inside)
            files[name] += line + "\n";
    }
    return files;
}

class ContributingExample : public Control {
protected:
    ContributingExample() {
        files_ = files_in(content(std::filesystem::path(SALLYPORT_SOURCE_DIR) / "CONTRIBUTING.md"));
        for (const auto& [name, text] : files_) {
            std::filesystem::create_directories(path(name).parent_path());
            write(name, text);
        }
    }

    std::map<std::string, std::string> files_;
};

TEST_F(ContributingExample, GivenTheTwoFilesOfAnExampleThenTheRuleIsUnderstoodAndItsScenariosHold) {
    ASSERT_EQ(files_.size(), 2U) << "adding a rule touches two files";
    EXPECT_THAT(done("rules check rules/physical-protection").out, HasSubstr("1 rules understood, 0 warnings"));
    EXPECT_THAT(done("rules test rules/scenarios").out, HasSubstr("4 scenarios, 0 failed"));
}

TEST_F(ContributingExample, GivenATypingErrorThenItIsNamedByFileLineAndColumn) {
    std::string& text = files_.begin()->second;
    text.replace(text.find("is_keyboard"), 11, "is_keybaord");
    write(files_.begin()->first, text);
    const Ran ran = ctl("rules check rules/physical-protection");
    EXPECT_NE(ran.code, 0);
    EXPECT_THAT(ran.out + ran.err, HasSubstr("xmp-01-keyboard-at-night.yml:13:5"));
    EXPECT_THAT(ran.out + ran.err, HasSubstr("is_keybaord"));
}

}  // namespace
}  // namespace sallyport::testing
