// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/checkpoint.hpp"

#include <gtest/gtest.h>

#include "protocol/chain.hpp"

namespace sallyport::evidence {
namespace {

class Checkpoint : public ::testing::Test {
protected:
    [[nodiscard]] Result<TreeHead> open(std::string_view text) const {
        const std::vector<PublicKey> keys{key_.public_key()};
        return open_checkpoint(text, keys);
    }
    SigningKey key_ = *SigningKey::generate();
    TreeHead head_{log_origin("CA0190000", 1), 4711, leaf_of("root"), WallTime(std::chrono::milliseconds(1'795'456'800'000))};
    std::string text_ = *sign_checkpoint(head_, key_);
};

TEST_F(Checkpoint, GivenAHeadWhenSignedThenItSaysSoToWhoeverHasTheKey) {
    auto opened = open(text_);
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(*opened, head_);
    EXPECT_EQ(text_.substr(0, text_.find("\n\n") + 1), "sallyport/CA0190000/1\n4711\n" + to_base64(head_.root) +
                                                          "\nsigned 2026-11-23T18:00:00.000Z\n");
}

TEST_F(Checkpoint, GivenAnyByteAlteredThenItIsRefused) {
    for (std::size_t at = 0; at < text_.size(); ++at)
        for (const int flip : {0x01, 0x20, 0x80}) {
            std::string altered = text_;
            altered[at] = static_cast<char>(altered[at] ^ flip);
            EXPECT_FALSE(open(altered)) << "byte " << at << " xor " << flip;
        }
    for (std::size_t end = 0; end < text_.size(); ++end)
        EXPECT_FALSE(open(text_.substr(0, end))) << "cut at " << end;
}

TEST_F(Checkpoint, GivenAnotherKeysSignatureThenItCountsForNothingAndHarmsNothing) {
    const SigningKey other = *SigningKey::generate();
    EXPECT_EQ(open(*sign_checkpoint(head_, other)).error().code(), Errc::refused);
    auto both = add_signature(text_, other);
    ASSERT_TRUE(both);
    EXPECT_TRUE(open(*both));
    const std::vector<PublicKey> others{other.public_key()};
    EXPECT_TRUE(open_checkpoint(*both, others));
}

TEST_F(Checkpoint, GivenASignatureUnderAnotherLogsNameThenItIsRefused) {
    const std::string origin = head_.origin;
    std::string renamed = text_;
    renamed.replace(renamed.find("— " + origin) + std::string("— ").size(), origin.size(), "sallyport/CA0190000/2");
    EXPECT_EQ(open(renamed).error().code(), Errc::refused);
}

}  // namespace
}  // namespace sallyport::evidence
