// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/printed_pages.hpp"

#include <gtest/gtest.h>

namespace sallyport::registers {
namespace {

// Monday to Friday; 2026-11-23 is a Monday.
class Printed : public ::testing::Test {
protected:
    static Date day(std::string_view text) { return *parse_date(text); }
    PrintedDay on(std::string_view text) const { return review_printing(pages_, day(text), day(known_from_), office_); }

    Calendar office_ = *Calendar::parse("Mon-Fri 08:00-17:00; closed 2026-11-26");
    std::map<std::string, std::int64_t> pages_;
    std::string known_from_ = "2026-01-05";
};

TEST_F(Printed, GivenWhatIsUsualThenHowManyTimesAsManyThatDay) {
    for (const auto* monday : {"2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"})
        pages_[monday] = 10;
    for (const auto* friday : {"2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"})
        pages_[friday] = 20;
    known_from_ = "2026-11-02";
    pages_["2026-11-16"] = 60;
    EXPECT_EQ(on("2026-11-16").pages, 60);
    EXPECT_DOUBLE_EQ(*on("2026-11-16").times_usual, 4) << "15 lies in the middle of ten days";
}

TEST_F(Printed, GivenNineWorkingDaysThenNobodyKnowsWhatIsUsual) {
    known_from_ = "2026-11-09";
    pages_["2026-11-20"] = 90;
    EXPECT_FALSE(on("2026-11-20").times_usual.has_value());
    known_from_ = "2026-11-06";
    EXPECT_TRUE(on("2026-11-20").times_usual.has_value());
}

TEST_F(Printed, GivenSomebodyWhoUsuallyPrintsNothingThenOnePageCounts) {
    pages_["2026-11-20"] = 30;
    EXPECT_DOUBLE_EQ(*on("2026-11-20").times_usual, 30);
    EXPECT_EQ(on("2026-11-21").pages, 0);
}

TEST_F(Printed, GivenDaysThatAreNotWorkedOnThenTheyTellNothingOfWhatIsUsual) {
    for (const auto* free : {"2026-11-21", "2026-11-22", "2026-11-26"})
        pages_[free] = 500;
    known_from_ = "2026-11-12";  // until the 26th ten working days, the 26th being a holiday: nine until the 25th
    EXPECT_EQ(on("2026-11-27").times_usual.has_value(), true);
    EXPECT_EQ(on("2026-11-26").times_usual.has_value(), true);
    EXPECT_EQ(on("2026-11-25").times_usual.has_value(), false);
    EXPECT_DOUBLE_EQ(*on("2026-11-26").times_usual, 500) << "such a day is looked at itself";
}

TEST_F(Printed, GivenMoreThanThirtyWorkingDaysThenTheLastThirtyCount) {
    const auto print_daily = [&](std::string_view from, std::string_view to, std::int64_t pages) {
        for (auto at = std::chrono::sys_days(day(from)); at < std::chrono::sys_days(day(to)); at += std::chrono::days(1))
            pages_[format_date(Date(at))] = pages;
    };
    print_daily("2026-01-05", "2026-10-12", 100);
    print_daily("2026-10-12", "2026-11-23", 10);  // six weeks
    pages_["2026-11-23"] = 40;
    EXPECT_DOUBLE_EQ(*on("2026-11-23").times_usual, 4);
}

}  // namespace
}  // namespace sallyport::registers
