// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/departures.hpp"

#include <gtest/gtest.h>

namespace sallyport::agent {
namespace {

using std::chrono::milliseconds;

UsbDevice device(const std::string& serial, const std::string& port = "1-2") {
    UsbDevice one;
    one.vid = 0x0781;
    one.pid = 0x5581;
    one.serial = serial;
    one.port = port;
    one.interfaces = {{0x08, 0x06, 0x50, false}};
    return one;
}

constexpr const char* kUnique = "4C530001230712";

class Departure_ : public ::testing::Test {
protected:
    Departures left_{milliseconds(2'000), milliseconds(15'000)};
};

TEST_F(Departure_, GivenADeviceThatLeftWhenTheWindowIsOverThenItIsGoneAndNotBefore) {
    left_.add(device(kUnique), {}, std::nullopt, MonotonicTime(10'000));
    EXPECT_EQ(left_.next(), MonotonicTime(12'000));
    EXPECT_EQ(left_.find_due(MonotonicTime(11'999)), nullptr);
    const Departure* gone = left_.find_due(MonotonicTime(12'000));
    ASSERT_NE(gone, nullptr);
    left_.remove(*gone);
    EXPECT_EQ(left_.next(), std::nullopt);
}

TEST_F(Departure_, GivenItIsBackInAnotherPortWhenItsSerialIsItsOwnThenItIsTheSame) {
    left_.add(device(kUnique), {}, std::nullopt, MonotonicTime(0));
    EXPECT_NE(left_.find_return(device(kUnique, "3-1.4")), nullptr);
    EXPECT_EQ(left_.find_return(device("AA04012700007")), nullptr) << "another stick of that model";
}

TEST_F(Departure_, GivenADeviceWithoutASerialOfItsOwnWhenItIsInAnotherPortThenItIsAnother) {
    left_.add(device(""), {}, std::nullopt, MonotonicTime(0));
    EXPECT_EQ(left_.find_return(device("", "1-3")), nullptr);
    EXPECT_NE(left_.find_return(device("")), nullptr);
}

TEST_F(Departure_, GivenItHasOneMoreInterfaceWhenItIsBackThenItIsAnother) {
    left_.add(device(kUnique), {}, std::nullopt, MonotonicTime(0));
    UsbDevice changed = device(kUnique);
    changed.interfaces.push_back({0x03, 0x01, 0x01, false});
    EXPECT_EQ(left_.find_return(changed), nullptr);
}

TEST_F(Departure_, GivenTheMachineSleptWhenItWakesThenAWholeDockHasTimeToComeBack) {
    left_.add(device(kUnique), {}, std::nullopt, MonotonicTime(10'000));
    left_.wake(MonotonicTime(3'600'000));
    left_.add(device("AA04012700007"), {}, std::nullopt, MonotonicTime(3'600'500));
    EXPECT_EQ(left_.find_due(MonotonicTime(3'614'999)), nullptr);
    EXPECT_EQ(left_.next(), MonotonicTime(3'615'000));
}

}  // namespace
}  // namespace sallyport::agent
