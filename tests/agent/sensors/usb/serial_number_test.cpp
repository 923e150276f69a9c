// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/serial_number.hpp"

#include <gtest/gtest.h>

namespace sallyport::agent {
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

}  // namespace
}  // namespace sallyport::agent
