// SPDX-License-Identifier: Apache-2.0
#include "protocol/signature_form.hpp"

#include <gtest/gtest.h>

#include "protocol/crypto.hpp"

namespace sallyport {
namespace {

TEST(SignatureForm, GivenTwoNumbersWhenWrittenInDerThenLeadingZerosGoAndAHighBitGetsOne) {
    Bytes pair(64, 0);
    pair[31] = 0x01;
    pair[32] = 0x80;
    pair[63] = 0x02;
    const auto der = der_from_p1363(pair);
    ASSERT_TRUE(der);
    EXPECT_EQ(to_hex(*der), "3026020101022100" "80" + std::string(60, '0') + "02");
}

TEST(SignatureForm, GivenAnotherLengthWhenReadThenItIsRefused) {
    for (const std::size_t size : {0U, 63U, 65U, 128U})
        EXPECT_FALSE(der_from_p1363(Bytes(size, 1))) << size;
}

TEST(SignatureForm, GivenASignatureOfOursWhenItsNumbersAreTakenOutAndPutBackThenItVerifies) {
    const auto key = *SigningKey::generate();
    const auto message = bytes_of("a line");
    for (int round = 0; round < 32; ++round) {
        const auto der = *key.sign(message);
        Bytes pair;
        for (std::size_t at = 2; at < der.size();) {
            const std::size_t size = der[at + 1];
            Bytes number(der.begin() + static_cast<long>(at) + 2, der.begin() + static_cast<long>(at + 2 + size));
            if (number.size() > 32)
                number.erase(number.begin());
            pair.insert(pair.end(), 32 - number.size(), 0);
            pair.insert(pair.end(), number.begin(), number.end());
            at += 2 + size;
        }
        EXPECT_EQ(*der_from_p1363(pair), der);
    }
}

}  // namespace
}  // namespace sallyport
