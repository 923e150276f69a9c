// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

std::string base(const std::string& name) {
    return "title: " + name + "\nname: " + name +
           "\nlogsource: {category: test}\ndetection: {s: {type: " + name + "}, condition: s}\n---\n";
}

std::string correlation(const std::string& type, const std::string& rules, const std::string& rest) {
    return "title: c\ncorrelation:\n  type: " + type + "\n  rules: " + rules +
           "\n  group-by: [user]\n  timespan: 10s\n" + rest;
}

Record event(const std::string& type, const std::string& user = "u") {
    return {{"type", type}, {"user", user}};
}

TEST(Correlation, GivenEnoughEventsInAWindowThenOneFindingOpensAnEpisode) {
    Bench bench(base("a") + correlation("event_count", "[a]", "  condition: {gte: 3}\n"));
    bench.put(8, event("a")).put(9, event("a")).put(12, event("a")).put(13, event("a")).put(40, event("a"));
    EXPECT_EQ(bench.lines(), (Lines{"c user=u =3 @12 from 8"}));
    EXPECT_EQ(bench.found()[0].evidence, (std::vector<std::int64_t>{1, 2, 3}));
    bench.put(41, event("a")).put(42, event("a"));
    EXPECT_EQ(bench.lines().back(), "c user=u =3 @42 from 40");
}

TEST(Correlation, GivenEventsOfOtherGroupsOrTooFarApartThenNothing) {
    Bench bench(base("a") + correlation("event_count", "[a]", "  condition: {gte: 2}\n"));
    bench.put(0, event("a", "x")).put(1, event("a", "y")).put(11, event("a", "x"));
    EXPECT_EQ(bench.lines(), Lines{});
}

// A thousand events that name no account are not one person's: who is not known is not the same as anybody else.
TEST(Correlation, GivenEventsWithoutTheGroupsFieldThenTheyBelongToNobodyAndNothingIsKept) {
    Bench bench(base("a") + correlation("event_count", "[a]", "  condition: {gte: 2}\n"));
    bench.put(0, {{"type", "a"}}).put(1, {{"type", "a"}}).put(2, {{"type", "a"}, {"user", ""}});
    EXPECT_EQ(bench.lines(), Lines{});
    EXPECT_EQ(bench.engine().statistics().groups, 0U);
}

TEST(Correlation, GivenOneOfTheGroupsFieldsThenThatIsAGroup) {
    Bench bench(base("a") + "title: c\ncorrelation: {type: event_count, rules: [a], group-by: [user, host], "
                            "timespan: 10s, condition: {gte: 2}}\n");
    bench.put(0, {{"type", "a"}, {"host", "h"}}).put(1, {{"type", "a"}, {"host", "h"}});
    EXPECT_EQ(bench.lines(), (Lines{"c user= host=h =2 @1 from 0"}));
}

TEST(Correlation, GivenNoGroupByThenAllEventsAreOneGroup) {
    Bench bench(base("a") + "title: c\ncorrelation: {type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}}\n");
    bench.put(0, {{"type", "a"}}).put(1, {{"type", "a"}, {"user", "u"}});
    EXPECT_EQ(bench.lines().size(), 1U);
}

TEST(Correlation, GivenALateEventThenTheWindowItBelongsToIsJudged) {
    Bench bench(base("a") + correlation("event_count", "[a]", "  condition: {gte: 3}\n"));
    bench.put(0, event("a")).put(9, event("a")).put(100, event("a")).put(5, event("a"));
    EXPECT_EQ(bench.lines(), (Lines{"c user=u =3 @9 from 0"}));
}

TEST(Correlation, GivenARangeThenBothEndsHold) {
    Bench bench(base("a") + correlation("event_count", "[a]", "  condition: {gt: 1, lte: 2}\n"));
    bench.put(0, event("a")).put(1, event("a"));
    EXPECT_EQ(bench.lines(), (Lines{"c user=u =2 @1 from 0"}));
}

TEST(Correlation, GivenValuesThenDistinctOnesCount) {
    Bench bench(base("a") + correlation("value_count", "[a]", "  condition: {gte: 2, field: port}\n"));
    const auto on = [](int port) { return Record{{"type", "a"}, {"user", "u"}, {"port", port}}; };
    bench.put(0, on(1)).put(1, on(1)).put(2, event("a"));
    EXPECT_EQ(bench.lines(), Lines{});
    bench.put(3, on(2));
    EXPECT_EQ(bench.lines(), (Lines{"c user=u =2 @3 from 0"}));
}

TEST(Correlation, GivenSumsAveragesAndPercentilesThenNumbersAreTaken) {
    const auto lines = [](const std::string& type, const std::string& condition) {
        Bench bench(base("a") + correlation(type, "[a]", "  condition: " + condition + "\n"));
        for (int i = 1; i <= 4; ++i)
            bench.put(i, {{"type", "a"}, {"user", "u"}, {"pages", i * 10}});
        return bench.lines();
    };
    EXPECT_EQ(lines("value_sum", "{gte: 60, field: pages}"), (Lines{"c user=u =60 @3 from 1"}));
    EXPECT_EQ(lines("value_avg", "{gte: 25, field: pages}"), (Lines{"c user=u =25 @4 from 1"}));
    EXPECT_EQ(lines("value_percentile", "{gte: 25, field: pages}"), (Lines{"c user=u =25 @4 from 1"}));
    EXPECT_EQ(lines("value_median", "{gte: 25, field: pages}"), (Lines{"c user=u =25 @4 from 1"}));
}

TEST(Correlation, GivenTemporalThenEitherOrderWithinTheTimespan) {
    const std::string rules = base("a") + base("b") + correlation("temporal", "[a, b]", "");
    EXPECT_EQ(Bench(rules).put(0, event("a")).put(10, event("b")).lines(), (Lines{"c user=u =2 @10 from 0"}));
    EXPECT_EQ(Bench(rules).put(0, event("b")).put(10, event("a")).lines(), (Lines{"c user=u =2 @10 from 0"}));
    EXPECT_EQ(Bench(rules).put(0, event("b")).put(10.001, event("a")).lines(), Lines{});
    EXPECT_EQ(Bench(rules).put(20, event("b")).put(12, event("a")).lines(),
              (Lines{"c user=u =2 @20 from 12"}));
}

TEST(Correlation, GivenTemporalOrderedThenOnlyTheWrittenOrder) {
    const std::string rules = base("a") + base("b") + correlation("temporal_ordered", "[a, b]", "");
    EXPECT_EQ(Bench(rules).put(0, event("a")).put(5, event("b")).lines(), (Lines{"c user=u =2 @5 from 0"}));
    EXPECT_EQ(Bench(rules).put(0, event("b")).put(5, event("a")).lines(), Lines{});
}

TEST(Correlation, GivenAConditionInWordsThenItDecides) {
    const std::string rules = base("a") + base("b") + base("d") +
                              correlation("temporal", "[a, b, d]", "  condition: a and (b or d)\n");
    EXPECT_EQ(Bench(rules).put(0, event("b")).put(1, event("d")).lines(), Lines{});
    EXPECT_EQ(Bench(rules).put(0, event("d")).put(1, event("a")).lines(), (Lines{"c user=u =2 @1 from 0"}));
}

TEST(Correlation, GivenANotThenItIsDecidedWhenItsWindowHasEnded) {
    const std::string rules =
        base("a") + base("b") + correlation("temporal", "[a, b]", "  condition: a and not b\n");
    Bench alone(rules);
    alone.put(0, event("a")).advance(9.999);
    EXPECT_EQ(alone.lines(), Lines{});
    EXPECT_EQ(alone.engine().next_deadline(), at_second(10));
    EXPECT_EQ(alone.advance(10).lines(), (Lines{"c user=u =1 @10 from 0"}));
    EXPECT_EQ(Bench(rules).put(0, event("a")).put(10, event("b")).advance(100).lines(), Lines{});
    EXPECT_EQ(Bench(rules).put(0, event("b")).put(10, event("a")).advance(100).lines(), Lines{})
        << "in either order";
    EXPECT_EQ(Bench(rules).put(0, event("a")).put(5, event("b", "x")).advance(100).lines().size(), 1U);
}

TEST(Correlation, GivenANotInAnOrderedOneThenOnlyItsPlaceCounts) {
    const auto found = [](const std::string& rules, const std::string& condition, const std::string& types) {
        Bench bench(base("a") + base("b") + base("d") +
                    correlation("temporal_ordered", rules, "  condition: " + condition + "\n"));
        double second = 0;
        for (const char type : types)
            bench.put(second++, event(std::string(1, type)));
        return bench.advance(100).lines();
    };
    EXPECT_EQ(found("[a, b]", "a and not b", "ba"), (Lines{"c user=u =1 @11 from 1"}));
    EXPECT_EQ(found("[a, b]", "a and not b", "ab"), Lines{});
    EXPECT_EQ(found("[b, a]", "a and not b", "ab"), (Lines{"c user=u =1 @0"}));
    EXPECT_EQ(found("[b, a]", "a and not b", "ba"), Lines{});
    EXPECT_EQ(found("[a, b, d]", "a and not b and d", "ad"), (Lines{"c user=u =2 @1 from 0"}));
    EXPECT_EQ(found("[a, b, d]", "a and not b and d", "abd"), Lines{});
    EXPECT_EQ(found("[a, b, d]", "a and not b and d", "bad"), (Lines{"c user=u =2 @2 from 1"}));
    EXPECT_EQ(found("[a, b, d]", "a and not b and d", "abad"), (Lines{"c user=u =2 @3 from 2"}));
}

TEST(Correlation, GivenAnOrderedConditionWithAlternativesThenEitherWayHolds) {
    const std::string rules = base("a") + base("b") + base("d") +
                              correlation("temporal_ordered", "[a, b, d]", "  condition: a and (b or d)\n");
    EXPECT_EQ(Bench(rules).put(0, event("a")).put(1, event("d")).lines(), (Lines{"c user=u =2 @1 from 0"}));
    EXPECT_EQ(Bench(rules).put(0, event("a")).put(1, event("b")).lines(), (Lines{"c user=u =2 @1 from 0"}));
    EXPECT_EQ(Bench(rules).put(0, event("d")).put(1, event("a")).lines(), Lines{});
}

TEST(Correlation, GivenWhatANotForbidsComesLateThenTheFindingIsWithdrawn) {
    const std::string rules =
        base("a") + base("b") + correlation("temporal", "[a, b]", "  condition: a and not b\n");
    EXPECT_EQ(Bench(rules).put(0, event("a")).advance(20).put(5, event("b")).lines(),
              (Lines{"c user=u =1 @10 from 0", "!c user=u =1 @10 from 0"}));
}

TEST(Correlation, GivenOnlyAConditionInWordsThenItNamesTheRules) {
    Bench bench(
        base("a") + base("b") +
        "title: c\ncorrelation: {type: temporal, group-by: [user], timespan: 10s, condition: a and b}\n");
    EXPECT_EQ(bench.put(0, event("b")).put(1, event("a")).lines(), (Lines{"c user=u =2 @1 from 0"}));
}

TEST(Correlation, GivenALateMatchThatMovesTheStartThenTheFindingIsCorrected) {
    Bench bench(base("a") + correlation("event_count", "[a]", "  condition: {gte: 2}\n"));
    bench.put(5, event("a")).put(6, event("a")).put(0, event("a"));
    EXPECT_EQ(bench.lines(),
              (Lines{"c user=u =2 @6 from 5", "!c user=u =2 @6 from 5", "c user=u =2 @5 from 0"}));
}

TEST(Correlation, GivenAPartThatIsWithdrawnThenWhatItMadeIsWithdrawnToo) {
    Bench bench(base("a") + base("b") +
                "title: many\nname: many\ncorrelation: {type: event_count, rules: [a], group-by: [user], "
                "timespan: 10s, condition: {eq: 2}}\n---\n" +
                correlation("temporal_ordered", "[many, b]", ""));
    bench.put(0, event("a")).put(2, event("a")).put(5, event("b"));
    ASSERT_EQ(bench.lines().back(), "c user=u =2 @5 from 2");
    bench.put(1, event("a"));
    std::vector<std::string> lines;
    for (const Finding& finding : standing(bench.found()))
        lines.push_back(line_of(finding));
    EXPECT_EQ(lines, (Lines{"many user=u =2 @1 from 0", "c user=u =2 @5 from 1"}));
}

TEST(Correlation, GivenEventsOfOneTimeThenTheirSendersOrderDecidesAndNotTheirArrival) {
    const std::string rules = base("a") + base("b") + correlation("temporal_ordered", "[a, b]", "");
    const auto judged = [&](bool turned) {
        Bench bench(rules);
        InputEvent first{1, at_second(0), std::nullopt, event("a"), 7, 1};
        InputEvent second{2, at_second(0), std::nullopt, event("b"), 7, 2};
        if (turned) std::swap(first, second);
        std::vector<Finding> found;
        bench.engine().process(first, found);
        bench.engine().process(second, found);
        return found.size();
    };
    EXPECT_EQ(judged(false), 1U);
    EXPECT_EQ(judged(true), 1U);
}

TEST(Correlation, GivenGenerateThenTheBaseRulesSpeakToo) {
    Bench bench(base("a") + correlation("event_count", "[a]", "  condition: {gte: 1}\n  generate: true\n"));
    EXPECT_EQ(bench.put(0, event("a")).lines().size(), 2U);
}

TEST(Correlation, GivenAChainThenACorrelationFeedsAnother) {
    Bench bench(base("a") + base("b") +
                "title: many\nname: many\ncorrelation: {type: event_count, rules: [a], group-by: [user], "
                "timespan: 10s, "
                "condition: {gte: 2}}\n---\n" +
                correlation("temporal_ordered", "[many, b]", ""));
    bench.put(0, event("a")).put(1, event("a")).put(5, event("b"));
    EXPECT_EQ(bench.lines(), (Lines{"many user=u =2 @1 from 0", "c user=u =2 @5 from 1"}));
    EXPECT_EQ(bench.found()[1].evidence, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST(Correlation, GivenAliasesThenFieldsOfDifferentNamesAreOneGroup) {
    Bench bench(
        base("a") + base("b") +
        "title: c\ncorrelation:\n  type: temporal\n  rules: [a, b]\n  group-by: [ip]\n  timespan: 10s\n"
        "  aliases: {ip: {a: source, b: target}}\n");
    bench.put(0, {{"type", "a"}, {"source", "1"}}).put(1, {{"type", "b"}, {"target", "1"}});
    EXPECT_EQ(bench.lines(), (Lines{"c ip=1 =2 @1 from 0"}));
}

}  // namespace
}  // namespace sallyport::rules
