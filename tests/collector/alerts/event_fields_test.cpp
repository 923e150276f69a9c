// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/event_fields.hpp"

#include <gtest/gtest.h>

#include "protocol/timestamp.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::alerts {
namespace {

TEST(EventFields, GivenWhenItCameThenHowLateInSecondsAndBelowZeroFromTheFuture) {
    const Event event = sallyport::testing::event("session.lock", "T1", std::string(32, 'a'), 1, {});
    const WallTime at = *event.occurred_at;
    EXPECT_EQ(integer_of(event_fields(event, at + std::chrono::milliseconds(1500)), "event.lag_s"), 1);
    EXPECT_EQ(integer_of(event_fields(event, at - std::chrono::seconds(121)), "event.lag_s"), -121);
}

// AGT-06: the collector's hourly line about a terminal ended what its unset clock had begun.
TEST(EventFields, GivenALineOfTheCollectorAboutATerminalThenNothingOfTheCollectorsOwnCountsAsTheTerminals) {
    const Event about = sallyport::testing::event(
        "server.fork", "collector", std::string(32, 'c'), 77,
        {{"terminal", "T1"}, {"instance", std::string(32, 'a')}, {"seq", 5}, {"leaf", std::string(64, '1')},
         {"other_leaf", std::string(64, '2')}});
    const Record fields = event_fields(about, *about.occurred_at);
    EXPECT_EQ(text_of(fields, "terminal_id"), "T1");
    EXPECT_EQ(integer_of(fields, "seq"), 5) << "the number that was sent twice";
    for (const auto* name : {"clock", "boot_id", "mono_ms", "config_sha256", "agent_instance"})
        EXPECT_FALSE(fields.contains(name)) << name;
    const Event own = sallyport::testing::event("session.lock", "T1", std::string(32, 'a'), 6, {{"cause", "user"}});
    EXPECT_EQ(integer_of(event_fields(own, *own.occurred_at), "seq"), 6);
    EXPECT_TRUE(event_fields(own, *own.occurred_at).contains("clock"));
}

// FWB-05: a vendor's order is not guessed at.
TEST(EventFields, GivenFirmwareVersionsThenADowngradeOnlyWhereTheyHaveAnOrder) {
    const auto fields = [](const char* version, const char* before) {
        const Event event = sallyport::testing::event(
            "device.firmware", "T1", std::string(32, 'a'), 1,
            {{"component", "bios"}, {"version", version}, {"previous_version", before}});
        return event_fields(event, *event.occurred_at);
    };
    EXPECT_TRUE(flag_of(fields("1.9", "1.10"), "firmware.downgraded"));
    EXPECT_FALSE(flag_of(fields("1.10", "1.9"), "firmware.downgraded", true));
    EXPECT_FALSE(flag_of(fields("2", "1.9.9"), "firmware.downgraded", true));
    for (const auto* version : {"1.2b", "v1.2", "1..2", "", "1.2 beta"})
        EXPECT_FALSE(fields(version, "1.0").contains("firmware.downgraded")) << version;
}

// PRN-04: the day is the county's, whatever the clock of Greenwich says.
TEST(EventFields, GivenAPrintThenTheCountysDay) {
    const auto day = [](const char* type, const char* time) {
        const Event event = sallyport::testing::event(type, "T1", std::string(32, 'a'), 1, {}, *parse_time(time));
        return std::string(text_of(event_fields(event, *event.occurred_at), "print.day"));
    };
    EXPECT_EQ(day("print.job", "2026-11-24T07:59:59.000Z"), "2026-11-23");
    EXPECT_EQ(day("print.job", "2026-11-24T08:00:00.000Z"), "2026-11-24");
    EXPECT_EQ(day("usb.attach", "2026-11-24T08:00:00.000Z"), "");
}

}  // namespace
}  // namespace sallyport::alerts
