// SPDX-License-Identifier: Apache-2.0
//
// What is marked as part of a drill is left out of judgement, and what only claims to be is not.
#include "collector/store/drill_repository.hpp"
#include "tests/collector/alerts/court.hpp"

namespace sallyport::alerts {
namespace {

class DrillInCourt : public Court {
protected:
    DrillInCourt() {
        drill_.terminal_id = "T1";
        drill_.ori = "CA0010000";
        drill_.ordered_by = "spoc";
        drill_.reason = "test";
        drill_.order = {std::string(32, 'd'), clock_.now(), clock_.now() + 15min, {"usb", "session"},
                        DrillStick{"0951", "1666", std::string(64, 'd')}};
        in_store([&](Database& database) { return store::add_drill(database, drill_, clock_.now()); });
    }
    void marked_stick(const std::string& terminal, Record body = testing::usb_stick_body()) {
        mark_ = drill_.order.nonce;
        log(terminal, "usb.attach", body.set("identity", "device"));
        mark_.reset();
    }
    std::size_t judged() {
        const auto judgement = open();
        judge_all(*judgement);
        EXPECT_EQ(judgement->unreadable(), 0U);
        return alerts().size();
    }

    store::Drill drill_;
};

TEST_F(DrillInCourt, GivenTheDrillsStickThenNothingIsRaisedAndARealOneIsAsEver) {
    marked_stick("T1");
    EXPECT_EQ(judged(), 0U);
    stick("T1");
    EXPECT_EQ(judged(), 1U);
}

TEST_F(DrillInCourt, GivenAMarkThatIsNotBelievedThenTheEventIsJudgedAsAnyOther) {
    marked_stick("T2");  // another terminal's drill
    marked_stick("T1", testing::usb_stick_body().set("serial_hash", std::string(64, 'e')));
    mark_ = std::string(32, 'f');  // nobody's
    stick("T3");
    EXPECT_EQ(judged(), 3U);
}

TEST_F(DrillInCourt, GivenAMarkAfterTheSpanThenTheEventIsJudgedAsAnyOther) {
    clock_.advance(15min + kDrillClockTolerance);
    marked_stick("T1");
    EXPECT_EQ(judged(), 0U);
    clock_.advance(1ms);
    marked_stick("T1");
    EXPECT_EQ(judged(), 1U);
}

// The copy must not end what the rules wait for: the lock itself does, and is told unmarked.
TEST_F(DrillInCourt, GivenAMarkedCopyOfALockThenTheRulesDoNotSeeIt) {
    unlock();
    mark_ = drill_.order.nonce;
    lock();
    mark_.reset();
    const auto judgement = open();
    judge_all(*judgement);
    clock_.advance(11min);
    judge_all(*judgement);
    EXPECT_EQ(of_rule("SES-01").summary, "Terminal T1 was left unlocked.");
}

}  // namespace
}  // namespace sallyport::alerts
