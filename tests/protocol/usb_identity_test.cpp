// SPDX-License-Identifier: Apache-2.0
#include "protocol/usb_identity.hpp"

#include <gtest/gtest.h>

#include "protocol/crypto.hpp"

namespace sallyport {
namespace {

TEST(SerialNumber, GivenOneThatAMakerGivesToOneDeviceThenItNamesADevice) {
    for (const char* serial : {"4C530001230712116195", "AA00000000000489", "001CC0EC34F1BB20", "E0D55EA57414F5B0", "SN-0042"})
        EXPECT_TRUE(names_one_device(serial)) << serial;
}

TEST(SerialNumber, GivenOneThatManySticksShareThenItNamesAModelOnly) {
    for (const char* serial : {"", "0", "SN-1", "00000000000000", "000000000001", "0123456789", "123456789ABCDEF", "012345678901",
                               "0123456789abcdef", "9876543210", "1111111111", "------------"})
        EXPECT_FALSE(names_one_device(serial)) << serial;
    EXPECT_FALSE(names_one_device("4C53000123\x01\xff")) << "no honest device";
}

TEST(DeviceHash, GivenADeviceWhenNamedThenTheFormIsTheOneTheMediaRegisterHolds) {
    EXPECT_EQ(device_hash(0x0781, 0x5581, "4C530001"), to_hex(sha256(bytes_of("0781:5581:4C530001"))));
    EXPECT_EQ(device_hash(0x000a, 0xABCD, ""), to_hex(sha256(bytes_of("000a:abcd:"))));
}

}  // namespace
}  // namespace sallyport
