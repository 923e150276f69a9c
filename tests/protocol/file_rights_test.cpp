// SPDX-License-Identifier: Apache-2.0
#include "protocol/file_rights.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "protocol/crypto_provider.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport {
namespace {

using std::filesystem::perms;

class FileRightsTest : public ::testing::Test {
protected:
    void SetUp() override { std::ofstream(file_) << "secret"; }
    void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
    Errc asked(unsigned mode) {
        std::filesystem::permissions(file_, perms(mode));
        auto checked = check_secret_file(file_);
        return checked ? Errc::internal : checked.error().code();
    }
    testing::TemporaryFolder folder_;
    const std::filesystem::path file_ = folder_ / "key.pem";
};

TEST_F(FileRightsTest, GivenAnyRightOfOthersThenASecretIsRefused) {
    for (const unsigned mode : {0604U, 0602U, 0601U, 0640U, 0620U, 0610U, 0644U, 0777U})
        EXPECT_EQ(asked(mode), Errc::refused) << std::oct << mode;
    for (const unsigned mode : {0600U, 0400U})
        EXPECT_EQ(asked(mode), Errc::internal) << std::oct << mode;
    EXPECT_EQ(check_secret_file(folder_ / "none").error().code(), Errc::not_found);
}

TEST_F(FileRightsTest, GivenARefusalThenItNamesFileAndMode) {
    std::filesystem::permissions(file_, perms(0644));
    const std::string message = check_secret_file(file_).error().message();
    EXPECT_NE(message.find("key.pem"), std::string::npos);
    EXPECT_NE(message.find("0644"), std::string::npos);
}

TEST_F(FileRightsTest, GivenACredentialOfSystemdThenTheMaskOfItsAccessListIsNoReader) {
    ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
    EXPECT_EQ(asked(0440), Errc::internal);
    EXPECT_EQ(asked(0444), Errc::refused);
    EXPECT_EQ(asked(0460), Errc::refused);
    EXPECT_EQ(configured_path("/etc/sallyport", "$CREDENTIALS_DIRECTORY/key.pem"), file_);
    EXPECT_EQ(configured_path("/etc/sallyport", "ca/ca.crt"), "/etc/sallyport/ca/ca.crt");
    ::unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_EQ(asked(0440), Errc::refused);
    EXPECT_EQ(configured_path("/etc/sallyport", "$CREDENTIALS_DIRECTORY/key.pem"), "");
}

TEST_F(FileRightsTest, GivenAFolderIntoWhichOthersMayPutFilesThenItIsRefused) {
    for (const unsigned mode : {0700U, 0755U, 01777U}) {
        std::filesystem::permissions(folder_.path(), perms(mode));
        EXPECT_TRUE(check_private_folder(folder_.path())) << std::oct << mode;
    }
    for (const unsigned mode : {0770U, 0702U}) {
        std::filesystem::permissions(folder_.path(), perms(mode));
        EXPECT_EQ(check_private_folder(folder_.path()).error().code(), Errc::refused) << std::oct << mode;
    }
    std::filesystem::permissions(folder_.path(), perms(0700));
}

// Debian 12 has no FIPS module: asked for, it must be missed loudly.
TEST(CryptoProviderTest, GivenAModuleThatIsNotThereThenItIsSaidAndNothingGoesOnWithout) {
    EXPECT_TRUE(use_crypto_provider("default"));
    EXPECT_EQ(use_crypto_provider("quantum").error().code(), Errc::bad_input);
    auto chosen = use_crypto_provider("fips");
    if (chosen)
        GTEST_SKIP() << "this machine has a FIPS module";
    EXPECT_EQ(chosen.error().code(), Errc::unavailable);
    EXPECT_NE(chosen.error().message().find("fips"), std::string::npos);
}

}  // namespace
}  // namespace sallyport
