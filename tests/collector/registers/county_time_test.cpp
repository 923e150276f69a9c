// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/county_time.hpp"

#include <gtest/gtest.h>

#include "collector/registers/calendar.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

WallTime utc(std::string_view text) { return *parse_time(text); }

LocalTime local(std::string_view date, int hour, int minute) {
    return std::chrono::local_days(*parse_date(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

TEST(CountyTime, GivenTheMinuteBeforeDaylightTimeBeginsWhenReadThenItIsStandardTime) {
    EXPECT_EQ(county_time(utc("2026-03-08T09:59:59.99Z")), local("2026-03-08", 1, 59));
    EXPECT_EQ(county_time(utc("2026-03-08T10:00:00.00Z")), local("2026-03-08", 3, 0));
}

TEST(CountyTime, GivenTheMinuteBeforeDaylightTimeEndsWhenReadThenItIsDaylightTime) {
    EXPECT_EQ(county_time(utc("2026-11-01T08:59:59.99Z")), local("2026-11-01", 1, 59));
    EXPECT_EQ(county_time(utc("2026-11-01T09:00:00.00Z")), local("2026-11-01", 1, 0));
}

TEST(CountyTime, GivenOtherYearsWhenReadThenTheChangeFallsOnTheRightSunday) {
    EXPECT_EQ(county_time(utc("2027-03-14T10:00:00.00Z")), local("2027-03-14", 3, 0));
    EXPECT_EQ(county_time(utc("2027-11-07T09:00:00.00Z")), local("2027-11-07", 1, 0));
    EXPECT_EQ(county_time(utc("2015-03-08T10:00:00.00Z")), local("2015-03-08", 3, 0));
}

TEST(CountyTime, GivenNewYearInUtcWhenTheDayIsAskedThenItIsStillDecember) {
    EXPECT_EQ(format_date(county_day(utc("2027-01-01T07:59:00.00Z"))), "2026-12-31");
    EXPECT_EQ(format_date(county_day(utc("2027-01-01T08:00:00.00Z"))), "2027-01-01");
}

TEST(CountyTime, GivenTheSkippedHourWhenConvertedThenRefused) {
    EXPECT_FALSE(from_county_time(local("2026-03-08", 2, 30)));
}

TEST(CountyTime, GivenTheHourThatComesTwiceWhenConvertedThenTheFirstIsTaken) {
    EXPECT_EQ(*from_county_time(local("2026-11-01", 1, 30)), utc("2026-11-01T08:30:00.00Z"));
}

TEST(CountyTime, GivenEveryHourOfAYearWhenConvertedThereAndBackThenItIsTheSame) {
    for (WallTime time = utc("2026-01-01T00:00:00.00Z"); time < utc("2027-01-01T00:00:00.00Z");
         time += std::chrono::hours(1)) {
        if (time == utc("2026-11-01T09:00:00.00Z"))
            continue;  // the second 01:00 of that night
        ASSERT_EQ(*from_county_time(county_time(time)), time) << format_time(time);
    }
}

TEST(CountyTime, GivenNoDateWhenParsedThenRefused) {
    for (const auto* text : {"", "2026-02-29", "2026-13-01", "2026-1-01", "2026-01-01 ", "20260101", "2026-+1-01",
                             "11/23/2026", "2026--1-01"})
        EXPECT_FALSE(parse_date(text)) << text;
    EXPECT_TRUE(parse_date("2028-02-29"));
}

// Dictionary section 6: the same day of the month, or the last day if it is missing.
TEST(CountyTime, GivenMonthsAddedThenTheDayIsKeptOrTheLastOneTaken) {
    const auto added = [](std::string_view from, int months) { return format_date(add_months(*parse_date(from), months)); };
    EXPECT_EQ(added("2026-08-31", 6), "2027-02-28");
    EXPECT_EQ(added("2027-08-31", 6), "2028-02-29");
    EXPECT_EQ(added("2024-02-29", 24), "2026-02-28");
    EXPECT_EQ(added("2026-01-15", 12), "2027-01-15");
    EXPECT_EQ(added("2026-12-31", 2), "2027-02-28");
}

bool open(std::string_view calendar, std::string_view time) {
    const auto parsed = Calendar::parse(calendar);
    EXPECT_TRUE(parsed) << calendar;
    return parsed && parsed->open_at(utc(time));
}

TEST(Calendar, GivenOfficeHoursWhenAskedThenTheCountysClockDecides) {
    constexpr auto kOffice = "Mon-Fri 07:00-18:00; closed 2026-11-26";
    EXPECT_FALSE(open(kOffice, "2026-11-23T14:59:59.99Z"));  // Monday 06:59
    EXPECT_TRUE(open(kOffice, "2026-11-23T15:00:00.00Z"));
    EXPECT_FALSE(open(kOffice, "2026-11-24T02:00:00.00Z"));  // 18:00: the end is outside
    EXPECT_FALSE(open(kOffice, "2026-11-26T18:00:00.00Z"));  // Thanksgiving
    EXPECT_FALSE(open(kOffice, "2026-11-22T18:00:00.00Z"));  // Sunday
    EXPECT_TRUE(open(kOffice, "2026-07-06T14:00:00.00Z"));   // 07:00 daylight time
}

TEST(Calendar, GivenANightShiftWhenAskedAfterMidnightThenTheDayItBeganOnDecides) {
    constexpr auto kNight = "Fri 22:00-06:00; closed 2026-12-25";
    EXPECT_TRUE(open(kNight, "2026-11-21T13:59:00.00Z"));   // Saturday 05:59
    EXPECT_FALSE(open(kNight, "2026-11-21T14:00:00.00Z"));
    EXPECT_FALSE(open(kNight, "2026-12-26T12:00:00.00Z"));  // would have begun on the closed Friday
}

TEST(Calendar, GivenAlwaysOrAWeekAcrossSundayWhenAskedThenOpen) {
    EXPECT_TRUE(open("always", "2026-12-25T11:00:00.00Z"));
    EXPECT_TRUE(open("Sat-Mon 00:00-24:00", "2026-11-23T07:30:00.00Z"));  // Sunday 23:30
    EXPECT_FALSE(open("Sat-Mon 00:00-24:00", "2026-11-24T08:30:00.00Z"));
}

TEST(Calendar, GivenNoCalendarWhenParsedThenRefusedWithThePart) {
    for (const auto* text : {"", ";", "Mon", "Mon-Fri", "Mon-Fri 7:00-18:00", "Mon-Fri 07:00-25:00", "Mo-Fr 07:00-18:00",
                             "Mon-Fri 24:00-06:00", "closed", "closed 2026-02-30", "Mon-Fri 07:00-18:00;", "Mon-Fri 07:60-18:00",
                             "Monday 07:00-18:00", "MonxFri 07:00-18:00"})
        EXPECT_FALSE(Calendar::parse(text)) << text;
    const auto broken = Calendar::parse("Mon-Fri 07:00-18:00; Xxx 08:00-12:00");
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message().find("Xxx 08:00-12:00"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::registers
