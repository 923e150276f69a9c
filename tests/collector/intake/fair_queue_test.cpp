// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/fair_queue.hpp"

#include <gtest/gtest.h>

#include <future>

namespace sallyport::intake {
namespace {

MqttMessage message(const std::string& payload) { return {"topic", payload, 1, false}; }

std::string next(FairQueue& queue) {
    auto item = queue.pop();
    if (!item)
        return "(closed)";
    queue.done(item->lane);
    return item->message.payload;
}

TEST(FairQueue, GivenOneThatSendsMuchWhenAnotherSendsOneThenItIsNextButOne) {
    FairQueue queue;
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(queue.push("loud", message("loud " + std::to_string(i))));
    ASSERT_TRUE(queue.push("quiet", message("quiet")));
    EXPECT_EQ(next(queue), "loud 0");
    EXPECT_EQ(next(queue), "quiet");
    EXPECT_EQ(next(queue), "loud 1");
}

TEST(FairQueue, GivenAFullLaneWhenMoreComesThenItIsTurnedAwayAndOthersAreNot) {
    FairQueue queue({.lane_messages = 3, .lane_bytes = 1000, .bytes = 100'000});
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(queue.push("loud", message("x")));
    EXPECT_FALSE(queue.push("loud", message("x")));
    EXPECT_TRUE(queue.push("quiet", message("x")));
}

TEST(FairQueue, GivenALaneOfManyBytesWhenMoreComesThenItIsTurnedAwayButASingleLargeOneIsNot) {
    FairQueue queue({.lane_messages = 100, .lane_bytes = 10, .bytes = 100'000});
    EXPECT_TRUE(queue.push("a", message(std::string(50, 'x'))));
    EXPECT_FALSE(queue.push("a", message("y")));
}

TEST(FairQueue, GivenALaneUnderWayWhenAnotherThreadAsksThenItGetsAnotherLaneAndTheOrderStays) {
    FairQueue queue;
    ASSERT_TRUE(queue.push("a", message("a1")));
    ASSERT_TRUE(queue.push("a", message("a2")));
    ASSERT_TRUE(queue.push("b", message("b1")));
    auto first = queue.pop();
    EXPECT_EQ(first->message.payload, "a1");
    EXPECT_EQ(next(queue), "b1");
    auto waiting = std::async(std::launch::async, [&] { return next(queue); });
    queue.done("a");
    EXPECT_EQ(waiting.get(), "a2");
}

TEST(FairQueue, GivenAFullQueueWhenSomethingIsTakenOutThenTheOneThatWaitedComesIn) {
    FairQueue queue({.lane_messages = 100, .lane_bytes = 1000, .bytes = 10});
    ASSERT_TRUE(queue.push("a", message(std::string(10, 'a'))));
    auto waiting = std::async(std::launch::async, [&] { return queue.push("b", message("b")); });
    EXPECT_EQ(next(queue), std::string(10, 'a'));
    EXPECT_TRUE(waiting.get());
    EXPECT_EQ(next(queue), "b");
    EXPECT_EQ(queue.bytes(), 0U);
}

TEST(FairQueue, GivenAClosedQueueWhenAskedThenWhatIsThereIsHandedOutAndThenNothing) {
    FairQueue queue;
    ASSERT_TRUE(queue.push("a", message("last")));
    queue.close();
    EXPECT_FALSE(queue.push("a", message("too late")));
    EXPECT_EQ(next(queue), "last");
    EXPECT_EQ(next(queue), "(closed)");
}

}  // namespace
}  // namespace sallyport::intake
