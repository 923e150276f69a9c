// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/uevent.hpp"

#include <gtest/gtest.h>

namespace sallyport::agent {
namespace {

using namespace std::literals;

TEST(Uevent, GivenAMessageOfTheKernelWhenReadThenItsSubsystemIsNamed) {
    EXPECT_EQ(subsystem_of("add@/devices/x\0ACTION=add\0SUBSYSTEM=usb\0SEQNUM=7\0"sv), "usb");
    EXPECT_EQ(subsystem_of("add@/devices/x\0SUBSYSTEM=usb"sv), "usb") << "cut off";
    EXPECT_EQ(subsystem_of("add@/devices/x\0SUBSYSTEM=\0"sv), "");
}

TEST(Uevent, GivenAMessageWithoutASubsystemWhenReadThenThereIsNone) {
    for (const auto message : {""sv, "libudev\0\xfe\xed"sv, "add@/SUBSYSTEM=usb"sv, "a\0XSUBSYSTEM=usb\0"sv})
        EXPECT_EQ(subsystem_of(message), std::nullopt);
}

}  // namespace
}  // namespace sallyport::agent
