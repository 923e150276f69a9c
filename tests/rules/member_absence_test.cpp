// SPDX-License-Identifier: Apache-2.0
//
// Nothing of a kind for a time, for each terminal that is expected.
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

const std::string kSeen =
    "title: seen\nname: seen\nlogsource: {category: t}\ndetection: {s: {type: seen}, condition: s}\n---\n";
const std::string kOpen =
    "title: open\nname: open\nlogsource: {product: sallyport}\ndetection: {s: {hours.open: true}, condition: "
    "s}\n---\n";

std::string silence(const std::string& timespan, bool gated) {
    return kSeen + (gated ? kOpen : "") +
           "title: silent\nabsence: {without: seen, for-each: terminal, timespan: " + timespan +
           (gated ? ", while: open" : "") + "}\n";
}

Record member(const std::string& id, bool open = true) {
    return {{"terminal_id", id}, {"hours.open", open}, {"window.maintenance", false}};
}

Record seen(const std::string& id) {
    return {{"type", "seen"}, {"terminal_id", id}};
}

// Told of its members every minute, as the collector does.
class Watch : public Bench {
public:
    using Bench::Bench;

    Watch& tell(double second, const std::vector<Record>& members) {
        std::vector<Finding> found;
        engine().expect("terminal", members_of(members), at_second(second), found);
        engine().advance(at_second(second), found);
        keep(found);
        return *this;
    }
    Watch& pass(double from, double until, const std::vector<Record>& members) {
        for (double second = from; second < until; second += 60)
            tell(second, members);
        return tell(until, members);
    }
    Lines all() {
        Lines lines = std::move(lines_);
        lines_.clear();
        return lines;
    }
    void keep(const std::vector<Finding>& found) {
        for (const Finding& finding : found)
            lines_.push_back(line_of(finding));
    }
    Watch& see(double second, const std::string& id) {
        std::vector<Finding> found;
        engine().process({++reference_, at_second(second), std::nullopt, seen(id)}, found);
        keep(found);
        return *this;
    }
    // Another engine with the same rules goes on with what this one knew.
    void restart(const std::string& rules) {
        const Keeper kept = snapshot_of(engine());
        const std::int64_t reference = reference_;
        Lines lines = std::move(lines_);
        *this = Watch(rules);
        ASSERT_TRUE(engine().restore(kept.source()).ok());
        EXPECT_EQ(snapshot_of(engine()).pieces(), kept.pieces());
        reference_ = reference;
        lines_ = std::move(lines);
    }

private:
    Lines lines_;
    std::int64_t reference_ = 100;
};

TEST(Member, GivenATerminalThatNeverReportedWhenTheTimeIsOverThenItIsSilent) {
    Watch watch(silence("10m", false));
    EXPECT_TRUE(watch.engine().watches("terminal"));
    watch.tell(0, {member("T-1")}).pass(60, 599, {member("T-1")});
    EXPECT_EQ(watch.all(), Lines{});
    EXPECT_EQ(watch.engine().next_deadline(), at_second(600));
    watch.tell(600, {member("T-1")});
    EXPECT_EQ(watch.all(), (Lines{"silent terminal_id=T-1 =600 @600 from 0"}));
}

TEST(Member, GivenASignOfLifeThenTheTimeRunsFromItAndOneFindingSaysOneSilence) {
    Watch watch(silence("10m", false));
    const std::vector<Record> members{member("T-1"), member("T-2")};
    watch.pass(0, 300, members).see(301, "T-1").pass(360, 3000, members);
    EXPECT_EQ(watch.all(), (Lines{"silent terminal_id=T-2 =600 @600 from 0",
                                  "silent terminal_id=T-1 =600 @901 from 301"}));
    watch.see(3001, "T-1").pass(3060, 3600, members);
    EXPECT_EQ(watch.all(), (Lines{"~silent terminal_id=T-1 =600 @3001 from 301"}));
    watch.tell(3601, members);
    EXPECT_EQ(watch.all(), (Lines{"silent terminal_id=T-1 =600 @3601 from 3001"}));
}

TEST(Member, GivenClosingTimeThenSilenceIsNotCountedAndBeginsAnewInTheMorning) {
    Watch watch(silence("10m", true));
    watch.pass(0, 300, {member("T-1")}).pass(360, 50'000, {member("T-1", false)});
    EXPECT_EQ(watch.all(), Lines{});
    watch.pass(50'040, 50'639, {member("T-1")});
    EXPECT_EQ(watch.all(), Lines{}) << "ten minutes of working time, not the first second of it";
    watch.tell(50'640, {member("T-1")});
    EXPECT_EQ(watch.all(), (Lines{"silent terminal_id=T-1 =600 @50640 from 0"}));
}

TEST(Member, GivenAFindingWhenItIsClosingTimeThenItStandsAndTheMorningSaysNoSecondOne) {
    Watch watch(silence("10m", true));
    watch.pass(0, 700, {member("T-1")})
        .pass(760, 5'000, {member("T-1", false)})
        .pass(5'060, 9'000, {member("T-1")});
    EXPECT_EQ(watch.all(), (Lines{"silent terminal_id=T-1 =600 @600 from 0"}));
    watch.see(9'001, "T-1");
    EXPECT_EQ(watch.all(), (Lines{"~silent terminal_id=T-1 =600 @9001 from 0"}));
}

TEST(Member, GivenATerminalThatIsNoLongerExpectedThenItsSilenceEnds) {
    Watch watch(silence("10m", false));
    watch.pass(0, 600, {member("T-1")});
    EXPECT_EQ(watch.all(), (Lines{"silent terminal_id=T-1 =600 @600 from 0"}));
    watch.pass(660, 9'000, {});
    EXPECT_EQ(watch.all(), (Lines{"~silent terminal_id=T-1 =600 @660 from 0"}));
    watch.pass(9'060, 9'660, {member("T-1")});
    EXPECT_EQ(watch.all(), (Lines{"silent terminal_id=T-1 =600 @9660 from 9060"})) << "expected anew";
}

TEST(Member, GivenALongStopOfTheCollectorThenEachHasTheWholeTimeAgain) {
    const std::string rules = silence("10m", false);
    Watch watch(rules);
    std::vector<Record> members;
    for (int i = 0; i < 20; ++i)
        members.push_back(member("T-" + std::to_string(i)));
    watch.pass(0, 240, members);
    watch.restart(rules);
    watch.pass(100'000, 100'599, members);
    EXPECT_EQ(watch.all(), Lines{}) << "no storm";
    watch.tell(100'600, members);
    EXPECT_EQ(watch.all().size(), 20U);
}

TEST(Member, GivenAShortStopThenSilenceGoesOnAndWhatWasSaidIsNotSaidAgain) {
    const std::string rules = silence("10m", false);
    Watch watch(rules);
    watch.pass(0, 300, {member("T-1")});
    watch.restart(rules);
    watch.pass(420, 600, {member("T-1")});
    EXPECT_EQ(watch.all(), (Lines{"silent terminal_id=T-1 =600 @600 from 0"}));
    watch.restart(rules);
    watch.pass(50'000, 60'000, {member("T-1")});
    EXPECT_EQ(watch.all(), Lines{});
    watch.see(60'001, "T-1");
    EXPECT_EQ(watch.all(), (Lines{"~silent terminal_id=T-1 =600 @60001 from 0"}));
}

TEST(Member, GivenNobodyTellsOfThemThenNothingIsSaidOfWhatIsNotKnown) {
    Watch watch(silence("10m", true));
    watch.tell(0, {member("T-1")});
    std::vector<Finding> found;
    watch.engine().advance(at_second(5'000), found);
    EXPECT_TRUE(found.empty());
    EXPECT_EQ(watch.all(), Lines{});
}

TEST(Member, GivenAfterAndWithoutWithAGateThenWorkingHoursAreAskedWhenItIsJudged) {
    const std::string rules =
        "title: gone\nname: gone\nlogsource: {category: t}\ndetection: {s: {type: gone}, condition: "
        "s}\n---\n" +
        kSeen + kOpen +
        "title: silent\nabsence: {after: gone, without: seen, for-each: terminal, while: open, timespan: "
        "10m}\n";
    const auto gone = [](Watch& watch, double second) {
        std::vector<Finding> found;
        watch.engine().process(
            {1, at_second(second), std::nullopt, {{"type", "gone"}, {"terminal_id", "T-1"}}}, found);
    };
    Watch evening(rules);  // it began in working hours, which then ended
    evening.pass(0, 60, {member("T-1")});
    gone(evening, 61);
    evening.pass(120, 300, {member("T-1")}).pass(360, 4'000, {member("T-1", false)});
    EXPECT_EQ(evening.all(), Lines{});
    Watch morning(rules);  // it began before them
    morning.pass(0, 60, {member("T-1", false)});
    gone(morning, 61);
    morning.pass(120, 4'000, {member("T-1", false)}).pass(4'060, 4'660, {member("T-1")});
    EXPECT_EQ(morning.all(), (Lines{"silent terminal_id=T-1 =600 @4660 from 61"}));
}

TEST(Member, GivenNothingOfThemIsDifferentThenTheyNeedNotBeToldOfOneByOne) {
    Watch watch(silence("10m", true));
    std::vector<Finding> found;
    EXPECT_FALSE(watch.engine().expect_same("terminal", at_second(0), found)) << "never told of any";
    watch.pass(0, 540, {member("T-1"), member("T-2", false)}).see(545, "T-2");
    watch.engine().advance(at_second(600), found);
    EXPECT_TRUE(found.empty()) << "not told yet";
    EXPECT_TRUE(watch.engine().expect_same("terminal", at_second(601), found));
    EXPECT_EQ(watch.engine().next_deadline(), at_second(600));
    watch.engine().advance(at_second(601), found);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(line_of(found[0]), "silent terminal_id=T-1 =600 @600 from 0");
    EXPECT_FALSE(watch.engine().expect_same("terminal", at_second(800), found)) << "nobody listened meanwhile";
}

TEST(Member, GivenWhatCameSinceTheyWereToldWhenNothingIsDifferentThenItIsJudgedToo) {
    const auto play = [](bool one_by_one) {
        Watch watch(silence("30s", true));
        const std::vector<Record> members{member("T-1"), member("T-2")};
        watch.tell(0, members).see(5, "T-1").see(50, "T-1").see(51, "T-2");
        std::vector<Finding> found;
        if (one_by_one)
            watch.engine().expect("terminal", members_of(members), at_second(59), found);
        else
            EXPECT_TRUE(watch.engine().expect_same("terminal", at_second(59), found));
        watch.engine().advance(at_second(59), found);
        watch.keep(found);
        return watch.all();
    };
    EXPECT_EQ(play(false), play(true));
    EXPECT_EQ(play(false).size(), 4U) << "T-1 from 5, T-2 from 0, each heard of since";
}

TEST(Member, GivenMembersThatAreToldOfEachMinuteThenOnlyTheirRuleIsWrittenAgain) {
    Watch watch(silence("10m", true));
    Keeper keeper;
    watch.tell(0, {member("T-1"), member("T-2")}).see(1, "T-1").see(2, "T-2").tell(60, {member("T-1"), member("T-2")});
    EXPECT_EQ(keeper.save(watch.engine()).handed().size(), 4U) << "the engine's, the rule's and theirs";
    watch.tell(120, {member("T-1"), member("T-2")});
    EXPECT_EQ(keeper.save(watch.engine()).handed(), (Lines{"silent "}));
    watch.tell(180, {member("T-1"), member("T-2", false)});
    EXPECT_EQ(keeper.save(watch.engine()).handed(), (Lines{"silent ", R"(silent ["T-2"])"})) << "closing time";
    watch.tell(240, {member("T-2", false)});
    EXPECT_EQ(keeper.save(watch.engine()).handed(), (Lines{"silent ", R"(silent ["T-1"])"})) << "no longer expected";
    EXPECT_EQ(keeper.pieces(), snapshot_of(watch.engine()).pieces());
}

// --- backlog
// -------------------------------------------------------------------------------------------------------------

const std::string kLasts =
    "title: begins\nname: begins\nlogsource: {category: t}\ndetection: {s: {type: begin}, condition: "
    "s}\n---\n"
    "title: ends\nname: ends\nlogsource: {category: t}\ndetection: {s: {type: end}, condition: s}\n---\n"
    "title: lasts\nabsence: {after: begins, without: ends, group-by: [terminal_id], timespan: 10s}\n";

Record of(const std::string& type) {
    return {{"type", type}, {"terminal_id", "T-1"}};
}

TEST(Backlog, GivenEventsStillOnTheirWayThenTheTimerWaitsForThem) {
    Bench bench(kLasts);
    bench.put(0, of("begin"));
    bench.engine().await("terminal_id", "T-1", at_second(4));
    bench.advance(60);
    EXPECT_EQ(bench.lines(), Lines{});
    bench.put(6, of("end"));
    bench.engine().await("terminal_id", "T-1", std::nullopt);
    EXPECT_EQ(bench.advance(61).lines(), Lines{});
}

TEST(Backlog, GivenTheBacklogBroughtNoEndThenItIsSaidOnceItIsComplete) {
    Bench bench(kLasts);
    bench.put(0, of("begin"));
    bench.engine().await("terminal_id", "T-1", at_second(4));
    bench.advance(60);
    bench.engine().await("terminal_id", "T-1", at_second(11));
    EXPECT_EQ(bench.advance(61).lines(), (Lines{"lasts terminal_id=T-1 =10 @10 from 0"}));
    Bench other(kLasts);
    other.put(0, of("begin"));
    other.engine().await("terminal_id", "T-2", at_second(4));
    EXPECT_EQ(other.advance(60).lines().size(), 1U) << "another terminal's backlog";
    Bench done(kLasts);
    done.put(0, of("begin"));
    done.engine().await("terminal_id", "T-1", at_second(4));
    done.advance(60);
    done.engine().await("terminal_id", "T-1", std::nullopt);
    EXPECT_EQ(done.advance(60).lines(), (Lines{"lasts terminal_id=T-1 =10 @10 from 0"}));
}

TEST(Backlog, GivenWhatTheCollectorItselfSeesThenItsTimersDoNotWait) {
    const auto liveness = [](const std::string& name, const std::string& state) {
        return "title: " + name + "\nname: " + name +
               "\nlogsource: {product: sallyport, category: server}\ndetection: {s: {state: " + state +
               "}, condition: s}\n---\n";
    };
    Bench bench(
        liveness("gone", "offline") + liveness("back", "back") +
        "title: silent\nabsence: {after: gone, without: back, group-by: [terminal_id], timespan: 10s}\n"
        "sallyport: {catalogue: X-01, summary: s}\n");
    bench.put(0, {{"state", "offline"}, {"terminal_id", "T-1"}});
    bench.engine().await("terminal_id", "T-1", at_second(-500));
    EXPECT_EQ(bench.advance(60).lines(), (Lines{"silent terminal_id=T-1 =10 @10 from 0"}));
}

// --- many
// -------------------------------------------------------------------------------------------------------------

TEST(Member, GivenTenThousandOfThemThenEachIsSilentToTheSecond) {
    constexpr int kMembers = 10'000;
    Watch watch(silence("10m", true));
    std::vector<Record> members;
    for (int i = 0; i < kMembers; ++i)
        members.push_back(member("T-" + std::to_string(i)));
    watch.tell(0, members);
    // Heard of once, spread over a minute.
    for (int i = 0; i < kMembers; ++i)
        watch.see(10 + i * 0.006, "T-" + std::to_string(i));
    std::vector<Finding> found;
    for (int second = 1; second <= 1'200; ++second) {
        if (second % 60 == 0) watch.engine().expect("terminal", members_of(members), at_second(second), found);
        const auto deadline = watch.engine().next_deadline();
        if (deadline && *deadline <= at_second(second))
            watch.engine().expect("terminal", members_of(members), at_second(second), found);
        const std::size_t before = found.size();
        watch.engine().advance(at_second(second), found);
        for (std::size_t i = before; i < found.size(); ++i) {
            const auto late = at_second(second) - found[i].at;
            ASSERT_GE(late.count(), 0);
            ASSERT_LT(late.count(), 1'000) << "raised later than the second it was due in";
            ASSERT_EQ(found[i].at - found[i].started_at, std::chrono::minutes(10));
        }
    }
    EXPECT_EQ(found.size(), static_cast<std::size_t>(kMembers));
    EXPECT_EQ(watch.engine().statistics().groups, static_cast<std::size_t>(kMembers));
    EXPECT_EQ(watch.engine().statistics().timers, 0U);
}

// --- bounds
// -------------------------------------------------------------------------------------------------------------

TEST(Bounds, GivenMoreGroupsThanARuleMayHaveThenTheyAreRefusedCountedAndNamed) {
    const auto rules = load_rules(kLasts);
    const auto engine = Engine::create(rules, nullptr, {.groups_per_rule = 3});
    std::vector<Finding> found;
    for (int i = 0; i < 5; ++i)
        engine->process({i + 1,
                         at_second(0),
                         std::nullopt,
                         {{"type", "begin"}, {"terminal_id", "T-" + std::to_string(i)}}},
                        found);
    engine->advance(at_second(60), found);
    EXPECT_EQ(found.size(), 3U) << "those that had a place are judged as ever";
    EXPECT_EQ(engine->statistics().groups, 3U);
    EXPECT_EQ(engine->statistics().refused, 2U);
    EXPECT_EQ(engine->statistics().full, (std::vector<std::string>{"lasts"}));
}

TEST(Bounds, GivenGroupsThatNothingCanBelongToAnyMoreThenTheirPlaceIsFree) {
    const std::string rules =
        "title: a\nname: a\nlogsource: {category: t}\ndetection: {s: {type: a}, condition: s}\n---\n"
        "title: c\ncorrelation: {type: event_count, rules: [a], group-by: [user], timespan: 1h, condition: "
        "{gte: 2}}\n";
    Bench bench(rules);
    bench.advance(0);
    for (int i = 0; i < 10; ++i)
        bench.put(i, {{"type", "a"}, {"user", i}});
    bench.advance(72 * 3600);
    EXPECT_EQ(bench.engine().statistics().groups, 10U);
    bench.advance(74 * 3600);
    EXPECT_EQ(bench.engine().statistics().groups, 0U);
    EXPECT_EQ(bench.engine().statistics().refused, 0U);
}

}  // namespace
}  // namespace sallyport::rules
