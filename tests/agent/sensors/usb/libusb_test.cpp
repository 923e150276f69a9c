// SPDX-License-Identifier: Apache-2.0
//
// The USB sensor on the real libusb and udev, with umockdev as the kernel.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/sensors/usb/policy_file.hpp"
#include "agent/sensors/usb/usb_sensor.hpp"
#include "protocol/usb_identity.hpp"
#include "tests/support/running_sensor.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_broker.hpp"
#include "tests/support/umockdev/usb_stage.hpp"

namespace sallyport {
namespace {


using agent::make_usb_sensor;
using agent::Observation;
using testing::RunningSensor;
using testing::UsbStage;
using testing::Witness;

const bool under_umockdev = testing::start_again_under_umockdev();

class UsbOnTheBus : public ::testing::Test {
protected:
    explicit UsbOnTheBus(std::vector<std::string> arguments = {}) : stage_(std::move(arguments)) {}
    void SetUp() override {
        if (!under_umockdev || !stage_.ready()) GTEST_SKIP() << "SKIPPED: umockdev is not on this machine";
    }
    void start() {
        sensor_.start();
        witness_.await_health("usb", SensorState::ok);
    }
    static std::string hash_of_stick(const std::string& serial) {
        return device_hash(0x0781, 0x5581, serial);
    }

    UsbStage stage_;
    Witness witness_;
    RunningSensor sensor_{make_usb_sensor(agent::UsbOptions{.resettle = std::chrono::milliseconds(0)}), witness_};
};

class UsbWithoutBus : public UsbOnTheBus {
protected:
    UsbWithoutBus() : UsbOnTheBus({"--no-bus"}) {}
};

TEST_F(UsbOnTheBus, GivenAnEmptyBusWhenAStickIsPluggedThenItIsDescribedAndOnlyItsHashLeaves) {
    start();
    const std::string port = stage_.plug("stick SN-0042");
    const auto attach = witness_.await("usb.attach");
    ASSERT_TRUE(attach);
    EXPECT_EQ(text_of(attach->body, "vid"), "0781");
    EXPECT_EQ(text_of(attach->body, "pid"), "5581");
    EXPECT_EQ(text_of(attach->body, "serial_hash"), hash_of_stick("SN-0042"));
    EXPECT_TRUE(flag_of(attach->body, "serial_present"));
    EXPECT_EQ(*attach->body.find("classes"), Value(List{Value("08:06:50")}));
    EXPECT_TRUE(flag_of(attach->body, "is_storage"));
    EXPECT_FALSE(flag_of(attach->body, "is_hid"));
    EXPECT_EQ(text_of(attach->body, "port"), port);
    EXPECT_TRUE(flag_of(attach->body, "external"));
    EXPECT_EQ(text_of(attach->body, "decision"), "allowed");
    EXPECT_TRUE(attach->occurred_at);
    EXPECT_FALSE(attach->body.contains("present_at_start"));
    EXPECT_EQ(witness_.listing().find("SN-0042"), std::string::npos);
    EXPECT_EQ(witness_.listing().find("Forbidden"), std::string::npos);
}

TEST_F(UsbOnTheBus, GivenAStickWhenItIsPulledAndPluggedAgainThenEachIsToldWithTheSameFacts) {
    start();
    stage_.plug("stick SN-1");
    const auto attach = witness_.await("usb.attach");
    stage_.unplug("stick SN-1");
    const auto detach = witness_.await("usb.detach");
    ASSERT_TRUE(attach && detach);
    EXPECT_EQ(detach->body, attach->body);
    EXPECT_TRUE(detach->occurred_at);
    stage_.plug("stick SN-1");
    EXPECT_TRUE(witness_.await_count("usb.attach", 2));
}

TEST_F(UsbOnTheBus, GivenDevicesAtStartWhenTheSensorBeginsThenTheyArePresentAndTheirTimeUnknown) {
    stage_.plug("keyboard");
    stage_.plug("stick SN-1");
    start();
    const auto keyboard = witness_.await("usb.attach", "vid", "046d");
    const auto stick = witness_.await("usb.attach", "vid", "0781");
    ASSERT_TRUE(keyboard && stick);
    EXPECT_TRUE(flag_of(keyboard->body, "is_keyboard"));
    EXPECT_FALSE(flag_of(keyboard->body, "serial_present"));
    EXPECT_TRUE(flag_of(stick->body, "present_at_start"));
    EXPECT_EQ(stick->occurred_at, std::nullopt);
    EXPECT_EQ(witness_.seen().size(), 2u) << "a hub is no device";
}

TEST_F(UsbWithoutBus, GivenNoBusWhenTheSensorBeginsThenThatIsAStateAndABusThatComesIsFound) {
    sensor_.start();
    witness_.await_health("usb", SensorState::absent, "bus_missing");
    stage_.bring_bus();
    witness_.await_health("usb", SensorState::ok);
    stage_.plug("stick SN-1");
    EXPECT_TRUE(witness_.await("usb.attach"));
}

struct Ability {
    const char* prop;
    const char* flag;
};

TEST_F(UsbOnTheBus, GivenEachKindOfDeviceWhenPluggedThenWhatItCanDoIsTold) {
    start();
    for (const Ability& one : {Ability{"mouse", "is_hid"},
                               {"keyboard", "is_keyboard"},
                               {"badusb", "is_storage"},
                               {"badusb B", "is_keyboard"},
                               {"phone P", "is_mtp"},
                               {"camera", "is_mtp"},
                               {"network", "is_net"},
                               {"tether", "is_net"}}) {
        witness_.forget();
        stage_.plug(one.prop);
        const auto attach = witness_.await("usb.attach");
        ASSERT_TRUE(attach);
        EXPECT_TRUE(flag_of(attach->body, one.flag)) << one.prop;
    }
    witness_.forget();
    stage_.plug("mouse 2");
    const auto mouse = witness_.await("usb.attach");
    ASSERT_TRUE(mouse);
    for (const char* flag : {"is_keyboard", "is_storage", "is_net", "is_mtp"})
        EXPECT_FALSE(flag_of(mouse->body, flag)) << flag;
}

TEST_F(UsbOnTheBus, GivenAHostileSerialWhenPluggedThenTheEventIsValidAndCarriesNoneOfIt) {
    start();
    // Control characters, half a surrogate pair, a right-to-left mark, a line feed.
    stage_.plug_hex("stick 0A0000001B005B0000D80F20220022000D00");
    stage_.plug_hex("stick " + [] {
        std::string longest;
        for (int at = 0; at < 126; ++at)
            longest += "4100";
        return longest;
    }());
    EXPECT_TRUE(witness_.await_count("usb.attach", 2));
    for (const auto& attach : witness_.of("usb.attach")) {
        EXPECT_TRUE(flag_of(attach.body, "serial_present"));
        EXPECT_EQ(text_of(attach.body, "serial_hash").size(), 64u);
    }
    EXPECT_EQ(witness_.listing().find("AAAA"), std::string::npos);
}

TEST_F(UsbOnTheBus, GivenTheSensorStoppedWhenTheBusChangesThenTheNextRunTellsTheDifference) {
    stage_.plug("stick OLD");
    start();
    EXPECT_TRUE(sensor_.stop());
    witness_.forget();
    stage_.unplug("stick OLD");
    stage_.plug("stick NEW");
    start();
    const auto detach = witness_.await("usb.detach", "serial_hash", hash_of_stick("OLD"));
    const auto attach = witness_.await("usb.attach", "serial_hash", hash_of_stick("NEW"));
    ASSERT_TRUE(detach && attach);
    EXPECT_EQ(attach->occurred_at, std::nullopt);
    EXPECT_FALSE(attach->body.contains("present_at_start"));
}

// The sensor opens files of the kernel's now and then and closes them again: what is left open is what stays.
std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST_F(UsbOnTheBus, GivenTwoHundredCyclesWhenPluggedAndPulledThenEachIsToldOnceAndNoDescriptorIsLeft) {
    start();
    stage_.plug("stick FIRST");
    witness_.await("usb.attach");
    const std::size_t before = open_descriptors();
    for (std::size_t cycle = 1; cycle <= 200; ++cycle) {
        stage_.plug("stick SN");
        ASSERT_TRUE(witness_.await_count("usb.attach", cycle + 1));
        stage_.unplug("stick SN");
        ASSERT_TRUE(witness_.await_count("usb.detach", cycle));
    }
    EXPECT_EQ(witness_.seen().size(), 401u);
    EXPECT_TRUE(testing::eventually([&] { return open_descriptors() <= before; })) << open_descriptors();
    for (const auto& attach : witness_.of("usb.attach"))
        EXPECT_TRUE(flag_of(attach.body, "serial_present"));
}

// A few at a time: what is told of them is counted, what they left open is compared (anchors C1, row 7).
TEST_F(UsbOnTheBus, GivenTenThousandCyclesWhenPluggedAndPulledThenEachIsToldAndNoDescriptorIsLeft) {
    constexpr std::size_t kAtOnce = 4, kCycles = 10'000;
    start();
    stage_.plug("stick SN-1");
    ASSERT_TRUE(witness_.await("usb.attach"));
    std::size_t after_a_hundred = 0;  // what is opened once, at the first need, is open by then
    for (std::size_t cycle = 0; cycle < kCycles; cycle += kAtOnce) {
        if (cycle == 100) after_a_hundred = open_descriptors();
        witness_.forget();
        stage_.replug(kAtOnce, "stick SN-1");
        ASSERT_TRUE(witness_.await_count("usb.attach", kAtOnce)) << "cycle " << cycle;
        ASSERT_EQ(witness_.of("usb.detach").size(), kAtOnce) << "cycle " << cycle;
    }
    EXPECT_TRUE(testing::eventually([&] { return open_descriptors() <= after_a_hundred; })) << open_descriptors();
}

// --- what is held -----------------------------------------------------------------------------------------------------

class UsbHeld : public UsbOnTheBus {
protected:
    static bool works(const std::string& port) {
        std::ifstream file("/sys/bus/usb/devices/" + port + "/authorized");
        int value = -1;
        file >> value;
        return value == 1;
    }
    void enforce(const std::string& rules) {
        const LinuxClock clock;
        std::ofstream(folder_ / "usb.policy") << *usbguard::encode_policy("T-1", 1, clock.now(), rules, key_);
        enforcing_ = std::make_unique<RunningSensor>(
            agent::make_enforcing_usb_sensor({"T-1", folder_ / "usb.policy", folder_ / "seen", key_.public_key()}), witness_);
        enforcing_->start();
        witness_.await_health("usb", SensorState::ok);
    }

    SigningKey key_ = *SigningKey::generate();
    testing::TemporaryFolder folder_;
    std::unique_ptr<RunningSensor> enforcing_;
};

TEST_F(UsbHeld, GivenTheKernelHoldsWhatComesWhenPluggedThenADeviceIsReadWithoutItsConfigurationAndTheRulesDecide) {
    stage_.plug("keyboard");
    stage_.hold();
    enforce("block with-interface all-of { 08:*:* 03:*:* }\nallow id 0781:5581 with-interface equals { 08:06:50 }\n");
    const std::string stick = stage_.plug("stick SN-0042"), bad = stage_.plug("badusb"), mouse = stage_.plug("mouse");
    const auto first = witness_.await("usb.attach", "port", stick), second = witness_.await("usb.attach", "port", bad),
               third = witness_.await("usb.attach", "port", mouse), console = witness_.await("usb.attach", "vid", "046d");
    ASSERT_TRUE(first && second && third && console);
    EXPECT_EQ(text_of(first->body, "rule"), "rule-2");
    EXPECT_EQ(text_of(first->body, "serial_hash"), hash_of_stick("SN-0042"));
    EXPECT_TRUE(works(stick));
    EXPECT_EQ(text_of(second->body, "rule"), "rule-1");
    EXPECT_TRUE(flag_of(second->body, "is_keyboard") && flag_of(second->body, "is_storage"));
    EXPECT_FALSE(works(bad));
    EXPECT_EQ(text_of(third->body, "rule"), "default");
    EXPECT_FALSE(works(mouse));
    EXPECT_EQ(text_of(console->body, "rule"), "console");
}

}  // namespace
}  // namespace sallyport
