// SPDX-License-Identifier: Apache-2.0
//
// The guard on a folder that looks like sysfs, with the sensor around it: what is held, what is let in, and what is told.
#include "agent/sensors/usb/usb_guard.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/agent/sensors/usb/scripted_bus.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/running_sensor.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/usb_descriptors.hpp"

namespace sallyport {
namespace {

using agent::UsbDevice;
using testing::descriptors_with;
using testing::InterfaceClass;
using testing::RunningSensor;

constexpr InterfaceClass kKeyboard{0x03, 0x01, 0x01}, kStorage{0x08, 0x06, 0x50};
constexpr const char* kRules =
    "# the sticks of the unit, and nothing that types\n"
    "block with-interface all-of { 08:*:* 03:*:* }\n"
    "allow id 0781:5581 serial \"4C530001230712\"\n";

UsbDevice device(std::uint8_t address, const std::string& port, const std::string& serial,
                 const std::vector<InterfaceClass>& interfaces) {
    UsbDevice one;
    one.address = {1, address};
    one.vid = 0x0781;
    one.pid = 0x5581;
    one.serial = serial;
    one.port = port;
    for (const InterfaceClass& each : interfaces)
        one.interfaces.push_back({each.type, each.subtype, each.protocol, false});
    one.descriptors = descriptors_with(interfaces);
    return one;
}

UsbDevice hub(std::uint8_t address, const std::string& port) {
    UsbDevice one = device(address, port, "", {{0x09, 0x00, 0x00}});
    one.hub = true;
    return one;
}

class Guard : public ::testing::Test {
protected:
    Guard() {
        plug_before(hub(1, "usb1"), true);
        sign(1, kRules);
    }

    void sign(std::int64_t version, const std::string& rules, const std::string& terminal = "T-1") {
        std::ofstream(folder_ / "usb.policy") << *usbguard::encode_policy(terminal, version, clock_.now(), rules, key_);
    }
    void set(const std::string& port, bool authorised) {
        std::filesystem::create_directories(folder_ / port);
        std::ofstream(folder_ / port / "authorized") << (authorised ? "1\n" : "0\n");
    }
    bool works(const std::string& port) const {
        std::ifstream file(folder_ / port / "authorized");
        int value = -1;
        file >> value;
        return value == 1;
    }
    void plug_before(const UsbDevice& one, bool authorised) {
        set(one.port, authorised);
        bus_.present.push_back(one);
    }
    // As the kernel does it where the helper told it to hold.
    void plug(const UsbDevice& one) {
        set(one.port, false);
        bus_.plug(one);
    }
    agent::PolicyOptions policy() {
        return {"T-1", folder_ / "usb.policy", folder_ / "usb-policy.seen", key_.public_key()};
    }
    void start(SensorState state = SensorState::ok, std::string_view reason = {}) {
        auto parts = testing::scripted_parts(bus_);
        parts.guard = std::make_unique<agent::UsbGuard>(agent::make_linux_usb_switch(folder_.path()), policy());
        sensor_ = std::make_unique<RunningSensor>(agent::make_usb_sensor(std::move(parts)), witness_, &clock_);
        sensor_->start();
        witness_.await_health("usb", state, reason);
    }
    void pass_a_minute() {
        bus_.await_sleep();
        clock_.advance(std::chrono::minutes(1));
        bus_.wake();
    }
    agent::Observation told(const std::string& port) {
        const auto found = witness_.await("usb.attach", "port", port);
        return found ? *found : agent::Observation{};
    }

    SigningKey key_ = *SigningKey::generate();
    testing::TemporaryFolder folder_;
    testing::BusScript bus_;
    testing::ManualClock clock_;
    testing::Witness witness_;
    std::unique_ptr<RunningSensor> sensor_;
};

TEST_F(Guard, GivenADeviceThatNoRuleKnowsWhenPluggedThenItStaysHeldAndTheDefaultIsNamedAsWhatDecided) {
    start();
    plug(device(7, "1-2", "4C530001230799", {kStorage}));
    const auto attach = told("1-2");
    EXPECT_EQ(text_of(attach.body, "decision"), "blocked");
    EXPECT_EQ(text_of(attach.body, "rule"), "default");
    EXPECT_EQ(text_of(attach.body, "rule_set"), usbguard::read_rule_set(kRules).sha256);
    EXPECT_EQ(attach.outcome, EventOutcome::blocked);
    EXPECT_FALSE(works("1-2"));
}

TEST_F(Guard, GivenADeviceThatARulePermitsWhenPluggedThenItWorksAndTheRuleIsNamed) {
    start();
    plug(device(7, "1-2", "4C530001230712", {kStorage}));
    const auto attach = told("1-2");
    EXPECT_EQ(text_of(attach.body, "decision"), "allowed");
    EXPECT_EQ(text_of(attach.body, "rule"), "rule-2");
    EXPECT_EQ(attach.outcome, EventOutcome::detected);
    EXPECT_TRUE(works("1-2"));
}

TEST_F(Guard, GivenAPermittedStickThatTypesAsWellWhenPluggedThenTheRuleAgainstItDecides) {
    start();
    plug(device(7, "1-2", "4C530001230712", {kStorage, kKeyboard}));
    EXPECT_EQ(text_of(told("1-2").body, "rule"), "rule-1");
    EXPECT_FALSE(works("1-2"));
}

TEST_F(Guard, GivenTheConsolesKeyboardWhenItMovesToAnotherPortThenItIsNeverHeld) {
    plug_before(device(3, "1-1", "", {kKeyboard}), true);
    start();
    EXPECT_EQ(text_of(told("1-1").body, "rule"), "console");
    EXPECT_TRUE(works("1-1"));
    bus_.unplug({1, 3});
    plug(device(9, "1-4", "", {kKeyboard}));
    EXPECT_EQ(text_of(told("1-4").body, "rule"), "console");
    EXPECT_TRUE(works("1-4"));
}

TEST_F(Guard, GivenAKeyboardThatStoresWhenItIsThereAtTheStartThenItIsNoConsoleKeyboard) {
    plug_before(device(3, "1-1", "", {kKeyboard, kStorage}), true);
    start();
    EXPECT_EQ(text_of(told("1-1").body, "decision"), "blocked");
    EXPECT_FALSE(works("1-1"));
}

TEST_F(Guard, GivenANewKeyboardWhenPluggedLaterThenItIsHeldAsAnythingElse) {
    start();
    plug(device(7, "1-2", "", {kKeyboard}));
    EXPECT_EQ(text_of(told("1-2").body, "rule"), "default");
    EXPECT_FALSE(works("1-2"));
}

TEST_F(Guard, GivenWhatIsBuiltInAndTheDiskTheMachineRunsFromWhenTheSensorBeginsThenBothAreLeftAlone) {
    UsbDevice reader = device(3, "1-1", "", {{0x0b, 0, 0}});
    reader.external = false;
    plug_before(reader, true);
    plug_before(device(4, "1-3", "4C530001230799", {kStorage}), true);
    agent::UsbMount root{"1w", {1, 4}, "ext4", agent::Encryption::no, false, 8'000};
    root.system = true;
    bus_.mounts.push_back(root);
    start();
    EXPECT_EQ(text_of(told("1-1").body, "rule"), "internal");
    EXPECT_EQ(text_of(told("1-3").body, "rule"), "system");
    EXPECT_TRUE(works("1-1") && works("1-3"));
}

TEST_F(Guard, GivenAHubWhenPluggedThenItIsLetThroughAndWhatHangsOnItIsJudged) {
    start();
    plug(hub(5, "1-2"));
    plug(device(7, "1-2.1", "4C530001230799", {kStorage}));
    EXPECT_EQ(text_of(told("1-2.1").body, "decision"), "blocked");
    EXPECT_TRUE(works("1-2"));
    EXPECT_FALSE(works("1-2.1"));
}

TEST_F(Guard, GivenAHeldDeviceWhenANewerListPermitsItThenItIsLetInAndThatIsTold) {
    start();
    plug(device(7, "1-2", "4C530001230799", {kStorage}));
    EXPECT_EQ(text_of(told("1-2").body, "decision"), "blocked");
    witness_.forget();
    sign(2, "allow id 0781:5581\n");
    pass_a_minute();
    EXPECT_EQ(text_of(told("1-2").body, "rule"), "rule-1");
    EXPECT_TRUE(works("1-2"));
}

TEST_F(Guard, GivenAnOlderListWhenItIsBroughtBackThenItIsRefusedAndTheNewerOneStays) {
    sign(5, kRules);
    start();
    sign(4, "allow\n");
    plug(device(7, "1-2", "4C530001230799", {kStorage}));
    EXPECT_EQ(text_of(told("1-2").body, "decision"), "blocked");
    pass_a_minute();
    witness_.await_health("usb", SensorState::degraded, "policy_replaced");
    EXPECT_FALSE(works("1-2"));
    EXPECT_TRUE(sensor_->stop());
    start(SensorState::degraded, "policy_replaced");
    EXPECT_FALSE(works("1-2")) << "nor after another start";
}

TEST_F(Guard, GivenAListOfAnotherTerminalOrNoneWhenTheSensorBeginsThenThatIsSaidAndOnlyTheDefaultDecides) {
    sign(9, "allow\n", "T-2");
    start(SensorState::degraded, "policy_of_another_terminal");
    plug(device(7, "1-2", "4C530001230712", {kStorage}));
    EXPECT_EQ(text_of(told("1-2").body, "rule"), "default");
    EXPECT_TRUE(sensor_->stop());
    std::filesystem::remove(folder_ / "usb.policy");
    start(SensorState::degraded, "policy_missing");
}

TEST_F(Guard, GivenAListThatWasTamperedWithWhenItIsReadThenItIsRefused) {
    std::ofstream(folder_ / "usb.policy", std::ios::app) << "allow\n";
    start(SensorState::degraded, "policy_refused");
    plug(device(7, "1-2", "4C530001230799", {kStorage}));
    EXPECT_EQ(text_of(told("1-2").body, "decision"), "blocked");
}

// A switch that the agent's user may not turn.
class StuckSwitch final : public agent::UsbSwitch {
public:
    Result<bool> is_authorised(const std::string&) override { return true; }
    Result<void> authorise(const std::string&, bool) override { return Error(Errc::io, "the test says so"); }
};

TEST_F(Guard, GivenASwitchThatCannotBeTurnedThenWhatIsToldIsWhatTheKernelDoes) {
    agent::UsbGuard guard(std::make_unique<StuckSwitch>(), policy());
    const auto verdict = guard.admit(device(7, "1-2", "4C530001230799", {kStorage}), {}, {});
    EXPECT_TRUE(verdict.allowed) << "it works, whatever the rules say";
    EXPECT_EQ(verdict.rule, "default");
    EXPECT_EQ(guard.trouble(), "usb_switch_failed");
}

TEST_F(Guard, GivenADeviceOfBrokenDescriptorsWhenPluggedThenNoRuleOnInterfacesLetsItIn) {
    sign(2, "allow with-interface none-of { 08:*:* }\nallow with-interface equals { 03:01:01 }\n");
    start();
    UsbDevice broken = device(7, "1-2", "", {kKeyboard});
    broken.descriptors.pop_back();
    plug(broken);
    EXPECT_EQ(text_of(told("1-2").body, "rule"), "default");
}

}  // namespace
}  // namespace sallyport
