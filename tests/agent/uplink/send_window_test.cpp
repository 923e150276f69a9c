// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/send_window.hpp"

#include <gtest/gtest.h>

#include "agent/uplink/reconnect_pause.hpp"

namespace sallyport::agent {
namespace {

using namespace std::chrono_literals;

class Window : public ::testing::Test {
protected:
    SendWindow window_{3, 10s};
    SendWindow::Time now_{1h};
};

TEST_F(Window, GivenThreeBatchesInFlightWhenOneIsAcknowledgedThenThereIsRoomForOne) {
    window_.rewind(1);
    window_.sent(1, 10, now_);
    window_.sent(11, 20, now_);
    window_.sent(21, 30, now_);
    EXPECT_FALSE(window_.open());
    EXPECT_TRUE(window_.acknowledged(15, now_));
    EXPECT_TRUE(window_.open());
    EXPECT_EQ(window_.next_seq(), 31U);
}

TEST_F(Window, GivenNoProgressForTenSecondsWhenAskedThenItGoesBackToTheFirstInFlight) {
    window_.rewind(5);
    window_.sent(5, 10, now_);
    window_.sent(11, 20, now_ + 3s);
    EXPECT_FALSE(window_.rewind_if_stalled(now_ + 9s));
    EXPECT_TRUE(window_.rewind_if_stalled(now_ + 10s));
    EXPECT_EQ(window_.next_seq(), 5U);
    EXPECT_TRUE(window_.empty());
    EXPECT_FALSE(window_.rewind_if_stalled(now_ + 30s));
}

TEST_F(Window, GivenARepeatedAcknowledgementWhenTheFirstBatchWasSentLongAgoThenItGoesBackAtOnceAndOnlyOnce) {
    window_.rewind(1);
    window_.sent(1, 10, now_);
    window_.sent(11, 20, now_);
    EXPECT_FALSE(window_.acknowledged(0, now_ + 100ms));
    EXPECT_EQ(window_.next_seq(), 21U);  // the first may still be on its way
    EXPECT_FALSE(window_.acknowledged(0, now_ + 2s));
    EXPECT_EQ(window_.next_seq(), 1U);
    window_.sent(1, 20, now_ + 2s);
    EXPECT_FALSE(window_.acknowledged(0, now_ + 2s));
    EXPECT_EQ(window_.next_seq(), 21U);
}

TEST_F(Window, GivenACollectorBehindWhatItHadAcknowledgedWhenItSaysSoThenSendingGoesBackThere) {
    window_.rewind(101);
    EXPECT_FALSE(window_.acknowledged(40, now_));
    EXPECT_EQ(window_.next_seq(), 41U);
}

TEST_F(Window, GivenACollectorAheadOfUsWhenItSaysSoThenItIsNotSentAgain) {
    window_.rewind(1);
    window_.sent(1, 10, now_);
    EXPECT_TRUE(window_.acknowledged(50, now_));
    EXPECT_EQ(window_.next_seq(), 51U);
}

TEST(ReconnectPause, GivenManyFailuresWhenDrawnThenPausesDoubleUpToTheLongestAndStayJittered) {
    ReconnectPause pause(500ms, 60s);
    auto whole = 500ms;
    for (int attempt = 0; attempt < 12; ++attempt) {
        const auto drawn = pause.draw();
        EXPECT_GE(drawn, whole / 2);
        EXPECT_LE(drawn, whole);
        whole = std::min<std::chrono::milliseconds>(whole * 2, 60s);
    }
    pause.reset();
    EXPECT_LE(pause.draw(), 500ms);
}

}  // namespace
}  // namespace sallyport::agent
