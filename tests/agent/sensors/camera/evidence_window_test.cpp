// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/evidence_window.hpp"

#include <gtest/gtest.h>

namespace sallyport::camera {
namespace {

constexpr EvidenceRule kRule{1.5, 4, 1.2};

TEST(EvidenceWindow, GivenFewSamplesWhenAskedThenNothingIsBelieved) {
    EvidenceWindow window(kRule);
    for (double t : {0.0, 0.6, 1.2})
        window.add(t, true);
    EXPECT_FALSE(window.mostly_positive());
    EXPECT_FALSE(window.mostly_negative());
}

TEST(EvidenceWindow, GivenALastingYesWhenAskedThenItIsBelieved) {
    EvidenceWindow window(kRule);
    for (double t = 0; t <= 1.2; t += 0.2)
        window.add(t, true);
    EXPECT_TRUE(window.mostly_positive());
    EXPECT_DOUBLE_EQ(window.positive_since(), 0);
}

// A passer-by: one second in view, after an old no that must not lend its age.
TEST(EvidenceWindow, GivenAMomentsYesAfterAnOldNoWhenAskedThenItIsNotBelieved) {
    EvidenceWindow window(kRule);
    window.add(0, false);
    for (double t = 0.4; t <= 1.4; t += 0.2)
        window.add(t, true);
    EXPECT_FALSE(window.mostly_positive());
}

TEST(EvidenceWindow, GivenOneMissedSampleInAYesWhenAskedThenItStaysBelieved) {
    EvidenceWindow window(kRule);
    for (int i = 0; i <= 7; ++i)
        window.add(i * 0.2, i != 3);
    EXPECT_TRUE(window.mostly_positive());
    EXPECT_FALSE(window.mostly_negative());
}

}  // namespace
}  // namespace sallyport::camera
