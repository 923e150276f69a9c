// SPDX-License-Identifier: Apache-2.0
//
// The container has one spelling, the one that the format's page describes, whatever libarchive of tomorrow thinks.
#include "collector/evidence/bundle/tar.hpp"

#include <gtest/gtest.h>

namespace sallyport::evidence {
namespace {

TEST(Tar, GivenMembersWhenLibarchiveWritesThemThenTheFileIsThePagesHeadersContentsAndPaddingAndNothingElse) {
    const std::string rule = "rules/" + std::string(64, 'a') + ".yml", longest(100, 'n');
    const auto file = write_tar({{"MANIFEST.json", "hello"}, {rule, std::string(512, 'x')}, {longest, std::string(513, 'y')}, {"c", ""}});
    ASSERT_TRUE(file);
    EXPECT_EQ(*file, *tar_header("MANIFEST.json", 5) + "hello" + std::string(507, '\0') + *tar_header(rule, 512) +
                         std::string(512, 'x') + *tar_header(longest, 513) + std::string(513, 'y') + std::string(511, '\0') +
                         *tar_header("c", 0) + std::string(kTarEnd, '\0'));
}

TEST(Tar, GivenWhatDoesNotFitTheFormatThenItIsRefused) {
    EXPECT_FALSE(tar_header("", 1));
    EXPECT_FALSE(tar_header(std::string(101, 'n'), 1));
    EXPECT_FALSE(tar_header("a", 8'589'934'592U));
}

}  // namespace
}  // namespace sallyport::evidence
