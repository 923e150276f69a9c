// SPDX-License-Identifier: Apache-2.0
//
// Mounts led back to their USB device through the real udev, on block devices that umockdev shows.
#include "agent/sensors/usb/udev_mounts.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "agent/sensors/usb/mount_table.hpp"
#include "tests/support/test_broker.hpp"
#include "tests/support/umockdev/usb_stage.hpp"

namespace sallyport {
namespace {

using agent::Encryption;
using agent::UsbMount;
using testing::TemporaryFolder;
using testing::UsbStage;

class UdevMounts : public ::testing::Test {
protected:
    void SetUp() override {
        if (!stage_.ready()) GTEST_SKIP() << "SKIPPED: umockdev is not on this machine";
    }
    std::vector<UsbMount> mounts(const std::string& mountinfo) {
        std::ofstream(folder_ / "mountinfo") << mountinfo;
        auto found = agent::make_udev_mounts(folder_ / "mountinfo")->mounts();
        EXPECT_TRUE(found);
        return found ? *found : std::vector<UsbMount>();
    }

    UsbStage stage_;
    TemporaryFolder folder_;
};

TEST_F(UdevMounts, GivenAPartitionOfAStickWhenMountedThenItIsLedBackToIt) {
    stage_.plug("disk SN-1");
    const auto found =
        mounts("36 25 8:17 / /media/op1/SECRET\\040NAME rw,nosuid shared:5 - vfat /dev/sdb1 rw,uid=1000\n");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].device, (agent::UsbAddress{1, 2}));
    EXPECT_EQ(found[0].fs_kind, "vfat");
    EXPECT_EQ(found[0].encrypted, Encryption::no);
    EXPECT_FALSE(found[0].read_only);
    EXPECT_EQ(found[0].size_mb, 8'000u);
}

TEST_F(UdevMounts, GivenAVolumeUnlockedFromAStickWhenMountedReadOnlyThenItIsEncryptedAndReadOnly) {
    stage_.plug("disk SN-1");
    const auto found = mounts("36 25 254:0 / /mnt ro,relatime - ext4 /dev/mapper/luks-1 rw\n");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].device, (agent::UsbAddress{1, 2}));
    EXPECT_EQ(found[0].encrypted, Encryption::yes);
    EXPECT_TRUE(found[0].read_only);
}

TEST_F(UdevMounts, GivenMountsElsewhereAndBrokenLinesWhenReadThenTheyAreNoneOfOurBusiness) {
    stage_.plug("disk SN-1");
    EXPECT_TRUE(
        mounts("21 25 0:20 / /proc rw - proc proc rw\n22 25 8:1 / / rw - ext4 /dev/sda1 rw\n"
               "\n1\n36 25 x:y / /a rw - vfat /dev/sdb1 rw\n36 25 8:17 / /a rw\n36 25 8:17 / /a rw -\n")
            .empty());
}

TEST_F(UdevMounts, GivenAnOddFileSystemNameWhenReadThenItIsAToken) {
    stage_.plug("disk SN-1");
    const auto found =
        mounts("36 25 8:17 / /a rw - fuse.\"odd\xff" + std::string(80, 'x') + " /dev/sdb1 rw\n");
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].fs_kind, "fuse._odd_" + std::string(22, 'x'));
    EXPECT_EQ(found[0].encrypted, Encryption::unknown);
}

TEST_F(UdevMounts, GivenTheRealTableWhenSomethingIsMountedThenItIsTold) {
    // A name space of our own: nobody else sees the mount.
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        GTEST_SKIP() << "SKIPPED: mounting needs root";
    std::atomic<int> told = 0;
    auto table = agent::make_udev_mounts();
    ASSERT_TRUE(table->watch([&] { ++told; }));
    ASSERT_EQ(mount("none", folder_.path().c_str(), "tmpfs", 0, nullptr), 0);
    EXPECT_TRUE(testing::eventually([&] { return told > 0; }));
    table->unwatch();
    EXPECT_EQ(umount(folder_.path().c_str()), 0);
}

TEST_F(UdevMounts, GivenNoTableWhenReadThenThatIsAnError) {
    EXPECT_FALSE(agent::make_udev_mounts(folder_ / "none")->mounts());
    EXPECT_FALSE(agent::make_udev_mounts(folder_ / "none")->watch([] {}));
}

}  // namespace
}  // namespace sallyport
