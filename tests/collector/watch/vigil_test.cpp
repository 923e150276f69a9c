// SPDX-License-Identifier: Apache-2.0
//
// Decision 14 and system.md 3: silence and age after five minutes, a contradiction at once.
#include "collector/watch/vigil.hpp"

#include <gtest/gtest.h>

#include "own_log.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::watch {
namespace {

using namespace std::chrono_literals;
using testing::OwnLog;

class VigilTest : public ::testing::Test {
protected:
    // What both sides show: a head, or why there is none.
    struct Shown {
        std::optional<std::string> collector, broker;
        bool collector_answers = true, broker_answers = true;
    };
    std::string judge(const Shown& shown, const OwnLog& log) {
        const auto view = [](const std::optional<std::string>& head, bool answers) {
            return answers ? HeadView{std::nullopt, head} : HeadView{"connect: refused", std::nullopt};
        };
        const Look look{clock_.now(), view(shown.collector, shown.collector_answers),
                        view(shown.broker, shown.broker_answers)};
        const auto concerns = vigil_.judge(look, log.growth(), memory_);
        tidings_ = tidings_of(concerns, clock_.now(), 1h, memory_);
        std::string kinds;
        for (const Concern& one : concerns)
            kinds += (kinds.empty() ? "" : " ") + one.kind + (one.grave ? "!" : "");
        return kinds;
    }
    // Both show the log's newest head, signed now.
    std::string judge(const OwnLog& log) {
        const auto head = log.head(key_, clock_.now());
        return judge({head, head}, log);
    }

    testing::ManualClock clock_;
    SigningKey key_ = *SigningKey::generate();
    Vigil vigil_{{"CA0300000", 300s}, {key_.public_key()}};
    WatchMemory memory_;
    Tidings tidings_;
    OwnLog log_;
};

TEST_F(VigilTest, GivenALogThatGrowsWhenLookedAtThenAllIsWell) {
    EXPECT_EQ(judge(log_), "") << "an empty log";
    for (std::uint64_t size : {1U, 2U, 7U, 8U, 9U, 100U, 100U, 1000U}) {
        clock_.advance(60s);
        EXPECT_EQ(judge(log_.grow(size)), "") << size;
    }
    EXPECT_TRUE(tidings_.empty());
}

TEST_F(VigilTest, GivenNoAnswerWhenFiveMinutesAreOverThenThatSideIsSilentAndNotBefore) {
    const auto head = log_.grow(5).head(key_, clock_.now());
    EXPECT_EQ(judge({head, head}, log_), "");
    clock_.advance(299s);
    EXPECT_EQ(judge({{}, log_.head(key_, clock_.now()), false, true}, log_), "");
    clock_.advance(1s);
    EXPECT_EQ(judge({{}, log_.head(key_, clock_.now()), false, true}, log_), "collector_silent");
    EXPECT_EQ(tidings_.raised.size(), 1U);
    EXPECT_EQ(judge({log_.head(key_, clock_.now()), {}, true, false}, log_), "")
        << "the broker has been heard until now";
    EXPECT_EQ(tidings_.over, std::vector<std::string>{"collector_silent"});
    clock_.advance(300s);
    EXPECT_EQ(judge({log_.head(key_, clock_.now()), {}, true, false}, log_), "broker_silent");
    clock_.advance(300s);
    EXPECT_EQ(judge({{}, {}, false, false}, log_), "collector_silent broker_silent head_old");
}

TEST_F(VigilTest, GivenNothingWasEverHeardWhenFiveMinutesAreOverThenSilenceCountsFromTheFirstLook) {
    EXPECT_EQ(judge({{}, {}, false, false}, log_), "");
    clock_.advance(300s);
    EXPECT_EQ(judge({{}, {}, false, false}, log_), "collector_silent broker_silent head_missing");
}

TEST_F(VigilTest, GivenASignedHeadThatStaysWhenItIsFiveMinutesOldThenItIsOldThoughBothAnswer) {
    const auto head = log_.grow(5).head(key_, clock_.now());
    EXPECT_EQ(judge({head, head}, log_), "");
    clock_.advance(300s);
    EXPECT_EQ(judge({head, head}, log_), "head_old");
    EXPECT_EQ(judge(log_), "") << "signed again, with the same leaves";
}

TEST_F(VigilTest, GivenTheSameSizeWithAnotherRootWhenSeenThenItIsAForkAtOnceAndStaysOne) {
    EXPECT_EQ(judge(log_.grow(9)), "");
    const auto good = memory_.checkpoint;
    OwnLog other("false");
    EXPECT_EQ(judge(other.grow(9, 4)), "head_forked!");
    EXPECT_EQ(memory_.checkpoint, good) << "the last good head is the witness";
    EXPECT_EQ(judge(log_.grow(12)), "head_forked!") << "a smooth face does not end it";
    EXPECT_EQ(memory_.checkpoint, good);
}

TEST_F(VigilTest, GivenALargerTreeThatWasWrittenAnewWhenSeenThenItIsAFork) {
    EXPECT_EQ(judge(log_.grow(9)), "");
    OwnLog other("false");
    EXPECT_EQ(judge(other.grow(40, 8)), "head_forked!");
}

TEST_F(VigilTest, GivenAHeadWithFewerLeavesWhenTheCollectorShowsItThenLeavesWereLost) {
    EXPECT_EQ(judge(log_.grow(9)), "");
    OwnLog cut;
    EXPECT_EQ(judge(cut.grow(8)), "head_shrunk!");
}

TEST_F(VigilTest, GivenTheBrokerHoldsAnOlderHeadWhenItIsTheLogsBeginningThenAllIsWell) {
    const auto older = log_.grow(5).head(key_, clock_.now());
    clock_.advance(60s);
    EXPECT_EQ(judge(log_.grow(9)), "");
    EXPECT_EQ(judge({log_.head(key_, clock_.now()), older}, log_), "");
    clock_.advance(1s);
    OwnLog cut;
    EXPECT_EQ(judge({log_.head(key_, clock_.now()), cut.grow(5).head(key_, clock_.now())}, log_), "head_shrunk!")
        << "but signed later";
}

TEST_F(VigilTest, GivenCollectorAndBrokerTellTwoStoriesWhenSeenThenItIsAFork) {
    EXPECT_EQ(judge(log_.grow(5)), "");
    OwnLog other("false");
    log_.grow(9);
    EXPECT_EQ(judge({log_.head(key_, clock_.now()), other.grow(9, 5).head(key_, clock_.now())}, log_), "head_forked!");
}

TEST_F(VigilTest, GivenAHeadOfAnotherKeyOrAlteredWhenSeenThenItIsRefusedAndNeverBelieved) {
    EXPECT_EQ(judge(log_.grow(5)), "");
    const auto good = memory_.checkpoint;
    log_.grow(6);
    EXPECT_EQ(judge({log_.head(*SigningKey::generate(), clock_.now()), {}}, log_), "head_refused!");
    EXPECT_EQ(memory_.checkpoint, good);
    memory_.raised.clear();
    auto altered = log_.head(key_, clock_.now());
    altered[altered.find("\n6\n") + 1] = '7';
    EXPECT_EQ(judge({altered, {}}, log_), "head_refused!");
    memory_.raised.clear();
    EXPECT_EQ(judge({"garbage", {}}, log_), "head_refused!");
}

TEST_F(VigilTest, GivenANewEpochOrAnotherAgencysLogWhenSeenThenAPersonHasToAccept) {
    EXPECT_EQ(judge(log_.grow(5)), "");
    const auto now = clock_.now();
    EXPECT_EQ(judge({log_.head(key_, now, "sallyport/CA0300000/2"), {}}, log_), "head_of_another_log!");
    memory_.raised.clear();
    EXPECT_EQ(judge({log_.head(key_, now, "sallyport/CA0999999/1"), {}}, log_), "head_of_another_log!");
}

TEST_F(VigilTest, GivenNoProofOfGrowthWhenTheLastProvenHeadIsOldThenItIsUnprovenAndNeverBelieved) {
    EXPECT_EQ(judge(log_.grow(5)), "");
    const auto good = memory_.checkpoint;
    const auto mute = [&] {
        const auto head = log_.head(key_, clock_.now());
        const Look look{clock_.now(), {std::nullopt, head}, {std::nullopt, head}};
        const auto refuse = [](auto, auto) {
            return Result<std::vector<Digest>>(Error(Errc::unavailable, "status 503"));
        };
        std::string kinds;
        for (const auto& one : vigil_.judge(look, refuse, memory_))
            kinds += one.kind + " ";
        return kinds;
    };
    log_.grow(6);
    EXPECT_EQ(mute(), "");
    EXPECT_EQ(memory_.checkpoint, good);
    clock_.advance(300s);
    EXPECT_EQ(mute(), "head_old head_unproven ");
    EXPECT_EQ(judge(log_), "") << "proven at last";
    EXPECT_NE(memory_.checkpoint, good);
}

TEST_F(VigilTest, GivenAHeadFromTheFutureWhenSeenThenSomeClockIsWrong) {
    const auto head = log_.grow(5).head(key_, clock_.now() + 300s);
    EXPECT_EQ(judge({head, head}, log_), "clocks_apart");
}

TEST_F(VigilTest, GivenAnAlarmThatLastsWhenAnHourIsOverThenItIsToldAgain) {
    EXPECT_EQ(judge(log_.grow(5)), "");
    std::size_t told = 0;
    for (int minute = 0; minute <= 125; ++minute) {
        clock_.advance(60s);
        (void)judge({{}, log_.head(key_, clock_.now()), false, true}, log_);
        told += tidings_.raised.size();
    }
    EXPECT_EQ(told, 3U) << "after 5, 65 and 125 minutes";
}

}  // namespace
}  // namespace sallyport::watch
