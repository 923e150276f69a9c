// SPDX-License-Identifier: Apache-2.0
//
// The helper on a folder that looks like sysfs: only the kernel is played.
#include "agent/usb_hold/held_bus.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/usb_descriptors.hpp"

namespace sallyport::agent {
namespace {

using testing::descriptors_with;
using testing::InterfaceClass;

constexpr InterfaceClass kKeyboard{0x03, 0x01, 0x01}, kMouse{0x03, 0x01, 0x02}, kStorage{0x08, 0x06, 0x50};

class HeldBus : public ::testing::Test {
protected:
    HeldBus() {
        for (const char* bus : {"usb1", "usb2"}) {
            put(bus, "authorized_default", "1");
            put(bus, "authorized", "1");
        }
    }
    void put(const std::string& device, const std::string& file, const std::string& value) {
        std::filesystem::create_directories(paths_.devices / device);
        std::ofstream(paths_.devices / device / file) << value << '\n';
    }
    void plug(const std::string& port, const std::vector<InterfaceClass>& interfaces, const std::string& authorized) {
        put(port, "authorized", authorized);
        const Bytes bytes = descriptors_with(interfaces);
        std::ofstream(paths_.devices / port / "descriptors", std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    std::string value(const std::string& device, const std::string& file) const {
        std::ifstream in(paths_.devices / device / file);
        std::string text;
        in >> text;
        return text;
    }

    testing::TemporaryFolder folder_;
    HeldBusPaths paths_{std::filesystem::path(folder_.path()) / "devices", std::filesystem::path(folder_.path()) / "run/hold"};
};

TEST_F(HeldBus, GivenBusesWhenHeldThenEachHoldsWhatComesAndWhatWorksGoesOn) {
    plug("1-1", {kKeyboard}, "1");
    ASSERT_TRUE(hold(paths_));
    EXPECT_EQ(value("usb1", "authorized_default"), "0");
    EXPECT_EQ(value("usb2", "authorized_default"), "0");
    EXPECT_EQ(value("1-1", "authorized"), "1");
}

TEST_F(HeldBus, GivenHeldDevicesWhenReleasedThenInputDevicesAreFreedAndCompositesAreNot) {
    ASSERT_TRUE(hold(paths_));
    plug("1-1", {kKeyboard, kMouse}, "0");
    plug("1-2", {kKeyboard, kStorage}, "0");
    plug("1-3", {kStorage}, "0");
    plug("1-4", {}, "0");
    put("1-5", "authorized", "0");
    std::ofstream(paths_.devices / "1-5/descriptors") << "broken";
    const auto freed = release(paths_);
    ASSERT_TRUE(freed);
    EXPECT_EQ(*freed, std::vector<std::string>{"1-1"});
    for (const char* port : {"1-2", "1-3", "1-4", "1-5"})
        EXPECT_EQ(value(port, "authorized"), "0") << port;
    EXPECT_EQ(value("usb1", "authorized_default"), "1");
}

TEST_F(HeldBus, GivenABusThatWasSetOtherwiseWhenHeldTwiceAndReleasedThenItIsAsItWas) {
    put("usb2", "authorized_default", "2");
    ASSERT_TRUE(hold(paths_));
    ASSERT_TRUE(hold(paths_)) << "an agent that is started again";
    ASSERT_TRUE(release(paths_));
    EXPECT_EQ(value("usb1", "authorized_default"), "1");
    EXPECT_EQ(value("usb2", "authorized_default"), "2");
}

TEST_F(HeldBus, GivenNothingWasHeldByUsWhenReleasedThenNothingIsTouched) {
    put("usb1", "authorized_default", "0");
    plug("1-1", {kKeyboard}, "0");
    const auto freed = release(paths_);
    ASSERT_TRUE(freed);
    EXPECT_TRUE(freed->empty());
    EXPECT_EQ(value("usb1", "authorized_default"), "0");
    EXPECT_EQ(value("1-1", "authorized"), "0");
}

TEST_F(HeldBus, GivenAKeyboardThatAppearsAfterTheReleaseThoughItWasHeldThenItIsFreedLate) {
    ASSERT_TRUE(hold(paths_));
    ASSERT_TRUE(release(paths_));
    plug("1-1.4", {kKeyboard}, "0");
    plug("2-3", {kKeyboard, kStorage}, "0");
    const auto freed = free_late(paths_);
    ASSERT_TRUE(freed);
    EXPECT_EQ(*freed, std::vector<std::string>{"1-1.4"});
    EXPECT_EQ(value("1-1.4", "authorized"), "1");
    EXPECT_EQ(value("2-3", "authorized"), "0");
}

TEST_F(HeldBus, GivenABusThatIsHeldOrWasSetByOthersThenNothingIsFreedLate) {
    put("usb2", "authorized_default", "2");
    plug("2-1", {kKeyboard}, "0");
    auto freed = free_late(paths_);
    ASSERT_TRUE(freed);
    EXPECT_TRUE(freed->empty()) << "only devices of the machine itself are let in there";
    ASSERT_TRUE(hold(paths_));
    plug("1-1", {kKeyboard}, "0");
    freed = free_late(paths_);
    ASSERT_TRUE(freed);
    EXPECT_TRUE(freed->empty()) << "the agent decides";
    EXPECT_EQ(value("1-1", "authorized"), "0");
}

TEST_F(HeldBus, GivenTheProgramWhenItsConfigurationDoesNotEnforceThenItHoldsNothing) {
    const std::string configuration =
        "terminal: T-1\nori: CA0300000\nspool: spool.db\ncollector_key: c.pub\n"
        "broker: {host: h, ca: a, certificate: b, key: c}\n";
    const auto run = [&](const std::string& words) {
        return std::system((std::string(SALLYPORT_USB_HOLD) + " --devices " + paths_.devices.string() + " --memory " +
                            paths_.memory.string() + " " + words + " >/dev/null")
                               .c_str());
    };
    const std::string file = folder_ / "agent.yml";
    std::ofstream(file) << configuration;
    EXPECT_EQ(run("hold --config " + file), 0);
    EXPECT_EQ(value("usb1", "authorized_default"), "1");
    std::ofstream(file) << configuration << "usb: {enforce: allowlist, policy: usb.policy}\n";
    EXPECT_EQ(run("hold --config " + file), 0);
    EXPECT_EQ(value("usb1", "authorized_default"), "0");
    std::filesystem::remove(file);
    EXPECT_EQ(run("release"), 0) << "whatever became of the configuration";
    EXPECT_EQ(value("usb1", "authorized_default"), "1");
}

}  // namespace
}  // namespace sallyport::agent
