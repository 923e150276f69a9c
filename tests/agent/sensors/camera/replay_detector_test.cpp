// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/replay_detector.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sallyport::camera {
namespace {

class ReplayDetectorTest : public ::testing::Test {
protected:
    // Shows pictures at five a second; true when the last of them was told to repeat.
    bool show(ReplayDetector& detector, const std::vector<int>& pictures) {
        bool repeats = false;
        for (const int picture : pictures) {
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(&picture);
            repeats = detector.repeats(t_ += 0.2, {bytes, sizeof picture});
        }
        return repeats;
    }
    std::vector<int> fresh(int count) {
        std::vector<int> pictures;
        for (int i = 0; i < count; ++i)
            pictures.push_back(next_++);
        return pictures;
    }

    double t_ = 0;
    int next_ = 0;
};

TEST_F(ReplayDetectorTest, GivenACameraWhenOnePictureStandsStillThenItRepeatsUntilItMovesAgain) {
    ReplayDetector detector(true);
    EXPECT_FALSE(show(detector, fresh(5)));
    EXPECT_TRUE(show(detector, std::vector<int>(8, 3)));
    EXPECT_FALSE(show(detector, fresh(8)));
}

TEST_F(ReplayDetectorTest, GivenALoopWhenItComesRoundThenItRepeats) {
    ReplayDetector detector(true);
    auto loop = fresh(300);  // a minute
    EXPECT_FALSE(show(detector, loop));
    loop.resize(10);
    EXPECT_TRUE(show(detector, loop));
}

TEST_F(ReplayDetectorTest, GivenOnePictureSentTwiceWhenOthersFollowThenNothingIsSaid) {
    ReplayDetector detector(true);
    EXPECT_FALSE(show(detector, {1, 2, 3, 3, 4, 5, 6, 6, 7, 8}));
}

TEST_F(ReplayDetectorTest, GivenANoiselessClipWhenNothingMovesInItThenItIsNotAccused) {
    ReplayDetector detector(false);
    EXPECT_FALSE(show(detector, std::vector<int>(100, 1)));
    EXPECT_FALSE(show(detector, fresh(30)));
    EXPECT_TRUE(show(detector, std::vector<int>(8, 3)));  // it had shown noise before
}

}  // namespace
}  // namespace sallyport::camera
