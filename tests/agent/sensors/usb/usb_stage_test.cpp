// SPDX-License-Identifier: Apache-2.0
//
// The stage as the demonstration uses it: a program started inside it sees its bus.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/test_broker.hpp"
#include "tests/support/umockdev/usb_stage.hpp"

namespace sallyport {
namespace {

using testing::eventually;
using testing::TemporaryFolder;
using testing::UsbStage;

TEST(UsbStage, GivenAProgramStartedInsideWhenADeviceIsPluggedThenItSeesIt) {
    const TemporaryFolder folder;
    const std::string seen = folder / "seen";
    UsbStage stage(
        {"/bin/sh", "-c", "until test -e /sys/bus/usb/devices/1-1; do sleep 0.01; done; echo yes >" + seen});
    if (!stage.ready()) GTEST_SKIP() << "SKIPPED: umockdev is not on this machine";
    EXPECT_FALSE(std::filesystem::exists(seen));
    stage.plug("stick SN-1");
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(seen); }));
}

}  // namespace
}  // namespace sallyport
