// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/session/idle_watch.hpp"

#include <gtest/gtest.h>

namespace sallyport::agent {
namespace {

using std::chrono::seconds;

MonotonicTime at(int s) {
    return MonotonicTime(static_cast<std::uint64_t>(s) * 1'000);
}

// decisions.md 18: lock evidence at the lock limit, a minute later, and 1,800 s; the dictionary adds the
// rest.
TEST(IdleWatch, GivenALockLimitWhenThresholdsAreMadeThenTheyAreSortedAndUnique) {
    EXPECT_EQ(idle_thresholds(seconds(900)),
              (std::vector<seconds>{seconds(300), seconds(600), seconds(900), seconds(960), seconds(1200),
                                    seconds(1500), seconds(1800)}));
}

TEST(IdleWatch, GivenAnIdleSpanWhenAThresholdIsPassedThenItIsDueOnce) {
    IdleWatch watch({seconds(300), seconds(600)});
    EXPECT_EQ(watch.next(), std::nullopt);
    watch.idle_since(at(1000));
    EXPECT_EQ(watch.next(), at(1300));
    EXPECT_EQ(watch.due(at(1299)), std::nullopt);
    EXPECT_EQ(watch.due(at(1300)), seconds(300));
    watch.pass();
    EXPECT_EQ(watch.due(at(1300)), std::nullopt);
    EXPECT_EQ(watch.due(at(1700)), seconds(600));
    watch.pass();
    EXPECT_EQ(watch.next(), std::nullopt);
}

TEST(IdleWatch, GivenTwoReadingsOfOneSpanWhenTheyDifferByMillisecondsThenItIsOneSpan) {
    IdleWatch watch({seconds(300)});
    watch.idle_since(at(1000));
    watch.pass();
    watch.idle_since(at(1001));
    EXPECT_EQ(watch.due(at(2000)), std::nullopt);
    watch.idle_since(at(1100));
    EXPECT_EQ(watch.due(at(2000)), seconds(300)) << "somebody was there in between";
}

}  // namespace
}  // namespace sallyport::agent
