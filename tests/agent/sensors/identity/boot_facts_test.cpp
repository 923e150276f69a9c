// SPDX-License-Identifier: Apache-2.0
//
// How the last boot ended, what this one came from, and where the mnemonic stands.
#include <gtest/gtest.h>

#include "agent/sensors/identity/boot_medium.hpp"
#include "agent/sensors/identity/last_shutdown.hpp"
#include "agent/sensors/identity/mnemonic_file.hpp"
#include "tests/agent/sensors/identity/recorded_machine.hpp"
#include "tests/agent/sensors/login_file.hpp"

namespace sallyport::testing {
namespace {

using agent::BootSource;
using agent::Shutdown;

// --- the last shutdown -------------------------------------------------------------------------------------------

class LastShutdown : public ::testing::Test {
protected:
    void boot(std::int64_t second) { wtmp_ += login_record(2, "~", "reboot", "6.1.0-18-amd64", second); }
    void shut_down(std::int64_t second) { wtmp_ += login_record(1, "~", "shutdown", "6.1.0-18-amd64", second); }
    void log_on(std::int64_t second) { wtmp_ += login_record(7, "tty2", "op1", "", second); }
    Shutdown read() {
        machine_.write("var/log/wtmp", wtmp_);
        return agent::read_last_shutdown(machine_.root());
    }
    RecordedMachine machine_;
    std::string wtmp_;
};

TEST_F(LastShutdown, GivenARecordOfAnOrderlyEndBeforeThisBootThenItWasClean) {
    boot(1000);
    log_on(1100);
    shut_down(2000);
    boot(2100);
    log_on(2200);
    EXPECT_EQ(read(), Shutdown::clean);
}

TEST_F(LastShutdown, GivenABootAfterABootThenThePowerWasCut) {
    boot(1000);
    shut_down(1500);
    boot(1600);
    log_on(1700);
    boot(2100);
    EXPECT_EQ(read(), Shutdown::power);
}

TEST_F(LastShutdown, GivenADumpOfThatBootThenItWasACrashAndAnOlderDumpIsNone) {
    boot(1000);
    boot(2100);
    machine_.write("var/lib/systemd/pstore/170000/dmesg.txt", "Oops\n");
    EXPECT_EQ(read(), Shutdown::crash);
    wtmp_.clear();
    boot(4'000'000'000);
    boot(4'000'000'100);
    EXPECT_EQ(read(), Shutdown::power) << "the dump is of before";
}

TEST_F(LastShutdown, GivenNoEarlierBootOnRecordThenNobodyKnows) {
    EXPECT_EQ(agent::read_last_shutdown(machine_.root()), Shutdown::unknown);
    boot(1000);
    log_on(1100);
    EXPECT_EQ(read(), Shutdown::unknown);
    wtmp_ += "half a record";
    EXPECT_EQ(read(), Shutdown::unknown);
}

// --- the boot medium ---------------------------------------------------------------------------------------------

class BootMedium : public ::testing::Test {
protected:
    void mount(const std::string& device, const std::string& point, const std::string& kind = "ext4") {
        mounts_ += "36 35 " + device + " / " + point + " rw,noatime master:1 - " + kind + " /dev/root rw\n";
        machine_.write("proc/self/mountinfo", mounts_);
    }
    void block(const std::string& numbers, const std::string& place) {
        machine_.write("sys/devices/" + place + "/dev", numbers + "\n");
        machine_.link("sys/dev/block/" + numbers, "sys/devices/" + place);
    }
    BootSource source() { return agent::boot_medium(machine_.root()); }
    RecordedMachine machine_;
    std::string mounts_;
};

TEST_F(BootMedium, GivenAnInternalDiskWithEncryptionAndVolumesThenItIsInternal) {
    block("259:3", "pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1/nvme0n1p3");
    block("253:0", "virtual/block/dm-0");
    block("253:1", "virtual/block/dm-1");
    machine_.link("sys/devices/virtual/block/dm-1/slaves/dm-0", "sys/devices/virtual/block/dm-0");
    machine_.link("sys/devices/virtual/block/dm-0/slaves/nvme0n1p3",
                  "sys/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1/nvme0n1p3");
    mount("253:1", "/");
    EXPECT_EQ(source(), BootSource::internal);
}

TEST_F(BootMedium, GivenAStickADiscOrTheNetworkThenEachIsTold) {
    block("8:17", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/block/sdb/sdb1");
    block("11:0", "pci0000:00/0000:00:1f.2/ata2/host1/block/sr0");
    mount("8:17", "/");
    EXPECT_EQ(source(), BootSource::usb);
    mount("11:0", "/run/live/medium", "iso9660");
    EXPECT_EQ(source(), BootSource::optical) << "a live system's medium goes before what it shows as /";
    machine_.write("proc/cmdline", "BOOT_IMAGE=vmlinuz BOOTIF=01-52-54-00-00-00-01 quiet\n");
    EXPECT_EQ(source(), BootSource::network);
}

TEST_F(BootMedium, GivenARootOverTheNetworkOrNothingThatTellsThenThatIsSaid) {
    EXPECT_EQ(source(), BootSource::unknown);
    mount("0:22", "/", "overlay");
    EXPECT_EQ(source(), BootSource::unknown);
    mount("0:23", "/", "nfs4");
    EXPECT_EQ(source(), BootSource::network);
}

// --- the mnemonic ------------------------------------------------------------------------------------------------

TEST(Mnemonic, GivenTheClientsFileThenTheLineThatFitsSaysItAndNothingElseIsRead) {
    RecordedMachine machine;
    machine.write("client.conf", "# MNEMONIC=OLD\nserver = switch.example\n  MNEMONIC=LAPD7F \r\n");
    const auto read = [&](const std::string& pattern) {
        return agent::read_mnemonic({machine.root() / "client.conf", pattern}).value_or("none");
    };
    EXPECT_EQ(read("MNEMONIC=*"), "LAPD7F");
    EXPECT_EQ(read("server = *"), "none") << "no mnemonic";
    EXPECT_EQ(read("MNEMONIC=<*>"), "none");
    EXPECT_EQ(read("no star"), "none");
    EXPECT_FALSE(agent::read_mnemonic({machine.root() / "gone", "MNEMONIC=*"}));
    EXPECT_FALSE(agent::read_mnemonic({}));
}

}  // namespace
}  // namespace sallyport::testing
