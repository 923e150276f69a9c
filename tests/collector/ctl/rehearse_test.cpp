// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "collector/store/event_log.hpp"
#include "protocol/timestamp.hpp"
#include "tests/collector/ctl/control.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string stick_rule(const std::string& condition) {
    return "title: Storage attached\nname: stick\nlevel: high\n"
           "logsource: {product: sallyport, category: usb}\n"
           "detection:\n  stick: {type: usb.attach, " +
           condition +
           "}\n  condition: stick\n"
           "sallyport:\n  catalogue: USB-01\n  object: [serial_hash]\n  summary: Storage at {terminal_id}.\n";
}

// Two sticks an hour apart in the log, and a rule in force that does not see them.
class Rehearse : public sallyport::testing::Control {
protected:
    void SetUp() override {
        establish_agency();
        done("sites list");  // makes the store
        std::filesystem::create_directories(path("rules"));
        write("rules/usb-01.yml", stick_rule("is_storage: false"));
        write("proposed.yml", stick_rule("is_storage: true"));
        auto database = Database::open(path("store.db"));
        ASSERT_TRUE(database);
        auto stream = store::create_stream(*database, kOri, "T1", std::string(32, 'a'), {}, kStart);
        auto appender = store::EventAppender::open(*database);
        ASSERT_TRUE(stream && appender);
        for (std::uint64_t seq = 1; seq <= 2; ++seq) {
            const WallTime at = kStart + std::chrono::hours(seq);
            const auto line = encode_event(testing::event("usb.attach", "T1", std::string(32, 'a'), seq, testing::usb_stick_body(), at));
            ASSERT_TRUE(line);
            ASSERT_TRUE(appender->append(*stream, std::nullopt, {{"usb.attach", at, leaf_of(*line), *line, std::nullopt}}, at));
        }
    }

    const WallTime kStart = *parse_time("2026-11-23T17:00:00.000Z");
    const std::string kSpan = " --since 2026-11-23T17:00:00.00Z --until 2026-11-30T17:00:00.00Z";
};

TEST_F(Rehearse, GivenAProposedFileThenItSaysWhatItWouldRaiseBesideTheRulesInForce) {
    const auto ran = done("rules rehearse proposed.yml" + kSpan);
    EXPECT_THAT(ran.out, AllOf(HasSubstr("2 events judged again, 0 of them withheld"),
                               HasSubstr("proposed: 2 alerts, 0.3 queue items a day, 0.0 pages a week"),
                               HasSubstr("in force: 0 alerts"), HasSubstr("2 alerts gained, 0 lost"),
                               HasSubstr("recorded: 0 alerts"), HasSubstr("Storage at T1."), HasSubstr("is_storage")));
    EXPECT_EQ(done("alerts list --json").out, "[]\n");
}

TEST_F(Rehearse, GivenARuleInForceThenItAloneIsTold) {
    const auto ran = done("rules rehearse USB-01 --json" + kSpan);
    EXPECT_THAT(ran.out, AllOf(HasSubstr(R"("rules":["USB-01"])"), HasSubstr(R"("events":2)"), HasSubstr(R"("alerts":0)")));
    EXPECT_THAT(ran.out, ::testing::Not(HasSubstr("in_force\":{")));
}

TEST_F(Rehearse, GivenAWrongCallThenItSaysWhatIsWrong) {
    EXPECT_EQ(ctl("rules rehearse NONE-1" + kSpan).code, 2);
    EXPECT_EQ(ctl("rules rehearse USB-01 --since noon").code, 1);
    EXPECT_EQ(ctl("rules rehearse USB-01 --since 2026-11-30T17:00:00.00Z --until 2026-11-23T17:00:00.00Z").code, 1);
    write("proposed.yml", "title: x\nname: stick\n");
    const auto ran = ctl("rules rehearse proposed.yml" + kSpan);
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("proposed.yml:1"));
}

}  // namespace
}  // namespace sallyport::ctl
