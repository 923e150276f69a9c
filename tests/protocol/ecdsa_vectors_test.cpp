// SPDX-License-Identifier: Apache-2.0
//
// Signatures made to mislead a verifier, where they are beside the tree (../shared/vectors/ecdsa): encodings that are almost
// DER, numbers out of range, points that have no sum.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "protocol/crypto.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/signature_form.hpp"

namespace sallyport {
namespace {

const std::filesystem::path kVectors = std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared/vectors/ecdsa";

Bytes hex_field(const Record& record, std::string_view name) { return *from_hex(text_of(record, name)); }

class EcdsaVectors : public ::testing::Test {
protected:
    using Verify = std::function<bool(const PublicKey& key, ByteView message, ByteView signature)>;

    void SetUp() override {
        if (!std::filesystem::exists(kVectors))
            GTEST_SKIP() << "SKIPPED: ../shared absent: no ECDSA vectors";
    }

    // How many were valid and how many were not.
    static std::pair<int, int> judge(std::string_view file, const Verify& verify) {
        const auto text = read_file(kVectors / file);
        const auto cases = read_json_record(*text, {.bytes_max = 1 << 20, .depth_max = 8, .fields_max = 100'000});
        EXPECT_TRUE(cases) << cases.error().message();
        std::pair<int, int> count{0, 0};
        for (const Value& group : *cases->find("testGroups")->as<List>()) {
            const auto key = PublicKey::from_base64(to_base64(hex_field(*group.as<Record>(), "publicKeyDer")));
            EXPECT_TRUE(key) << key.error().message();
            for (const Value& value : *group.as<Record>()->find("tests")->as<List>()) {
                const Record& one = *value.as<Record>();
                const bool valid = text_of(one, "result") == "valid";
                EXPECT_EQ(verify(*key, hex_field(one, "msg"), hex_field(one, "sig")), valid)
                    << file << " " << integer_of(one, "tcId") << ": " << text_of(one, "comment");
                ++(valid ? count.first : count.second);
            }
        }
        return count;
    }
};

TEST_F(EcdsaVectors, GivenEachSignatureInDerWhenVerifiedThenItsVerdictHolds) {
    const auto [valid, invalid] = judge("ecdsa_secp256r1_sha256_test.json",
                                        [](const auto& key, auto message, auto signature) { return key.verify(message, signature); });
    EXPECT_GT(valid, 0);
    EXPECT_GT(invalid, 0);
}

TEST_F(EcdsaVectors, GivenEachSignatureOfTwoNumbersWhenVerifiedThenItsVerdictHolds) {
    const auto [valid, invalid] =
        judge("ecdsa_secp256r1_sha256_p1363_test.json", [](const auto& key, auto message, auto signature) {
            const auto der = der_from_p1363(signature);
            return der && key.verify(message, *der);
        });
    EXPECT_GT(valid, 0);
    EXPECT_GT(invalid, 0);
}

}  // namespace
}  // namespace sallyport
