// SPDX-License-Identifier: Apache-2.0
#include "protocol/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "protocol/crypto.hpp"
#include "protocol/file_digest.hpp"

namespace sallyport {
namespace {

class FilesTest : public ::testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] unsigned mode() const {
        struct stat facts {};
        EXPECT_EQ(::stat(file_.c_str(), &facts), 0);
        return facts.st_mode & 0777;
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("files." + std::to_string(::getpid()));
    const std::filesystem::path file_ = folder_ / "memory.json";
};

TEST_F(FilesTest, GivenAFileWhenReplacedThenItHoldsTheNewContentAndNothingIsLeftBeside) {
    ASSERT_TRUE(replace_file(file_, "a longer text", Secrecy::secret));
    ASSERT_TRUE(replace_file(file_, "short", Secrecy::secret));
    EXPECT_EQ(*read_file(file_), "short");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(FilesTest, GivenWhatAnInterruptedReplacementLeftWhenReplacedThenItIsInNobodysWay) {
    ASSERT_TRUE(replace_file(file_, "whole", Secrecy::secret));
    std::ofstream(file_.string() + ".new") << "half of wh";
    EXPECT_EQ(*read_file(file_), "whole");
    ASSERT_TRUE(replace_file(file_, "whole again", Secrecy::secret));
    EXPECT_EQ(*read_file(file_), "whole again");
}

TEST_F(FilesTest, GivenASecretWhenWrittenThenNobodyElseMayReadIt) {
    ASSERT_TRUE(replace_file(file_, "key", Secrecy::secret));
    EXPECT_EQ(mode(), 0600U);
    ASSERT_TRUE(replace_file(file_, "certificate", Secrecy::open));
    EXPECT_EQ(mode(), 0644U);
}

TEST_F(FilesTest, GivenNoFileWhenReadThenItIsNotFoundAndNamed) {
    const auto read = read_file(file_);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), Errc::not_found);
    EXPECT_NE(read.error().message().find(file_.string()), std::string::npos);
}

TEST_F(FilesTest, GivenNoFolderWhenWrittenThenTheErrorSaysWhere) {
    const auto done = replace_file(folder_ / "absent" / "x", "x", Secrecy::secret);
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message().find("absent"), std::string::npos);
}

TEST_F(FilesTest, GivenAFileOfManyPiecesWhenHashedThenItIsTheDigestOfItsBytesAndNoFileIsNone) {
    const std::string content(100'003, 'x');
    ASSERT_TRUE(replace_file(file_, content, Secrecy::open));
    const auto digest = sha256_of_file(file_);
    ASSERT_TRUE(digest) << digest.error().message();
    EXPECT_EQ(*digest, sha256(bytes_of(content)));
    EXPECT_EQ(sha256_of_file(folder_ / "none").error().code(), Errc::not_found);
    EXPECT_EQ(sha256_of_file(folder_).error().code(), Errc::io);
}

}  // namespace
}  // namespace sallyport
