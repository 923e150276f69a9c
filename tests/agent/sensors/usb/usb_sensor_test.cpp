// SPDX-License-Identifier: Apache-2.0
//
// What the USB sensor decides, on a bus that loses messages, fails and lies.
#include "agent/sensors/usb/usb_sensor.hpp"

#include <gtest/gtest.h>

#include "protocol/usb_identity.hpp"
#include "tests/agent/sensors/usb/scripted_bus.hpp"
#include "tests/support/cued_drill.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/running_sensor.hpp"

namespace sallyport {
namespace {

using agent::Encryption;
using agent::UsbAddress;
using agent::UsbDevice;
using agent::UsbMount;
using std::chrono::milliseconds;
using testing::BusScript;
using testing::RunningSensor;
using testing::Witness;

constexpr UsbAddress kStick{1, 7};

UsbDevice hub() {
    UsbDevice device;
    device.address = {1, 1};
    device.vid = 0x1d6b;
    device.port = "usb1";
    device.hub = true;
    return device;
}

UsbDevice stick(const std::string& serial, UsbAddress address = kStick) {
    UsbDevice device;
    device.address = address;
    device.vid = 0x0781;
    device.pid = 0x5581;
    device.serial = serial;
    device.port = "1-2.4";
    device.interfaces = {{0x08, 0x06, 0x50, false}};
    return device;
}

class Usb : public ::testing::Test {
protected:
    explicit Usb(agent::UsbOptions options = {.resettle = milliseconds(0)})
        : sensor_(agent::make_usb_sensor(testing::scripted_parts(bus_), options), witness_, nullptr, drill_) {
        bus_.present.push_back(hub());
    }
    void start() {
        sensor_.start();
        witness_.await_health("usb", SensorState::ok);
    }

    BusScript bus_;
    Witness witness_;
    testing::CuedDrill drill_;
    RunningSensor sensor_;
};

// Looks again every few milliseconds, where the product waits a minute.
class UsbAudit : public Usb {
protected:
    UsbAudit() : Usb({.audit = milliseconds(5), .confirmation = milliseconds(5), .resettle = milliseconds(0)}) {}
};

TEST_F(UsbAudit, GivenAMessageTheKernelDroppedWhenTheBusIsListedAgainThenItIsAGapAndTheDeviceIsTold) {
    bus_.present.push_back(stick("OLD", {1, 5}));
    start();
    bus_.unplug({1, 5}, true);
    const auto detach = witness_.await("usb.detach");
    const auto gap = witness_.await("agent.gap", "reason", "hotplug_missed");
    ASSERT_TRUE(detach && gap);
    EXPECT_EQ(text_of(gap->body, "sensor"), "usb");
    EXPECT_EQ(integer_of(gap->body, "missed"), 1);
    EXPECT_EQ(detach->occurred_at, std::nullopt);
    bus_.plug(stick("NEW"), true);
    const auto attach =
        witness_.await("usb.attach", "serial_hash", device_hash(0x0781, 0x5581, "NEW"));
    ASSERT_TRUE(attach);
    EXPECT_EQ(attach->occurred_at, std::nullopt);
    EXPECT_FALSE(attach->body.contains("present_at_start"));
}

TEST_F(UsbAudit, GivenDevicesThatComeAndGoAsTheyShouldWhenTheBusIsListedAgainThenThereIsNoGap) {
    start();
    // Each its own: one that comes back at once would be one fact with its leaving.
    for (std::uint8_t number = 10; number < 60; ++number) {
        bus_.plug(stick("S" + std::to_string(number), {1, number}));
        bus_.unplug({1, number});
    }
    EXPECT_TRUE(witness_.await_count("usb.detach", 50));
    EXPECT_TRUE(witness_.of("agent.gap").empty());
}

TEST_F(Usb, GivenTheBusFailsWhenItIsBackThenItIsAGapAndNothingBetweenIsMissed) {
    start();
    bus_.plug(stick("S"), true);
    bus_.fail_once();
    EXPECT_TRUE(witness_.await("agent.gap", "reason", "bus_error"));
    EXPECT_TRUE(witness_.await("usb.attach"));
}

TEST_F(Usb, GivenASinkThatRefusesWhenItTakesAgainThenNothingWasForgotten) {
    start();
    witness_.refuse(true);
    bus_.plug(stick("S"));
    EXPECT_EQ(sensor_.join().error().message(), "usb: the test's sink refuses");
    witness_.refuse(false);
    start();
    EXPECT_TRUE(witness_.await("usb.attach"));
}

TEST_F(Usb, GivenNothingHappensWhenItWaitsThenItDoesNotPoll) {
    start();
    bus_.plug(stick("S"));
    EXPECT_TRUE(witness_.await("usb.attach"));
    EXPECT_TRUE(sensor_.stop());
    EXPECT_LE(bus_.waits, 3);
}

TEST_F(Usb, GivenTheLastHubIsGoneWhenNoneIsLeftThenTheBusIsMissing) {
    start();
    bus_.unplug({1, 1});
    witness_.await_health("usb", SensorState::absent, "bus_missing");
    bus_.plug(hub());
    witness_.await_health("usb", SensorState::ok);
    EXPECT_TRUE(witness_.seen().empty()) << "hubs are no devices";
}

TEST_F(Usb, GivenASerialThatNoDescriptorCanHoldWhenPluggedThenOnlyItsHashLeaves) {
    start();
    const std::string odd = std::string("\0\x1b[2J\n\"}", 8) + "\xff\xfe\xc0\x80" + std::string(4096, 'Q');
    bus_.plug(stick(odd));
    const auto attach = witness_.await("usb.attach");
    ASSERT_TRUE(attach);
    EXPECT_EQ(text_of(attach->body, "serial_hash"), device_hash(0x0781, 0x5581, odd));
    EXPECT_EQ(witness_.listing().find("QQ"), std::string::npos);
}

TEST_F(Usb, GivenMoreInterfacesThanAnEventHoldsWhenPluggedThenTheListIsCutButNoAbilityIsHidden) {
    start();
    UsbDevice device = stick("S");
    device.interfaces.clear();
    for (std::uint8_t number = 0; number < 200; ++number)
        device.interfaces.push_back({0xff, number, 0, false});
    device.interfaces.push_back({0x03, 0x01, 0x01, false});
    bus_.plug(device);
    const auto attach = witness_.await("usb.attach");
    ASSERT_TRUE(attach);
    EXPECT_EQ(attach->body.find("classes")->as<List>()->size(), 32u);
    EXPECT_TRUE(flag_of(attach->body, "is_keyboard"));
}

TEST_F(Usb, GivenAnAddressUsedAgainWhenTheDetachWasLostThenTheOldDeviceIsToldToHaveLeft) {
    start();
    bus_.plug(stick("OLD"));
    bus_.plug(stick("NEW"));
    EXPECT_TRUE(witness_.await("usb.detach", "serial_hash", device_hash(0x0781, 0x5581, "OLD")));
    EXPECT_TRUE(witness_.await("usb.attach", "serial_hash", device_hash(0x0781, 0x5581, "NEW")));
}

TEST_F(Usb, GivenAStickWhenItIsMountedThenWhatMattersOfTheFileSystemIsToldOnce) {
    start();
    bus_.plug(stick("S"));
    bus_.mount({"36w", kStick, "exfat", Encryption::no, false, 61'000});
    const auto mount = witness_.await("usb.mount");
    ASSERT_TRUE(mount);
    EXPECT_EQ(mount->body, (Record{{"serial_hash", device_hash(0x0781, 0x5581, "S")},
                                   {"fs_kind", "exfat"},
                                   {"encrypted", "no"},
                                   {"read_only", false},
                                   {"size_mb", 61'000}}));
    EXPECT_TRUE(mount->occurred_at);
    bus_.mount({"37r", kStick, "ext4", Encryption::yes, true, 1});
    EXPECT_TRUE(witness_.await("usb.mount", "encrypted", "yes"));
    EXPECT_EQ(witness_.of("usb.mount").size(), 2u);
}

TEST_F(Usb, GivenAMountSeenBeforeItsDeviceWhenTheDeviceComesThenItIsTold) {
    start();
    bus_.mount({"36w", kStick, "vfat", Encryption::no, false, 8'000});
    bus_.plug(stick("S"));
    EXPECT_TRUE(witness_.await("usb.mount"));
    EXPECT_EQ(witness_.seen().front().type, "usb.attach");
}

TEST_F(Usb, GivenMountsThatCannotBeReadWhenTheSensorRunsThenItIsDegradedAndGoesOn) {
    bus_.fail_mounts = true;
    sensor_.start();
    witness_.await_health("usb", SensorState::degraded, "mounts_unreadable");
    bus_.plug(stick("S"));
    EXPECT_TRUE(witness_.await("usb.attach"));
}

// --- what is told of a device -------------------------------------------------------------------------------------

TEST_F(Usb, GivenASerialOfItsOwnOrNoneWhenPluggedThenADeviceIsToldFromAModel) {
    start();
    bus_.plug(stick("4C530001230712", {1, 3}));
    bus_.plug(stick("", {1, 4}));
    bus_.plug(stick("000000000000", {1, 5}));
    EXPECT_TRUE(witness_.await_count("usb.attach", 3));
    const auto told = witness_.of("usb.attach");
    EXPECT_EQ(text_of(told[0].body, "identity"), "device");
    EXPECT_EQ(text_of(told[1].body, "identity"), "model");
    EXPECT_EQ(text_of(told[2].body, "identity"), "model");
}

TEST_F(Usb, GivenTwoSticksWithOneSerialWhenBothArePluggedThenThatSerialNamesAModel) {
    start();
    bus_.plug(stick("4C530001230712", {1, 3}));
    UsbDevice second = stick("4C530001230712", {1, 4});
    second.port = "1-3";
    bus_.plug(second);
    EXPECT_TRUE(witness_.await_count("usb.attach", 2));
    EXPECT_EQ(text_of(witness_.of("usb.attach")[1].body, "identity"), "model");
}

TEST_F(Usb, GivenADeviceOfThreeInterfacesWhenPluggedThenEachIsNamedAndItIsComposite) {
    start();
    UsbDevice bad = stick("4C530001230712");
    bad.interfaces = {{0x08, 0x06, 0x50, false}, {0x03, 0x01, 0x01, false}, {0x02, 0x06, 0x00, false}};
    bus_.plug(bad);
    const auto attach = witness_.await("usb.attach");
    ASSERT_TRUE(attach);
    EXPECT_TRUE(flag_of(attach->body, "is_composite"));
    EXPECT_EQ(*attach->body.find("functions"), Value(List{Value("storage"), Value("keyboard"), Value("network")}));
    for (const char* flag : {"is_storage", "is_keyboard", "is_net"})
        EXPECT_TRUE(flag_of(attach->body, flag)) << flag;
}

TEST_F(Usb, GivenAKeyboardWithExtraKeysWhenPluggedThenItIsNotComposite) {
    start();
    UsbDevice keyboard = stick("");
    keyboard.interfaces = {{0x03, 0x01, 0x01, false}, {0x03, 0x00, 0x00, false}, {0x03, 0x01, 0x02, false}};
    bus_.plug(keyboard);
    const auto attach = witness_.await("usb.attach");
    ASSERT_TRUE(attach);
    EXPECT_FALSE(flag_of(attach->body, "is_composite"));
}

TEST_F(Usb, GivenADeviceBehindAHubWhenPluggedThenHubAndPortAreEvidence) {
    start();
    UsbDevice dock = hub();
    dock.address = {1, 2};
    dock.vid = 0x17ef;
    dock.pid = 0x305a;
    dock.port = "1-2";
    bus_.plug(dock);
    bus_.plug(stick("S"));
    const auto attach = witness_.await("usb.attach");
    ASSERT_TRUE(attach);
    EXPECT_EQ(text_of(attach->body, "port"), "1-2.4");
    EXPECT_EQ(text_of(attach->body, "parent"), "17ef:305a");
}

TEST_F(Usb, GivenAHundredDevicesWhenTheyComeAtOnceThenEachIsToldOnce) {
    start();
    for (std::uint8_t number = 10; number < 110; ++number) {
        UsbDevice one = stick("4C53000123" + std::to_string(number), {1, number});
        one.port = "1-2." + std::to_string(number);
        bus_.plug(one);
    }
    EXPECT_TRUE(witness_.await_count("usb.attach", 100));
    EXPECT_EQ(witness_.seen().size(), 100u);
}

// --- what comes back ------------------------------------------------------------------------------------------------

class UsbWithTime : public Usb {
protected:
    UsbWithTime() : Usb({}), timed_(agent::make_usb_sensor(testing::scripted_parts(bus_)), witness_, &clock_) {}
    void start() {
        timed_.start();
        witness_.await_health("usb", SensorState::ok);
    }
    void pass(milliseconds time) {
        bus_.await_sleep();
        clock_.advance(time);
        bus_.wake();
    }

    testing::ManualClock clock_;
    RunningSensor timed_;
};

TEST_F(UsbWithTime, GivenADeviceThatLeavesAndComesBackAtOnceThenThatIsOneFact) {
    start();
    bus_.plug(stick("4C530001230712"));
    EXPECT_TRUE(witness_.await("usb.attach"));
    bus_.unplug(kStick);
    UsbDevice back = stick("4C530001230712", {1, 8});
    back.port = "3-1";
    bus_.plug(back);
    const auto fact = witness_.await("usb.reenumerate");
    ASSERT_TRUE(fact);
    EXPECT_EQ(text_of(fact->body, "port"), "3-1");
    EXPECT_EQ(text_of(fact->body, "previous_port"), "1-2.4");
    pass(milliseconds(60'000));
    EXPECT_TRUE(timed_.stop());
    EXPECT_EQ(witness_.seen().size(), 2u) << witness_.listing();
}

TEST_F(UsbWithTime, GivenADeviceThatStaysAwayThenItIsToldWithTheTimeAtWhichItLeft) {
    start();
    bus_.plug(stick("4C530001230712"));
    EXPECT_TRUE(witness_.await("usb.attach"));
    const WallTime left = clock_.now();
    bus_.unplug(kStick);
    bus_.plug(stick("AA04012700007", {1, 8}));  // handled after it
    EXPECT_TRUE(witness_.await_count("usb.attach", 2));
    EXPECT_TRUE(witness_.of("usb.detach").empty());
    pass(milliseconds(2'000));
    const auto detach = witness_.await("usb.detach");
    ASSERT_TRUE(detach);
    EXPECT_EQ(detach->occurred_at, left);
}

TEST_F(UsbWithTime, GivenADockThatComesBackAfterSleepWhenTheMachineWakesThenItsDevicesAreOneFactEach) {
    start();
    UsbDevice keyboard = stick("");
    keyboard.interfaces = {{0x03, 0x01, 0x01, false}};
    bus_.plug(keyboard);
    EXPECT_TRUE(witness_.await("usb.attach"));
    bus_.await_sleep();
    clock_.advance(std::chrono::hours(8));  // while the sensor waits: the machine sleeps
    bus_.unplug(kStick);
    bus_.plug(stick("AA04012700007", {1, 9}));
    EXPECT_TRUE(witness_.await_count("usb.attach", 2));
    pass(milliseconds(14'000));
    keyboard.address = {1, 12};
    bus_.plug(keyboard);
    EXPECT_TRUE(witness_.await("usb.reenumerate"));
    EXPECT_TRUE(witness_.of("usb.detach").empty());
}

TEST_F(UsbWithTime, GivenTheSensorStopsWhenADeviceHasJustLeftThenThatIsToldAtTheEnd) {
    start();
    bus_.plug(stick("4C530001230712"));
    EXPECT_TRUE(witness_.await("usb.attach"));
    bus_.unplug(kStick);
    bus_.plug(stick("AA04012700007", {1, 8}));
    EXPECT_TRUE(witness_.await_count("usb.attach", 2));
    EXPECT_TRUE(timed_.stop());
    EXPECT_EQ(witness_.of("usb.detach").size(), 1u);
}

// --- what the kernel dropped ------------------------------------------------------------------------------------------

TEST_F(Usb, GivenTheKernelsBufferRanOverWhenItIsNoticedThenItIsAGapWithANumberAndTheBusIsReadAgain) {
    bus_.present.push_back(stick("OLD", {1, 5}));
    start();
    bus_.unplug({1, 5}, true);
    bus_.plug(stick("NEW"), true);
    bus_.drop(42);
    const auto gap = witness_.await("agent.gap", "reason", "kernel_buffer_overrun");
    ASSERT_TRUE(gap);
    EXPECT_EQ(integer_of(gap->body, "missed"), 42);
    EXPECT_TRUE(witness_.await("usb.attach", "serial_hash", device_hash(0x0781, 0x5581, "NEW")));
    EXPECT_TRUE(witness_.await("usb.detach"));
    EXPECT_EQ(witness_.of("agent.gap").size(), 1u);
}

// --- what is written --------------------------------------------------------------------------------------------------

TEST_F(UsbWithTime, GivenWritesToAStickThenTheirVolumeIsToldAtMostEveryThirtySeconds) {
    start();
    bus_.plug(stick("4C530001230712"));
    EXPECT_TRUE(witness_.await("usb.attach"));
    bus_.mount({"36w", kStick, "vfat", Encryption::no, false, 8'000});
    EXPECT_TRUE(witness_.await("usb.mount"));
    bus_.write({kStick, "sdb", 20'000'000});
    pass(milliseconds(10'000));
    EXPECT_TRUE(witness_.await_count("usb.write", 1));
    bus_.write({kStick, "sdb", 50'000'000});
    pass(milliseconds(10'000));
    bus_.write({kStick, "sdb", 60'000'000});
    pass(milliseconds(20'000));
    EXPECT_TRUE(witness_.await_count("usb.write", 2));
    const auto told = witness_.of("usb.write");
    EXPECT_EQ(text_of(told[0].body, "serial_hash"), device_hash(0x0781, 0x5581, "4C530001230712"));
    EXPECT_EQ(integer_of(told[0].body, "bytes") + integer_of(told[1].body, "bytes"), 60'000'000);
    EXPECT_EQ(integer_of(told[0].body, "bytes"), 20'000'000);
    EXPECT_FALSE(told[0].body.contains("file_count")) << "nothing on Linux tells it";
}

TEST_F(UsbWithTime, GivenADiskInsideTheMachineWhenItIsWrittenToThenNothingIsTold) {
    UsbDevice inside = stick("4C530001230712");
    inside.external = false;
    bus_.present.push_back(inside);
    start();
    bus_.write({kStick, "sdb", 20'000'000});
    pass(milliseconds(60'000));
    pass(milliseconds(60'000));
    EXPECT_TRUE(timed_.stop());
    EXPECT_TRUE(witness_.of("usb.write").empty());
}

// --- drill

TEST_F(Usb, GivenADrillWhenAStrangerAndThenItsStickArePluggedThenOnlyItsStickIsMarked) {
    constexpr const char* kDrillSerial = "AA04012700007F3D";
    start();
    drill_.begin({"usb"}, DrillStick{"0781", "5581", device_hash(0x0781, 0x5581, kDrillSerial)});
    bus_.plug(stick("4C530001240909115203", {1, 8}));
    bus_.plug(stick(kDrillSerial, {1, 9}));
    ASSERT_TRUE(witness_.await_count("usb.attach", 2));
    const auto seen = witness_.of("usb.attach");
    EXPECT_EQ(seen[0].drill, std::nullopt);
    EXPECT_EQ(seen[1].drill, std::string(32, 'd'));
    while (drill_.answers().empty()) std::this_thread::yield();  // it says so after the sink has taken it
    EXPECT_EQ(drill_.answers(), (std::map<std::string, std::string>{{"usb", "done"}}));
    // Once is proof: the same stick again is told as any other.
    bus_.unplug({1, 9});
    bus_.plug(stick(kDrillSerial, {1, 10}));
    ASSERT_TRUE(witness_.await_count("usb.attach", 3));
    EXPECT_EQ(witness_.of("usb.attach")[2].drill, std::nullopt);
    EXPECT_EQ(witness_.of("usb.detach").at(0).drill, std::nullopt);
}

}  // namespace
}  // namespace sallyport
