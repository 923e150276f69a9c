// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/alert_desk.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "tests/collector/alerts/desk_fixture.hpp"

namespace sallyport::alerts {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Desk : public sallyport::testing::DeskFixture {
protected:
    store::Alert put_in_state(const std::string& id, const std::string& state) {
        store::Alert made = alert(id);
        made.state = state;
        return put(made);
    }
    AlertDesk desk_{writer(), clock_};
};

TEST_F(Desk, GivenANewAlertWhenAcknowledgedThenPersonTimeAndAuditEntryAreThere) {
    const store::Alert before = put("a1");
    clock_.advance(std::chrono::minutes(5));
    const auto done = desk_.acknowledge("a1", spoc_);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->state, "acknowledged");
    EXPECT_EQ(done->ack_by, "sam");
    EXPECT_EQ(done->ack_at, clock_.now());
    EXPECT_GT(done->revision, before.revision);
    EXPECT_EQ(done->revision, stored("a1").revision);
    EXPECT_THAT(acts("alert", "a1"), ElementsAre("sam alert.acknowledge"));
}

TEST_F(Desk, GivenTheSamePersonWhenAcknowledgingTwiceThenItIsOneAct) {
    put("a1");
    ASSERT_TRUE(desk_.acknowledge("a1", spoc_));
    const auto revision = stored("a1").revision;
    EXPECT_TRUE(desk_.acknowledge("a1", spoc_));
    EXPECT_EQ(stored("a1").revision, revision);
    EXPECT_EQ(acts("alert", "a1").size(), 1u);
}

TEST_F(Desk, GivenASecondPersonWhenAcknowledgingThenTheConflictNamesTheFirst) {
    put("a1");
    ASSERT_TRUE(desk_.acknowledge("a1", spoc_));
    const auto done = desk_.acknowledge("a1", deputy_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::conflict);
    EXPECT_THAT(done.error().message(), HasSubstr("sam"));
    EXPECT_EQ(stored("a1").ack_by, "sam");
}

TEST_F(Desk, GivenTwoPeopleAtOnceWhenAcknowledgingThenExactlyOneOfThemHasIt) {
    for (int round = 0; round < 20; ++round) {
        const std::string id = "a" + std::to_string(round);
        put(id);
        std::atomic<int> won = 0, conflicts = 0;
        const auto acknowledge = [&](const Actor& actor) {
            const auto done = desk_.acknowledge(id, actor);
            done ? ++won : done.error().code() == Errc::conflict ? ++conflicts : conflicts += 100;
        };
        std::thread one([&] { acknowledge(spoc_); });
        std::thread other([&] { acknowledge(deputy_); });
        one.join();
        other.join();
        EXPECT_EQ(won, 1);
        EXPECT_EQ(conflicts, 1);
        EXPECT_EQ(acts("alert", id).size(), 1u);
    }
}

TEST_F(Desk, GivenAnEndedAlertWhenAcknowledgedThenTheConflictNamesItsState) {
    for (const std::string state : {"resolved", "suppressed", "auto_cleared", "converted"}) {
        put_in_state(state, state);
        const auto done = desk_.acknowledge(state, spoc_);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code(), Errc::conflict);
        EXPECT_THAT(done.error().message(), HasSubstr("is " + state));
        EXPECT_THAT(acts("alert", state), IsEmpty());
    }
}

TEST_F(Desk, GivenADispositionWhenResolvedThenItIsKeptWithItsNoteAndTheClockStops) {
    put("a1");
    const auto done = desk_.resolve("a1", "technical_fault", "loose cable", spoc_);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(done->state, "resolved");
    EXPECT_EQ(done->disposition, "technical_fault");
    EXPECT_EQ(done->disposition_note, "loose cable");
    EXPECT_EQ(done->ack_by, "sam");
    EXPECT_THAT(acts("alert", "a1"), ElementsAre("sam alert.resolve"));
}

// COR-11 counts the days on which a person's findings held: the county's, not the server's.
TEST_F(Desk, GivenAnAlertOfLateInTheEveningWhenResolvedThenTheCountysDayIsKept) {
    auto late = alert("a1");
    late.condition_at = *parse_time("2026-11-24T07:30:00.000Z");
    put(late);
    ASSERT_TRUE(desk_.resolve("a1", "true_positive", "", spoc_));
    const auto entries = store::read_audit(reader(), "alert", "a1", 1);
    EXPECT_THAT(entries->front().entry.detail, HasSubstr(R"("disposition":"true_positive","day":"2026-11-23")"));
}

TEST_F(Desk, GivenAnEventAlertWithoutDispositionWhenResolvedThenItIsRefused) {
    put("a1");
    const auto done = desk_.resolve("a1", "", "", spoc_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::bad_input);
    EXPECT_EQ(stored("a1").state, "new");
}

TEST_F(Desk, GivenAStateAlertThatClearedItselfWhenResolvedWithoutDispositionThenItIs) {
    store::Alert made = alert("a1");
    made.kind = "state";
    made.state = "auto_cleared";
    put(made);
    EXPECT_TRUE(desk_.resolve("a1", "", "", spoc_));
}

TEST_F(Desk, GivenAWordThatIsNoDispositionWhenResolvedThenItIsRefused) {
    put("a1");
    const auto done = desk_.resolve("a1", "whatever", "", spoc_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::bad_input);
}

TEST_F(Desk, GivenAnEndedAlertWhenResolvedThenTheConflictNamesItsState) {
    for (const std::string state : {"resolved", "suppressed", "converted"}) {
        put_in_state(state, state);
        const auto done = desk_.resolve(state, "test", "", spoc_);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code(), Errc::conflict);
        EXPECT_THAT(done.error().message(), HasSubstr("is " + state));
    }
}

TEST_F(Desk, GivenAnUnknownAlertWhenActedOnThenItIsNotFound) {
    EXPECT_EQ(desk_.acknowledge("a9", spoc_).error().code(), Errc::not_found);
    EXPECT_EQ(desk_.resolve("a9", "test", "", spoc_).error().code(), Errc::not_found);
}

}  // namespace
}  // namespace sallyport::alerts
