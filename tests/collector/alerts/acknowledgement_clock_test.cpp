// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/acknowledgement_clock.hpp"

#include <gtest/gtest.h>

#include "protocol/timestamp.hpp"

namespace sallyport::alerts {
namespace {

using namespace std::chrono_literals;

// In the county's standard time, eight hours behind UTC.
WallTime at(std::string_view text) {
    return *parse_time(text);
}
const WallTime kFriday = at("2026-11-20T23:00:00.000Z");    // 15:00
const WallTime kSaturday = at("2026-11-21T20:00:00.000Z");  // 12:00

store::Alert waiting(std::string severity) {
    store::Alert alert;
    alert.severity = std::move(severity);
    alert.ack_due_at = ack_due_at(alert.severity, kFriday);
    return alert;
}

TEST(AcknowledgementClock, GivenEachSeverityWhenRaisedThenItHasItsTime) {
    EXPECT_EQ(ack_due_at("critical", kFriday), kFriday + 15min);
    EXPECT_EQ(ack_due_at("high", kFriday), kFriday + 60min);
    EXPECT_EQ(ack_due_at("info", kFriday), std::nullopt);
}

TEST(AcknowledgementClock, GivenAFridayAfternoonWhenOneWorkingDayPassesThenItIsMonday) {
    EXPECT_EQ(ack_due_at("medium", kFriday), at("2026-11-23T23:00:00.000Z"));
}

TEST(AcknowledgementClock, GivenAWeekendWhenOneWorkingDayPassesThenItBeginsOnMondayMorning) {
    EXPECT_EQ(ack_due_at("medium", kSaturday), at("2026-11-24T16:00:00.000Z"));  // Tuesday 08:00
}

TEST(AcknowledgementClock, GivenFiveWorkingDaysWhenTheyPassThenAWeekendIsNoneOfThem) {
    EXPECT_EQ(ack_due_at("low", kFriday), at("2026-11-27T23:00:00.000Z"));
}

TEST(AcknowledgementClock, GivenAWeekendInWhichTheClocksChangeWhenADayPassesThenTheTimeOfDayIsKept) {
    EXPECT_EQ(ack_due_at("medium", at("2026-10-30T22:00:00.000Z")),
              at("2026-11-02T23:00:00.000Z"));  // 15:00 to 15:00
}

TEST(Escalation, GivenACriticalAlertWhenNobodyAcknowledgesThenTheDeputyIsToldAndThenTheDirector) {
    store::Alert alert = waiting("critical");
    EXPECT_FALSE(due_escalation(alert, kFriday + 14min));
    EXPECT_EQ(next_escalation(alert)->at, kFriday + 15min);
    EXPECT_EQ(due_escalation(alert, kFriday + 15min)->to, "SPOC deputy");
    alert.escalated_to = "SPOC deputy";
    EXPECT_FALSE(due_escalation(alert, kFriday + 29min));
    EXPECT_EQ(due_escalation(alert, kFriday + 30min)->to, "PSD director");
    alert.escalated_to = "PSD director";
    EXPECT_FALSE(due_escalation(alert, kFriday + 24h));
    EXPECT_FALSE(next_escalation(alert));
}

TEST(Escalation, GivenACollectorThatWasDownWhenBothStepsAreDueThenTheHigherIsTaken) {
    EXPECT_EQ(due_escalation(waiting("critical"), kFriday + 2h)->to, "PSD director");
}

TEST(Escalation, GivenLesserSeveritiesWhenNobodyAcknowledgesThenEachGoesToItsOwn) {
    EXPECT_EQ(due_escalation(waiting("high"), kFriday + 60min)->to, "SPOC deputy");
    EXPECT_EQ(due_escalation(waiting("medium"), kFriday + 72h)->to, "ACC");
    EXPECT_FALSE(due_escalation(waiting("low"), kFriday + 24h * 30));
    EXPECT_FALSE(due_escalation(waiting("info"), kFriday + 24h * 30));
}

}  // namespace
}  // namespace sallyport::alerts
