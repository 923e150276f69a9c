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

// The store of a running collector: another one writes it, and holds the write lock.
TEST_F(Rehearse, GivenSomebodyWritesTheStoreThenItIsReadBesideThat) {
    auto writer = Database::open(path("store.db"));
    auto transaction = writer->begin();
    ASSERT_TRUE(transaction);
    EXPECT_THAT(done("rules rehearse proposed.yml" + kSpan).out, HasSubstr("proposed: 2 alerts"));
}

TEST_F(Rehearse, GivenAStoreOfAnotherSchemaThenItIsLeftAsItIs) {
    const auto version = [&] { return *Database::open(path("store.db"))->user_version(); };
    const auto shipped = version();
    const auto with_schema = [&](std::int64_t number) {
        EXPECT_TRUE(Database::open(path("store.db"))->execute("PRAGMA user_version = " + std::to_string(number)));
        const auto ran = ctl("rules rehearse USB-01" + kSpan);
        EXPECT_EQ(ran.code, 1);
        EXPECT_EQ(version(), number);
        return ran.err;
    };
    EXPECT_THAT(with_schema(shipped - 1), HasSubstr("older than this program's " + std::to_string(shipped)));
    EXPECT_THAT(with_schema(shipped + 1), HasSubstr("newer than this program's"));
}

TEST_F(Rehearse, GivenNoStoreThenNoneIsMade) {
    const auto ran = ctl("--store none.db rules rehearse USB-01" + kSpan);
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("none.db"));
    EXPECT_FALSE(std::filesystem::exists(path("none.db")));
}

TEST_F(Rehearse, GivenARuleThatAsksForARegisterThenItsEntriesAreInTheList) {
    write("sites.csv", "site_id,site_name,address\nT1,Named as the terminal,1 Example St\n");
    write("proposed.yml", stick_rule("terminal_id|expand: '%sites%'"));
    EXPECT_THAT(done("rules rehearse proposed.yml" + kSpan).out, HasSubstr("proposed: 0 alerts"));
    done("sites import sites.csv");
    EXPECT_THAT(done("rules rehearse proposed.yml" + kSpan).out, HasSubstr("proposed: 2 alerts"));
}

// --- rules diff
// ------------------------------------------------------------------------------------------------------

TEST_F(Rehearse, GivenTwoSetsWhenComparedThenWhatTheySayOtherwiseInWords) {
    std::filesystem::create_directories(path("proposed"));
    write("proposed/usb-01.yml", stick_rule("is_storage: true"));
    write("proposed/new.yml", "title: Unplugged\nlogsource: {product: sallyport, category: usb}\n"
                              "detection:\n  gone: {type: usb.detach}\n  condition: gone\n"
                              "sallyport: {catalogue: USB-99, summary: s}\n");
    const auto ran = done("rules diff rules proposed");
    EXPECT_THAT(ran.out, AllOf(HasSubstr("added    USB-99 Unplugged (proposed/new.yml:1)"),
                               HasSubstr("changed  USB-01 Storage attached (proposed/usb-01.yml:1)\n"
                                         "  selection stick.is_storage: true, was false\n"),
                               HasSubstr("1 added, 0 removed, 1 changed\n")));
    EXPECT_THAT(done("rules diff rules proposed --json").out,
                HasSubstr(R"("differences":[{"what":"selection stick.is_storage","before":"false","after":"true"}])"));
    EXPECT_EQ(done("rules diff rules rules").out, "0 added, 0 removed, 0 changed\n");
}

TEST_F(Rehearse, GivenTwoSetsAndAHistoryThenTheAlertsGainedAndLostByRuleAndTerminal) {
    EXPECT_THAT(done("rules diff rules proposed.yml" + kSpan).out,
                AllOf(HasSubstr("2 events judged by both"), HasSubstr("USB-01   2 gained, 0 lost: 2 alerts, were 0\n"
                                                                      "  T1              2 gained, 0 lost: 0.29 a day, were 0.00\n"),
                      HasSubstr("of all rules: 2 alerts gained, 0 lost\n")));
    const auto lost = done("rules diff proposed.yml rules --json" + kSpan);
    EXPECT_THAT(lost.out, AllOf(HasSubstr(R"("catalogue_id":"USB-01","before":2,"after":0,"gained":0,"lost":2)"),
                                HasSubstr(R"("terminals":{"T1":{"before":2,"after":0)")));
    EXPECT_EQ(done("alerts list --json").out, "[]\n") << "the store is only read";
}

TEST_F(Rehearse, GivenAWrongCallOfDiffThenItSaysWhatIsWrong) {
    EXPECT_EQ(ctl("rules diff rules absent").code, 2);
    EXPECT_EQ(ctl("rules diff rules").code, 2);
    EXPECT_EQ(ctl("rules diff rules rules --until 2026-11-30T17:00:00.00Z").code, 2);
    EXPECT_EQ(ctl("rules diff rules rules --since noon").code, 1);
    write("proposed.yml", "title: x\n");
    const auto ran = ctl("rules diff rules proposed.yml");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("proposed.yml:1"));
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
