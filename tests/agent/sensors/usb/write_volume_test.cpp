// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/write_volume.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/test_broker.hpp"

namespace sallyport::agent {
namespace {

using std::chrono::seconds;

constexpr UsbAddress kStick{1, 7};
const std::string kHash(64, 'a');

class Volume : public ::testing::Test {
protected:
    void read(std::uint64_t bytes, std::uint64_t at_s) {
        volume_.add({kStick, "sdb", bytes}, kHash, seconds(at_s));
        volume_.end_round(seconds(at_s));
    }
    std::uint64_t tell(std::uint64_t at_s) {
        std::uint64_t bytes = 0;
        for (const auto& one : volume_.due(seconds(at_s))) {
            bytes += one.bytes;
            window_s_ = one.window_s;
            volume_.told(one, seconds(at_s));
        }
        return bytes;
    }

    WriteVolume volume_{seconds(30)};
    std::uint64_t window_s_ = 0;
};

TEST_F(Volume, GivenADiskThatWasThereBeforeWhenItIsReadThenOnlyWhatIsNewCounts) {
    volume_.begin({{kStick, "sdb", 1'000'000}}, seconds(0));
    read(1'000'000, 10);
    EXPECT_EQ(tell(10), 0u);
    read(1'000'512, 20);
    EXPECT_EQ(tell(20), 512u);
    EXPECT_EQ(window_s_, 10u);
}

TEST_F(Volume, GivenADiskThatCameLaterWhenItIsReadThenAllOfItCounts) {
    volume_.begin({}, seconds(0));
    read(4096, 10);
    EXPECT_EQ(tell(10), 4096u);
}

TEST_F(Volume, GivenOngoingWritesWhenToldThenAtMostEveryThirtySecondsAndNothingIsLost) {
    volume_.begin({}, seconds(0));
    std::uint64_t sum = 0, times = 0;
    for (std::uint64_t at = 10; at <= 120; at += 10) {
        read(at * 1'000, at);
        const auto bytes = tell(at);
        sum += bytes;
        times += bytes > 0 ? 1 : 0;
    }
    EXPECT_EQ(times, 4u);
    EXPECT_EQ(sum, 100'000u);
    EXPECT_TRUE(volume_.waits());
    ASSERT_EQ(volume_.due(seconds(121), true).size(), 1u) << "at the end all of it";
    EXPECT_EQ(volume_.due(seconds(121), true).front().bytes, 20'000u);
    EXPECT_EQ(volume_.due(seconds(121), true).front().window_s, 20u);
}

TEST_F(Volume, GivenTheSinkRefusedWhenAskedAgainThenItIsStillDue) {
    volume_.begin({}, seconds(0));
    read(4096, 10);
    EXPECT_EQ(volume_.due(seconds(10)).size(), 1u);
    EXPECT_EQ(volume_.due(seconds(10)).size(), 1u);
}

// A folder as the kernel shows it: a disk on the bus, and one inside the machine.
TEST(WriteCounters, GivenDisksInSysfsWhenReadThenThoseOnTheBusAreLedBackToTheirDevice) {
    const testing::TemporaryFolder folder;
    const std::filesystem::path sysfs(folder.path());
    const auto usb = sysfs / "devices/pci0000:00/usb1/1-2";
    const auto disk = usb / "1-2:1.0/host6/block/sdb", other = sysfs / "devices/pci0000:00/ata1/block/sda";
    for (const auto& one : {disk, other}) {
        std::filesystem::create_directories(one);
        std::ofstream(one / "stat") << "   37  0  296  16  42  1  4096  9  0  20  25  0 0 0 0\n";
    }
    std::ofstream(usb / "busnum") << "1\n";
    std::ofstream(usb / "devnum") << "7\n";
    std::filesystem::create_directories(sysfs / "block");
    std::filesystem::create_directory_symlink("../devices/pci0000:00/usb1/1-2/1-2:1.0/host6/block/sdb", sysfs / "block/sdb");
    std::filesystem::create_directory_symlink("../devices/pci0000:00/ata1/block/sda", sysfs / "block/sda");
    const auto found = make_linux_write_counters(sysfs)->read();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].device, kStick);
    EXPECT_EQ(found[0].disk, "sdb");
    EXPECT_EQ(found[0].bytes, 4096u * 512u);
    std::ofstream(disk / "stat", std::ios::trunc) << "broken\n";
    EXPECT_TRUE(make_linux_write_counters(sysfs)->read().empty());
}

}  // namespace
}  // namespace sallyport::agent
