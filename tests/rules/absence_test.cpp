// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

const std::string kRules =
    "title: begins\nname: begins\nlogsource: {category: t}\ndetection: {s: {type: begin}, condition: "
    "s}\n---\n"
    "title: ends\nname: ends\nlogsource: {category: t}\ndetection: {s: {type: end}, condition: s}\n---\n"
    "title: lasts\nabsence: {after: begins, without: ends, group-by: [room], timespan: 10s}\n";

Record event(const std::string& type, const std::string& room = "1") {
    return {{"type", type}, {"room", room}};
}

TEST(Absence, GivenAConditionThatLastsWhenTheClockGoesOnThenItIsRaisedOnce) {
    Bench bench(kRules);
    bench.put(0, event("begin")).advance(9.999);
    EXPECT_EQ(bench.lines(), Lines{});
    EXPECT_EQ(bench.engine().next_deadline(), at_second(10));
    bench.advance(12).advance(50);
    EXPECT_EQ(bench.lines(), (Lines{"lasts room=1 =10 @10 from 0"}));
    EXPECT_EQ(bench.found()[0].evidence, (std::vector<std::int64_t>{1}));
    EXPECT_EQ(bench.engine().next_deadline(), std::nullopt);
}

TEST(Absence, GivenMoreOfTheSameThenTheTimerIsNotRestarted) {
    EXPECT_EQ(Bench(kRules).put(0, event("begin")).put(6, event("begin")).advance(10).lines(),
              (Lines{"lasts room=1 =10 @10 from 0"}));
}

TEST(Absence, GivenAnEndInTimeThenNothing) {
    Bench bench(kRules);
    bench.put(0, event("begin")).put(9.999, event("end")).advance(100);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.put(200, event("begin")).advance(210);
    EXPECT_EQ(bench.lines(), (Lines{"lasts room=1 =10 @210 from 200"}));
}

TEST(Absence, GivenAnEndAfterItWasRaisedThenItIsClearedOnce) {
    Bench bench(kRules);
    bench.put(0, event("begin")).advance(10).put(60, event("end")).put(61, event("end"));
    EXPECT_EQ(bench.lines(), (Lines{"lasts room=1 =10 @10 from 0", "~lasts room=1 =10 @60 from 0"}));
    EXPECT_EQ(bench.found()[1].evidence, (std::vector<std::int64_t>{1, 2}));
}

TEST(Absence, GivenALaterEventOfTheGroupThenItFiresWithoutAClock) {
    Bench bench(kRules);
    bench.put(0, event("begin")).put(20, event("other", "2"));
    EXPECT_EQ(bench.lines(), Lines{}) << "another room's time says nothing";
    bench.put(20, event("other"));
    EXPECT_EQ(bench.lines(), (Lines{"lasts room=1 =10 @10 from 0"}));
    Bench late(kRules);
    late.put(0, event("begin")).put(15, event("end"));
    EXPECT_EQ(late.lines(), (Lines{"lasts room=1 =10 @10 from 0", "~lasts room=1 =10 @15 from 0"}));
}

TEST(Absence, GivenTheEndBeforeTheBeginningByTimeThenTheOrderOfArrivalDoesNotMatter) {
    Bench bench(kRules);
    bench.put(5, event("end")).put(0, event("begin")).advance(100);
    EXPECT_EQ(bench.lines(), Lines{});
    Bench also(kRules);
    also.put(0, event("begin"))
        .put(30, event("end"))
        .put(20, event("begin"))
        .put(5, event("end"))
        .advance(100);
    std::vector<std::string> lines;
    for (const Finding& finding : standing(also.found()))
        lines.push_back(line_of(finding));
    EXPECT_EQ(lines, (Lines{"lasts room=1 =10 @30 from 20", "~lasts room=1 =10 @30 from 20"}));
}

TEST(Absence, GivenAnEndThatComesLateAfterTheClockFiredThenItIsWithdrawn) {
    Bench bench(kRules);
    bench.put(0, event("begin")).advance(10).put(4, event("end"));
    EXPECT_EQ(bench.lines(), (Lines{"lasts room=1 =10 @10 from 0", "!lasts room=1 =10 @10 from 0"}));
}

TEST(StateAlert, GivenADetectionWithAClearRuleThenItIsRaisedOnceAndCleared) {
    Bench bench(
        "title: ends\nname: ends\nlogsource: {category: t}\ndetection: {s: {type: end}, condition: s}\n---\n"
        "title: on\nlogsource: {category: t}\ndetection: {s: {type: begin}, condition: s}\n"
        "sallyport: {clear: {rule: ends, group-by: [terminal_id]}}\n");
    const auto of = [](const std::string& type) { return Record{{"type", type}, {"terminal_id", "T-1"}}; };
    bench.put(0, of("begin")).put(1, of("begin")).put(2, of("end")).put(3, of("end")).put(4, of("begin"));
    EXPECT_EQ(bench.lines(),
              (Lines{"on terminal_id=T-1 @0", "~on terminal_id=T-1 @2 from 0", "on terminal_id=T-1 @4"}));
}

TEST(Correlation, GivenAConditionThatStillLastsThenItCountsAsThereNow) {
    const std::string rules = kRules +
                              "---\ntitle: stick\nname: stick\nlogsource: {category: t}\ndetection: {s: "
                              "{type: stick}, condition: s}\n---\n"
                              "title: both\ncorrelation: {type: temporal, rules: [lasts, stick], group-by: "
                              "[room], timespan: 30s}\n";
    EXPECT_EQ(Bench(rules).put(0, event("begin")).put(900, event("stick")).lines(),
              (Lines{"both room=1 =2 @900 from 10"}));
    EXPECT_EQ(Bench(rules).put(0, event("begin")).put(20, event("end")).put(50, event("stick")).lines(),
              (Lines{"both room=1 =2 @50 from 10"}));
    EXPECT_EQ(Bench(rules).put(0, event("begin")).put(20, event("end")).put(51, event("stick")).lines(),
              Lines{});
    EXPECT_EQ(Bench(rules).put(0, event("stick")).put(5, event("begin")).advance(15).lines(),
              (Lines{"both room=1 =2 @15 from 0"}));
}

}  // namespace
}  // namespace sallyport::rules
