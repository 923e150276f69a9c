// SPDX-License-Identifier: Apache-2.0
//
// The identity sensor on recorded machines: the real adapter reads files, only the waiting is done by the
// test.
#include "agent/sensors/identity/identity_sensor.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "agent/sensors/identity/linux_machine.hpp"
#include "agent/sensors/identity/machine.hpp"
#include "protocol/crypto.hpp"
#include "tests/agent/sensors/identity/recorded_machine.hpp"
#include "tests/agent/sensors/login_file.hpp"
#include "tests/support/cued_drill.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/running_sensor.hpp"

namespace sallyport {
namespace {

using agent::IdentityOptions;
using testing::ManualClock;
using testing::RecordedMachine;
using testing::Witness;

// Instead of sleeping, the next thing on the list happens and the clock moves on; after the last one the
// sensor stops.
class EventfulMachine final : public agent::Machine {
public:
    EventfulMachine(std::unique_ptr<agent::Machine> machine, ManualClock& clock, std::stop_source& stop,
                    std::vector<std::function<void()>> happenings)
        : machine_(std::move(machine)), clock_(clock), stop_(stop), happenings_(std::move(happenings)) {}

    agent::MachineFacts facts() override { return machine_->facts(); }
    Result<agent::BootFacts> boot() override { return machine_->boot(); }
    std::optional<std::string> program_sha256() override { return machine_->program_sha256(); }
    void sleep(std::stop_token, std::chrono::milliseconds pause) override {
        EXPECT_GE(pause, std::chrono::seconds(10));
        if (next_ == happenings_.size()) {
            stop_.request_stop();
            return;
        }
        clock_.advance(pause);
        happenings_[next_++]();
    }

private:
    std::unique_ptr<agent::Machine> machine_;
    ManualClock& clock_;
    std::stop_source& stop_;
    std::vector<std::function<void()>> happenings_;
    std::size_t next_ = 0;
};

class Identity : public ::testing::Test {
protected:
    // Lets all of it happen, one look of the sensor after each.
    Result<void> watch(std::vector<std::function<void()>> happenings = {}) {
        std::stop_source stop;
        auto sensor = agent::make_identity_sensor(
            options_, std::make_unique<EventfulMachine>(agent::make_linux_machine(machine_.root()), clock_,
                                                        stop, std::move(happenings)));
        return sensor->run(stop.get_token(), {witness_, witness_, clock_, drill_});
    }
    Record identity() {
        const auto all = witness_.of("device.identity");
        return all.empty() ? Record() : all.back().body;
    }
    Record boot() {
        const auto all = witness_.of("device.boot");
        return all.empty() ? Record() : all.back().body;
    }
    static void nothing() {}

    RecordedMachine machine_;
    ManualClock clock_;
    Witness witness_;
    testing::CuedDrill drill_;
    IdentityOptions options_{"XMPL", {}, "", "CA0300000", "0.1.0", {}};
};

TEST_F(Identity, GivenADeskTopWhenTheSensorStartsThenEveryFactIsTold) {
    machine_.furnish();
    ASSERT_TRUE(watch());
    const Record body = identity();
    EXPECT_EQ(text_of(body, "hostname"), "hq-desk-1");
    EXPECT_EQ(text_of(body, "asset_tag"), "AT-0001");
    EXPECT_EQ(text_of(body, "system_serial"), "SYS-1");
    EXPECT_EQ(text_of(body, "board_serial"), "BRD-1");
    EXPECT_EQ(text_of(body, "manufacturer"), "Example Computers");
    EXPECT_EQ(text_of(body, "model"), "Desk 3000");
    EXPECT_TRUE(flag_of(body, "tpm_present"));
    EXPECT_EQ(text_of(body, "machine_id_sha256"),
              to_hex(sha256(bytes_of("0123456789abcdef0123456789abcdef"))));
    EXPECT_EQ(text_of(body, "os_build"), "Debian GNU/Linux 12 (bookworm), Linux 6.1.0-18-amd64");
    EXPECT_EQ(*body.find("disk_serials"), Value(List{Value("DISK_1")}));
    EXPECT_EQ(*body.find("nics"),
              Value(List{Value(Record{{"mac", "52:54:00:00:00:01"}, {"type", "wired"}, {"bus", "pci"}})}));
    EXPECT_EQ(text_of(body, "mnemonic"), "XMPL");
    EXPECT_EQ(text_of(body, "ori"), "CA0300000");
    EXPECT_FALSE(body.contains("terminal_identifier"));
    EXPECT_EQ(text_of(body, "agent_version"), "0.1.0");
    EXPECT_EQ(text_of(body, "agent_sha256").size(), 64u);
    EXPECT_TRUE(witness_.await_health("identity", SensorState::ok));
}

TEST_F(Identity, GivenNothingToReadButTheBootWhenTheSensorStartsThenFactsAreAbsentAndNeverEmpty) {
    machine_.write("proc/sys/kernel/random/boot_id", "b\n");
    machine_.write("sys/class/dmi/id/product_serial", "   \n");
    machine_.write("sys/class/dmi/id/board_serial", "");
    ASSERT_TRUE(watch());
    const Record body = identity();
    for (const char* field : {"hostname", "system_serial", "board_serial", "model", "machine_id_sha256",
                              "os_build", "tpm_ek_sha256", "tpm_present", "disk_serials", "nics"})
        EXPECT_FALSE(body.contains(field)) << field;
    EXPECT_EQ(text_of(boot(), "secure_boot"), "unknown");
    EXPECT_EQ(text_of(boot(), "boot_source"), "unknown");
}

TEST_F(Identity, GivenHostileFirmwareTextsWhenReadThenTheEventIsValid) {
    machine_.furnish();
    machine_.write("sys/class/dmi/id/product_serial", "a\x01\x1b[31m\xff\xfe" + std::string(5000, 'Z'));
    machine_.write("sys/class/dmi/id/sys_vendor", std::string("Ven\0dor", 7));
    machine_.write("etc/os-release", "PRETTY_NAME=\"" + std::string(9000, 'x') + "\"\n");
    machine_.add_disk("nvme1n1", "se rial\xff\n\"{}", "pci0000:00/0000:00:1e.0/nvme/nvme1");
    ASSERT_TRUE(watch());  // the witness checks every event against the catalogue
    EXPECT_FALSE(identity().contains("system_serial")) << "half a serial would name another machine";
    EXPECT_EQ(text_of(identity(), "manufacturer"), "Ven");
}

TEST_F(Identity, GivenNoBootIdWhenTheSensorStartsThenItFailsAndSaysWhere) {
    const auto ended = watch();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().message(), "identity: machine: the kernel's boot id cannot be read");
}

TEST_F(Identity, GivenCardsOfEachBusWhenReadThenBusAndKindAreTold) {
    machine_.furnish();
    machine_.add_card("wlp4s0", "52:54:00:00:00:02", "pci0000:00/0000:04:00.0");
    machine_.write("sys/class/net/wlp4s0/uevent", "DEVTYPE=wlan\n");
    machine_.add_card("enx1", "52:54:00:00:00:03", "pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0");
    machine_.add_card("virbr0", "52:54:00:00:00:04", "virtual");
    machine_.add_card("lo", "00:00:00:00:00:00", "virtual");
    machine_.write("sys/class/net/lo/type", "772\n");
    machine_.add_disk("sdb", "STICK", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host0");
    ASSERT_TRUE(watch());
    const Value nics(List{
        Value(Record{{"mac", "52:54:00:00:00:01"}, {"type", "wired"}, {"bus", "pci"}}),
        Value(Record{{"mac", "52:54:00:00:00:02"}, {"type", "wifi"}, {"bus", "pci"}}),
        Value(Record{{"mac", "52:54:00:00:00:03"}, {"type", "wired"}, {"bus", "usb"}}),
        Value(Record{{"mac", "52:54:00:00:00:04"}, {"type", "virtual"}, {"bus", "virtual"}}),
    });
    EXPECT_EQ(*identity().find("nics"), nics);
    EXPECT_EQ(*identity().find("disk_serials"), Value(List{Value("DISK_1")}))
        << "a stick is no internal disk";
}

TEST_F(Identity, GivenASataDiskWhenReadThenItsSerialComesFromTheUnitSerialPage) {
    machine_.furnish();
    machine_.add_disk("sda", "", "pci0000:00/0000:00:17.0/ata1/host0");
    machine_.write("sys/block/sda/device/vpd_pg80", std::string("\0\x80\0\x0a", 4) + "  WD-12345");
    ASSERT_TRUE(watch());
    EXPECT_EQ(*identity().find("disk_serials"), Value(List{Value("DISK_1"), Value("WD-12345")}));
}

TEST_F(Identity, GivenNothingChangesWhenADayPassesThenIdentityIsToldOnceMore) {
    machine_.furnish();
    ASSERT_TRUE(watch(std::vector<std::function<void()>>(144, nothing)));
    EXPECT_EQ(witness_.of("device.identity").size(), 2u);
    EXPECT_EQ(witness_.of("device.boot").size(), 1u);
    EXPECT_TRUE(witness_.of("device.component").empty());
}

TEST_F(Identity, GivenACardAddedAndADiskSwappedWhenLookedAtThenComponentsAndIdentityAreTold) {
    machine_.furnish();
    ASSERT_TRUE(watch({
        [&] { machine_.add_card("enp5s0", "52:54:00:00:00:09", "pci0000:00/0000:05:00.0"); },
        [&] { machine_.write("sys/block/nvme0n1/device/serial", "DISK 2\n"); },
        nothing,
    }));
    const auto components = witness_.of("device.component");
    ASSERT_EQ(components.size(), 3u);
    EXPECT_EQ(text_of(components[0].body, "action"), "added");
    EXPECT_EQ(text_of(components[0].body, "class"), "nic_pci");
    EXPECT_EQ(text_of(components[0].body, "id_hash"), to_hex(sha256(bytes_of("nic_pci:52:54:00:00:00:09"))));
    EXPECT_EQ(text_of(components[1].body, "action"), "removed");
    EXPECT_EQ(text_of(components[1].body, "class"), "disk");
    EXPECT_EQ(text_of(components[2].body, "action"), "added");
    EXPECT_EQ(components[2].occurred_at, std::nullopt);
    EXPECT_EQ(witness_.of("device.identity").size(), 3u);
}

TEST_F(Identity, GivenAMemoryWhenTheAgentStartsAgainInOneBootThenTheBootIsToldOnce) {
    machine_.furnish();
    options_.memory_file = machine_.root() / "identity.memory";
    ASSERT_TRUE(watch());
    ASSERT_TRUE(watch());
    EXPECT_EQ(witness_.of("device.boot").size(), 1u);
    machine_.write("proc/sys/kernel/random/boot_id", "another-boot\n");
    ASSERT_TRUE(watch());
    EXPECT_EQ(witness_.of("device.boot").size(), 2u);
}

TEST_F(Identity, GivenADiskSwappedWhileTheAgentWasOffWhenItStartsThenBothAreToldOnce) {
    machine_.furnish();
    options_.memory_file = machine_.root() / "identity.memory";
    ASSERT_TRUE(watch());
    machine_.write("sys/block/nvme0n1/device/serial", "DISK 2\n");
    ASSERT_TRUE(watch());
    ASSERT_TRUE(watch());
    const auto components = witness_.of("device.component");
    ASSERT_EQ(components.size(), 2u);
    EXPECT_EQ(text_of(components[0].body, "action"), "removed");
    EXPECT_EQ(text_of(components[0].body, "id_hash"), to_hex(sha256(bytes_of("disk:DISK_1"))));
    EXPECT_EQ(text_of(components[1].body, "action"), "added");
    EXPECT_EQ(text_of(components[1].body, "id_hash"), to_hex(sha256(bytes_of("disk:DISK_2"))));
}

TEST_F(Identity, GivenABrokenOrLostMemoryWhenTheAgentStartsThenThePresentStateIsTheNewBeginning) {
    machine_.furnish();
    options_.memory_file = machine_.root() / "identity.memory";
    for (const char* broken :
         {"", "{", "[]", "{\"boot_id\": 7, \"groups\": {\"nic\": [1], \"disk\": null}}"}) {
        machine_.write("identity.memory", broken);
        witness_.forget();
        ASSERT_TRUE(watch());
        EXPECT_EQ(witness_.of("device.boot").size(), 1u) << broken;
    }
    options_.memory_file = machine_.root() / "nowhere" / "identity.memory";
    ASSERT_TRUE(watch());
    EXPECT_TRUE(witness_.await_health("identity", SensorState::degraded, "memory_not_writable"));
}

TEST_F(Identity, GivenNoSysfsForAWhileWhenLookedAtThenListsAreAbsentAndNothingIsRemoved) {
    machine_.furnish();
    const auto sys = machine_.root() / "sys", away = machine_.root() / "away";
    ASSERT_TRUE(watch({[&] { std::filesystem::rename(sys, away); }}));
    for (const char* field : {"nics", "disk_serials", "tpm_present"})
        EXPECT_FALSE(identity().contains(field)) << field;
    EXPECT_TRUE(witness_.of("device.component").empty());
}

TEST_F(Identity, GivenACardThatAProgramMadeWhenLookedAtThenItIsNoComponent) {
    machine_.furnish();
    ASSERT_TRUE(watch({[&] { machine_.add_card("veth1", "52:54:00:00:00:0a", "virtual"); }}));
    EXPECT_EQ(witness_.of("device.identity").size(), 2u);
    EXPECT_TRUE(witness_.of("device.component").empty());
}

TEST_F(Identity, GivenConfiguredNamesThatAreNoTokensWhenTheSensorStartsThenTheyAreLeftOut) {
    machine_.furnish();
    options_.mnemonic = "no token";
    options_.terminal_identifier = std::string(26, 'T');
    ASSERT_TRUE(watch());
    EXPECT_FALSE(identity().contains("mnemonic"));
    EXPECT_FALSE(identity().contains("terminal_identifier"));
    EXPECT_EQ(text_of(identity(), "ori"), "CA0300000");
}

TEST_F(Identity, GivenTheSinkRefusesWhenItTakesAgainThenNothingWasForgotten) {
    machine_.furnish();
    witness_.refuse(true);
    EXPECT_FALSE(watch());
    witness_.refuse(false);
    ASSERT_TRUE(watch());
    EXPECT_EQ(witness_.of("device.boot").size(), 1u);
    EXPECT_EQ(witness_.of("device.identity").size(), 1u);
}

// --- boot
// ---------------------------------------------------------------------------------------------------------

std::string load_option(const std::string& nodes) {
    const std::string path = nodes + std::string("\x7f\xff\x04\0", 4);
    return std::string("\x01\0\0\0", 4) + static_cast<char>(path.size()) + '\0' +
           std::string("d\0e\0b\0\0\0", 8) + path;
}

const std::string kUsbNode("\x03\x05\x06\0\x01\0", 6);
const std::string kNvmeNode("\x03\x17\x10\0\x01\0\0\0\0\0\0\0\0\0\0\0", 16);
const std::string kMacNode = std::string("\x03\x0b\x25\0", 4) + std::string(33, '\0');
const std::string kDriveNode =
    std::string("\x04\x01\x2a\0", 4) + std::string(20, '\0') +
    std::string("\x04\x03\x02\x01\x06\x05\x08\x07\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16) +
    std::string("\x02\x02", 2);

class IdentityBoot : public Identity {
protected:
    std::string source_of(const std::string& option) {
        machine_.efi("BootCurrent", std::string("\x0a\0", 2));
        machine_.efi("Boot000A", option);
        EXPECT_TRUE(watch());
        return std::string(text_of(boot(), "boot_source"));
    }
    void SetUp() override { machine_.furnish(); }
};

TEST_F(IdentityBoot, GivenABusInTheDevicePathWhenReadThenItIsTheSource) {
    EXPECT_EQ(source_of(load_option(kUsbNode)), "usb");
    EXPECT_EQ(source_of(load_option(kNvmeNode + kDriveNode)), "internal");
    EXPECT_EQ(source_of(load_option(kMacNode)), "network");
}

TEST_F(IdentityBoot, GivenOnlyAPartitionInTheDevicePathWhenReadThenItsDiskTells) {
    EXPECT_EQ(source_of(load_option(kDriveNode)), "unknown");
    machine_.add_disk("sdb1", "", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host0");
    machine_.link("dev/disk/by-partuuid/01020304-0506-0708-090a-0b0c0d0e0f10", "dev/sdb1");
    EXPECT_EQ(source_of(load_option(kDriveNode)), "usb");
}

TEST_F(IdentityBoot, GivenABrokenBootOptionWhenReadThenTheSourceIsUnknown) {
    const std::string whole = load_option(kNvmeNode + kDriveNode);
    for (std::size_t size = 0; size < whole.size() - 4; ++size)
        EXPECT_EQ(source_of(whole.substr(0, size)), "unknown");
    EXPECT_EQ(source_of(load_option(std::string("\x03\x05\0\0", 4))), "unknown");
}

TEST_F(IdentityBoot, GivenSecureBootStatesWhenReadThenTheyAreTold) {
    ASSERT_TRUE(watch());
    EXPECT_EQ(text_of(boot(), "secure_boot"), "on");
    machine_.efi("SecureBoot", std::string("\0", 1));
    ASSERT_TRUE(watch());
    EXPECT_EQ(text_of(boot(), "secure_boot"), "off");
    machine_.remove("sys/firmware/efi");
    machine_.write("sys/firmware/dmi/tables/DMI", "x");
    ASSERT_TRUE(watch());
    EXPECT_EQ(text_of(boot(), "secure_boot"), "off") << "no UEFI";
    EXPECT_EQ(text_of(boot(), "last_shutdown"), "unknown");
}

TEST_F(IdentityBoot, GivenMeasuredBootWhenReadThenItsDigestIsTold) {
    std::string all;
    for (int number = 0; number < 8; ++number) {
        const std::string value(64, static_cast<char>('A' + number % 6));
        machine_.write("sys/class/tpm/tpm0/pcr-sha256/" + std::to_string(number), value + "\n");
        all += value;
    }
    ASSERT_TRUE(watch());
    EXPECT_EQ(text_of(boot(), "measure_digest"), to_hex(sha256(bytes_of(all))));
}

TEST_F(Identity, GivenPciDevicesWhenOneIsPutInOrTakenOutThenItIsToldByItsClassAndTheFirstListIsNoNews) {
    machine_.furnish();
    const auto device = [&](const std::string& slot, const std::string& kind) {
        const std::string place = "sys/bus/pci/devices/" + slot;
        machine_.write(place + "/class", "0x" + kind + "00\n");
        machine_.write(place + "/vendor", "0x8086\n");
        machine_.write(place + "/device", "0x15f3\n");
    };
    device("0000:00:02.0", "0300");
    ASSERT_TRUE(watch({[&] { device("0000:04:00.0", "0c03"); },
                       [&] { machine_.remove("sys/bus/pci/devices/0000:00:02.0"); }, nothing}));
    const auto seen = witness_.of("device.component");
    ASSERT_EQ(seen.size(), 2U) << witness_.listing();
    EXPECT_EQ(text_of(seen[0].body, "action"), "added");
    EXPECT_EQ(text_of(seen[0].body, "class"), "pci_0c03");
    EXPECT_EQ(text_of(seen[1].body, "action"), "removed");
    EXPECT_EQ(text_of(seen[1].body, "class"), "pci_0300");
}

TEST_F(Identity, GivenALegacyBiosWhenBootedFromAStickThenTheMediumAndTheShutdownAreTold) {
    machine_.furnish();
    machine_.remove("sys/firmware/efi");
    machine_.write("proc/self/mountinfo", "36 35 8:17 / / rw - ext4 /dev/sdb1 rw\n");
    machine_.write("sys/devices/pci0000:00/usb1/1-2/block/sdb/sdb1/dev", "8:17\n");
    machine_.link("sys/dev/block/8:17", "sys/devices/pci0000:00/usb1/1-2/block/sdb/sdb1");
    machine_.write("var/log/wtmp", testing::login_record(2, "~", "reboot", "", 1000) +
                                       testing::login_record(2, "~", "reboot", "", 2000));
    ASSERT_TRUE(watch());
    EXPECT_EQ(text_of(boot(), "boot_source"), "usb");
    EXPECT_EQ(text_of(boot(), "last_shutdown"), "power");
}

TEST_F(Identity, GivenALoaderThatKnowsItsPartitionWhenTheFirmwareDoesNotSayThenThatCounts) {
    machine_.furnish();
    const std::string guid = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
    std::string wide("\x06\0\0\0", 4);
    for (const char c : guid + '\0')
        wide += {c, '\0'};
    machine_.write("sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f", wide);
    machine_.link("dev/disk/by-partuuid/0fc63daf-8483-4772-8e79-3d69d8477de4", "dev/sdb1");
    machine_.write("sys/devices/pci0000:00/usb1/1-2/block/sdb/sdb1/dev", "8:17\n");
    machine_.link("sys/class/block/sdb1", "sys/devices/pci0000:00/usb1/1-2/block/sdb/sdb1");
    ASSERT_TRUE(watch());
    EXPECT_EQ(text_of(boot(), "boot_source"), "usb");
}

TEST_F(Identity, GivenAClientsFileThenTheMnemonicIsTheOneThatStandsThere) {
    machine_.furnish();
    machine_.write("client.conf", "MNEMONIC=LAPD7F\n");
    options_.mnemonic_source = {machine_.root() / "client.conf", "MNEMONIC=*"};
    ASSERT_TRUE(watch());
    EXPECT_EQ(text_of(identity(), "mnemonic"), "LAPD7F");
}

TEST_F(Identity, GivenAFirmwareConfigWhenTheMachineDiffersThenEachDifferenceIsToldOnceAndWhenItChanges) {
    machine_.furnish();
    machine_.write("sys/bus/usb/devices/1-6/idVendor", "046d\n");
    machine_.write("sys/bus/usb/devices/1-6/idProduct", "c31c\n");
    options_.posture = posture::TerminalPosture{};
    options_.posture->secure_boot = true;
    options_.posture->tpm = false;
    options_.posture->boot_sources = {"internal"};
    options_.posture->fixed_usb = {{"1-6", "046d", "c31c", "keyboard"}};
    ASSERT_TRUE(watch({nothing, [&] { machine_.remove("sys/bus/usb/devices/1-6"); }, nothing}));
    std::vector<std::string> bodies;
    for (const auto& seen : witness_.of("policy.setting"))
        bodies.push_back(write_json(seen.body));
    EXPECT_EQ(bodies, (std::vector<std::string>{
                          R"({"name":"secure_boot","value":"on","compliant":"yes"})",
                          R"({"name":"tpm","value":"present","compliant":"no"})",
                          R"({"name":"boot_source","value":"unknown","compliant":"unknown"})",
                          R"({"name":"fixed_usb","value":"complete","compliant":"yes"})",
                          R"({"name":"fixed_usb","value":"missing:1-6","previous":"complete","compliant":"no"})"}));
    EXPECT_TRUE(witness_.await_health("posture", SensorState::ok));
}

TEST_F(Identity, GivenNoFirmwareConfigThenThatIsSaidAndNothingIsHeldAgainstTheMachine) {
    machine_.furnish();
    ASSERT_TRUE(watch());
    EXPECT_TRUE(witness_.of("policy.setting").empty());
    EXPECT_TRUE(witness_.await_health("posture", SensorState::absent, "no_firmware_config"));
}

TEST_F(Identity, GivenADrillWhenItLooksThenAChangeIsToldUnmarkedAndACopyWithTheMark) {
    machine_.furnish();
    ASSERT_TRUE(watch({[this] {
        drill_.begin({"identity"});
        machine_.write("proc/sys/kernel/hostname", "renamed\n");
    }}));
    const auto seen = witness_.of("device.identity");
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[1].drill, std::nullopt);
    EXPECT_EQ(text_of(seen[1].body, "hostname"), "renamed");
    EXPECT_EQ(seen[2].drill, std::string(32, 'd'));
    EXPECT_EQ(seen[2].body, seen[1].body);
    EXPECT_EQ(drill_.answers().at("identity"), "done");
}

}  // namespace
}  // namespace sallyport
