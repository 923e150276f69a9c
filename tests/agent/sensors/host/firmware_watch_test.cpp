// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/firmware_watch.hpp"

#include "tests/agent/sensors/host/watch_stage.hpp"
#include "tests/support/logind/mock_logind.hpp"

namespace sallyport::testing {
namespace {

using agent::FirmwareItem;

class ScriptedUpdater final : public agent::FirmwareInventory {
public:
    explicit ScriptedUpdater(std::vector<FirmwareItem>& items) : items_(items) {}
    Result<std::vector<FirmwareItem>> items() override { return items_; }

private:
    std::vector<FirmwareItem>& items_;
};

class Firmware : public WatchStage {
protected:
    Firmware() {
        machine_.furnish();
        machine_.write("sys/class/dmi/id/bios_version", "1.14.2\n");
        machine_.write("sys/class/dmi/id/bios_date", "05/14/2023\n");
        start();
    }
    // As after a restart of the agent.
    void start() {
        watch_ = agent::make_firmware_watch({.memory_file = memory_ / "firmware.memory"},
                                            agent::make_linux_firmware(machine_.root()),
                                            std::make_unique<ScriptedUpdater>(updater_));
    }

    TemporaryFolder memory_;
    std::vector<FirmwareItem> updater_;
};

constexpr const char* kTeller = R"("told_by":"linux/6.1.0-18-amd64"})";

TEST_F(Firmware, GivenAMachineWhenItStartsAndADayPassesThenEveryComponentIsToldEachTime) {
    machine_.write("sys/class/nvme/nvme0/model", "Example SSD 980\n");
    machine_.write("sys/class/nvme/nvme0/firmware_rev", "2B4QFXO7\n");
    const Bodies all{std::string(R"({"component":"bios","version":"1.14.2",)") + kTeller,
                     std::string(R"({"component":"bios_date","version":"2023-05-14",)") + kTeller,
                     std::string(R"({"component":"disk:Example_SSD_980","version":"2B4QFXO7",)") + kTeller};
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.firmware"), all);
    clock_.advance(std::chrono::hours(1));
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.firmware"), Bodies{}) << "nothing changed";
    clock_.advance(std::chrono::hours(23));
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.firmware"), all);
    EXPECT_TRUE(witness_.await_health("firmware", SensorState::ok));
}

TEST_F(Firmware, GivenAVersionThatChangedWhileTheAgentWasDownWhenItStartsThenTheOneBeforeIsNamed) {
    ASSERT_TRUE(look());
    told("device.firmware");
    machine_.write("sys/class/dmi/id/bios_version", "1.9.0\n");
    start();
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.firmware").at(0),
              std::string(R"({"component":"bios","version":"1.9.0","previous_version":"1.14.2",)") + kTeller);
}

TEST_F(Firmware, GivenATellerOfAnotherVersionWhenItSaysOtherwiseThenThatIsNoChange) {
    updater_ = {{"fwupd:UEFI_dbx", "77", std::nullopt, "fwupd/1.8.12"}};
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.firmware").back(),
              R"({"component":"fwupd:UEFI_dbx","version":"77","told_by":"fwupd/1.8.12"})");
    updater_ = {{"fwupd:UEFI_dbx", "20230501", std::nullopt, "fwupd/1.9.1"}};
    start();
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.firmware").back(),
              R"({"component":"fwupd:UEFI_dbx","version":"20230501","told_by":"fwupd/1.9.1"})");
    updater_ = {{"fwupd:UEFI_dbx", "20230301", std::nullopt, "fwupd/1.9.1"}};
    clock_.advance(std::chrono::hours(24));
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.firmware").back(), R"({"component":"fwupd:UEFI_dbx","version":"20230301",)"
                                              R"("previous_version":"20230501","told_by":"fwupd/1.9.1"})");
}

TEST_F(Firmware, GivenAFirmwareConfigThenEachComponentThatItSpeaksOfIsToldAsExpectedOrNot) {
    posture::TerminalPosture posture;
    posture.firmware = {{"bios", {"1.13*", "1.14.3"}}};
    watch_ = agent::make_firmware_watch({.memory_file = {}, .posture = posture}, agent::make_linux_firmware(machine_.root()),
                                        std::make_unique<ScriptedUpdater>(updater_));
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.firmware"),
              (Bodies{R"({"component":"bios","version":"1.14.2","told_by":"linux/6.1.0-18-amd64","expected":false})",
                      std::string(R"({"component":"bios_date","version":"2023-05-14",)") + kTeller}));
}

TEST_F(Firmware, GivenNothingThatTellsThenTheSensorIsAbsent) {
    machine_.remove("sys");
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.await_health("firmware", SensorState::absent, "no_firmware_tables"));
    EXPECT_TRUE(witness_.seen().empty());
}

TEST(FwupdOnABus, GivenAServiceThatKnowsDevicesThenTheyAreToldWithItsVersionAndWithoutItNothing) {
    MockLogind bus;
    ASSERT_TRUE(bus.ready());
    auto updater = agent::make_fwupd_devices();
    auto items = updater->items();
    ASSERT_TRUE(items) << items.error().message();
    EXPECT_TRUE(items->empty()) << "nobody to ask, and nobody started";
    bus.tell("fwupd 1.8.12 UEFI_dbx=77 System_Firmware=1.14.2");
    items = updater->items();
    ASSERT_TRUE(items) << items.error().message();
    ASSERT_EQ(items->size(), 2U);
    EXPECT_EQ((*items)[0].component, "fwupd:UEFI_dbx");
    EXPECT_EQ((*items)[1].version, "1.14.2");
    EXPECT_EQ((*items)[1].told_by, "fwupd/1.8.12");
}

}  // namespace
}  // namespace sallyport::testing
