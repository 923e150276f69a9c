// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/clock_watch.hpp"

#include <gtest/gtest.h>

#include "protocol/schema.hpp"
#include "protocol/value.hpp"

namespace sallyport::intake {
namespace {

using namespace std::chrono_literals;

// Wall clock and time since boot go each their own way.
class LooseClock final : public Clock {
public:
    [[nodiscard]] WallTime now() const override { return wall; }
    [[nodiscard]] MonotonicTime monotonic() const override { return boot; }
    [[nodiscard]] ClockState state() const override { return said; }
    void pass(std::chrono::milliseconds time) {
        wall += time;
        boot += std::chrono::duration_cast<MonotonicTime>(time);
    }

    WallTime wall{std::chrono::milliseconds(1'795'456'800'000)};
    MonotonicTime boot{5'000};
    ClockState said = ClockState::synced;
};

class ClockWatchTest : public ::testing::Test {
protected:
    LooseClock clock_;
    ClockWatch watch_{clock_};
};

TEST_F(ClockWatchTest, GivenTimeThatPassesThenNothingIsTold) {
    for (int i = 0; i < 1000; ++i) {
        clock_.pass(7s);
        EXPECT_FALSE(watch_.look());
    }
}

TEST_F(ClockWatchTest, GivenAClockThatIsSetThenItIsToldOnceByHowMuch) {
    for (const std::chrono::milliseconds delta : {std::chrono::milliseconds(1s), std::chrono::milliseconds(-3h)}) {
        clock_.wall += delta;
        clock_.pass(500ms);
        const auto notice = watch_.look();
        ASSERT_TRUE(notice);
        EXPECT_EQ(text_of(notice->body, "state"), "stepped");
        EXPECT_EQ(integer_of(notice->body, "delta_ms"), delta.count());
        clock_.pass(500ms);
        EXPECT_FALSE(watch_.look());
    }
    clock_.wall += 999ms;
    EXPECT_FALSE(watch_.look());
}

TEST_F(ClockWatchTest, GivenAClockThatNobodySetsThenItIsToldAfterAnHourAndWhenItIsOver) {
    clock_.said = ClockState::unsynced;
    EXPECT_FALSE(watch_.look());
    clock_.pass(59min);
    EXPECT_FALSE(watch_.look());
    clock_.pass(1min);
    auto notice = watch_.look();
    ASSERT_TRUE(notice);
    EXPECT_EQ(text_of(notice->body, "state"), "unsynced");
    clock_.pass(1h);
    EXPECT_FALSE(watch_.look());
    clock_.said = ClockState::synced;
    notice = watch_.look();
    ASSERT_TRUE(notice);
    EXPECT_EQ(text_of(notice->body, "state"), "synced");
    EXPECT_FALSE(watch_.look());
}

TEST_F(ClockWatchTest, GivenAMachineThatJustStartedThenItsFirstMinutesAreNoAlarm) {
    clock_.said = ClockState::unsynced;
    EXPECT_FALSE(watch_.look());
    clock_.pass(10min);
    clock_.said = ClockState::synced;
    EXPECT_FALSE(watch_.look());
    clock_.said = ClockState::unsynced;
    clock_.pass(55min);
    EXPECT_FALSE(watch_.look());
}

}  // namespace
}  // namespace sallyport::intake
