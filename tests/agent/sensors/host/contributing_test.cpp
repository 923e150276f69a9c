// SPDX-License-Identifier: Apache-2.0
//
// The small sensor of CONTRIBUTING.md as it stands there: its watch, its test and its row, taken from the page when the build is
// configured.
#include <gtest/gtest.h>

#include "agent/sensors/catalogue.hpp"
#include "agent/sensors/host/driver_watch.hpp"
#include "tests/agent/sensors/host/driver_watch_test.cpp"  // the page's test, run here

namespace sallyport::agent {
namespace {

const SensorRow kRows[] = {
#include "agent/sensors/catalogue.cpp.row"
};

TEST(ContributingSensor, GivenTheRowOfTheExampleThenTheSensorIsThereUnderItsName) {
    ASSERT_EQ(std::size(kRows), 1U);
    EXPECT_EQ(kRows[0].name, "drivers");
    EXPECT_TRUE(kRows[0].by_default);
    EXPECT_EQ(kRows[0].make, nullptr);
    EXPECT_NE(kRows[0].watch, nullptr);
    EXPECT_EQ(DriverWatch().name(), kRows[0].name);
}

}  // namespace
}  // namespace sallyport::agent
