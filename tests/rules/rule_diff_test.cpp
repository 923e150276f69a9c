// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/rule_diff.hpp"

#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

// `+` came, `-` went, `~` changed: then the key, and each difference on a line of its own.
Lines lines_of(const std::vector<RuleChange>& changes) {
    Lines lines;
    for (const RuleChange& change : changes) {
        const char* const sign = change.kind == RuleChange::Kind::added     ? "+ "
                                 : change.kind == RuleChange::Kind::removed ? "- "
                                                                            : "~ ";
        lines.push_back(sign + std::string(change.is_filter ? "filter " : "") + change.key);
        for (const RuleDifference& difference : change.differences)
            lines.push_back(difference.text());
    }
    return lines;
}

std::shared_ptr<const RuleSet> load(const std::vector<Source>& sources, const NamedLists& lists) {
    auto loaded = RuleSet::load(sources, lists_before(lists, {}));
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded)) {
        ADD_FAILURE() << faults->front().text();
        return nullptr;
    }
    return std::get<0>(loaded);
}

Lines diff(const std::string& before, const std::string& after, const NamedLists& lists_before = {},
           const NamedLists& lists_after = {}) {
    const std::vector<Source> old_sources{{"a.yml", before}}, new_sources{{"b.yml", after}};
    const auto old_rules = load(old_sources, lists_before), new_rules = load(new_sources, lists_after);
    if (old_rules == nullptr || new_rules == nullptr) return {"a fault"};
    return lines_of(diff_rules({old_sources, *old_rules}, {new_sources, *new_rules}));
}

std::string rule(const std::string& name, const std::string& selection, const std::string& rest = "") {
    return "title: " + name + "\nlogsource: {category: test}\ndetection:\n  s: {" + selection + "}\n  condition: s\n" + rest + "---\n";
}

TEST(RuleDiff, GivenTheSameInAnotherLayoutThenNothing) {
    EXPECT_EQ(diff(rule("a", "x: 1, y: [p, q]"),
                   "# what it is for\ntitle: a\ndetection:\n  condition: s\n  s:\n    y:\n      - p\n      - q\n    x: 1\n"
                   "logsource:\n  category: test\n"),
              Lines{});
}

TEST(RuleDiff, GivenRulesCameAndWentThenTheyAreNamed) {
    EXPECT_EQ(diff(rule("a", "x: 1") + rule("b", "x: 1"), rule("c", "x: 1") + rule("b", "x: 1")), (Lines{"+ c", "- a"}));
}

TEST(RuleDiff, GivenADetectionChangedThenSelectionsAndConditionInTheAuthorsWords) {
    EXPECT_EQ(diff(rule("a", "x: 1, y: [p, q], z: true", "level: low\n"),
                   "title: a\nlevel: high\nstatus: test\nlogsource: {category: test}\n"
                   "detection:\n  s: {x: 2, y: [q, r], v|exists: true}\n  t: {w: ''}\n  condition: s and not t\n"),
              (Lines{"~ a", "level: high, was low", "status: test, new", "selection s.x: 2, was 1", "selection s.y: r, new",
                     "selection s.y: p, taken out", "selection s.v|exists: true, new", "selection s.z: true, taken out",
                     "selection t: {w: ''}, new", "condition: s and not t, was s"}));
}

// A word and a number are not the same question.
TEST(RuleDiff, GivenAValueOfAnotherKindThenItIsAnother) {
    EXPECT_EQ(diff(rule("a", "x: 1"), rule("a", "x: '1'")), (Lines{"~ a", "selection s.x: 1, was 1"}));
}

std::string burst(const std::string& timespan, int count, const std::string& routing) {
    return rule("a", "x: 1") + "title: burst\ncorrelation: {type: event_count, rules: [a], timespan: " + timespan +
           ", condition: {gte: " + std::to_string(count) + "}}\nsallyport:\n  catalogue: X-01\n  summary: s\n  parameters:\n" +
           "    n: {basis: project, tighter: lower, sets: correlation.condition.gte}\n  routing: {to: " + routing + "}\n";
}

TEST(RuleDiff, GivenParametersAndRoutingChangedThenWhetherThatIsStricter) {
    EXPECT_EQ(diff(burst("5m", 3, "[SPOC]"), burst("10m", 2, "[SPOC, ACC]")),
              (Lines{"~ burst", "correlation.timespan: 10m, was 5m", "correlation.condition.gte: 2, was 3", "routing.to: ACC, new",
                     "parameter n: 2 (stricter), was 3"}));
    EXPECT_EQ(diff(burst("5m", 3, "[SPOC]"), burst("5m", 4, "[SPOC]")),
              (Lines{"~ burst", "correlation.condition.gte: 4, was 3", "parameter n: 4 (looser), was 3"}));
}

TEST(RuleDiff, GivenWhatARuleRestsOnChangedThenItCountsAsChanged) {
    const std::string on_a = "title: burst\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 2}}\n";
    EXPECT_EQ(diff(rule("a", "x: 1") + on_a, rule("a", "x: 2") + on_a),
              (Lines{"~ a", "selection s.x: 2, was 1", "~ burst", "rests on a, which changed"}));
    const auto filter = [](const std::string& value) {
        return "title: f\nlogsource: {category: test}\nfilter:\n  rules: [a]\n  n: {u: " + value + "}\n  condition: not n\n";
    };
    EXPECT_EQ(diff(rule("a", "x: 1") + filter("p"), rule("a", "x: 1") + filter("q")),
              (Lines{"~ a", "rests on the filter f, which changed", "~ filter f", "selection n.u: q, was p"}));
}

TEST(RuleDiff, GivenListsThenWhichAreAskedForAndWhichHoldOtherValues) {
    const NamedLists old_lists{{"p", {"1", "2"}}, {"q", {"1"}}}, new_lists{{"p", {"1", "2", "3"}}, {"q", {"1"}}};
    EXPECT_EQ(diff(rule("a", "x|expand: '%p%'"), rule("a", "x|expand: '%p%'"), old_lists, new_lists),
              (Lines{"~ a", "list %p%: 3 values, others, was 2 values"}));
    EXPECT_EQ(diff(rule("a", "x|expand: '%p%'"), rule("a", "x|expand: '%q%'"), old_lists, new_lists),
              (Lines{"~ a", "selection s.x|expand: %q%, was %p%", "list %q%: 1 value, new", "list %p%: 2 values, taken out"}));
}

}  // namespace
}  // namespace sallyport::rules
