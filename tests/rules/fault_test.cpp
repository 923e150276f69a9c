// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

// A rule of ours whose detection block is given.
std::string ours(const std::string& detection, const std::string& rest = "") {
    return "title: t\nlogsource: {product: sallyport, category: usb}\ndetection:\n" + detection +
           "sallyport: {catalogue: X-01, summary: s}\n" + rest;
}

void expect_fault(const std::string& rule, const std::string& fault) {
    const Lines faults = faults_of(rule);
    ASSERT_EQ(faults.size(), 1U) << ::testing::PrintToString(faults) << " instead of " << fault;
    EXPECT_EQ(faults[0].substr(0, fault.size()), fault);
}

TEST(RuleFault, GivenBrokenYamlThenItsPlaceIsNamed) {
    expect_fault("title: t\n  bad: [1\n", "rule.yml:2:6: no valid YAML");
    expect_fault("a: 1\nb: 2\na: 3\n", "rule.yml:3:1: the key 'a' is there twice");
    expect_fault("a: &x 1\n", "rule.yml:1:4: anchors are not taken");
    expect_fault("a: !!str 1\n", "rule.yml:1:4: tags are not taken");
    expect_fault("- a\n", "rule.yml:1:1: a rule must be a map");
    std::string deep = "a: ";
    for (int i = 0; i < 60; ++i)
        deep += "[";
    expect_fault(deep, "rule.yml:1:");
    expect_fault(std::string(9 * 1024 * 1024, 'a'), "rule.yml:1:1: the file is larger");
}

TEST(RuleFault, GivenUnknownKeysThenNothingIsIgnored) {
    expect_fault("title: t\nlogsource: {category: c}\ncondiment: x\ndetection: {s: {a: 1}, condition: s}\n",
                 "rule.yml:3:1: unknown key 'condiment'");
    expect_fault("title: t\nlogsource: {category: c}\n", "rule.yml:1:1: a rule needs `detection`");
    expect_fault("title: t\nlogsource: {category: c}\nlevel: grave\ndetection: {s: {a: 1}, condition: s}\n",
                 "rule.yml:3:8: there is no level 'grave'");
    expect_fault("title: t\nlogsource: {kategory: c}\ndetection: {s: {a: 1}, condition: s}\n",
                 "rule.yml:2:13: `logsource` has no entry 'kategory'");
    expect_fault(ours("  s: {is_storage: true}\n  condition: s\n") + "  extra: 1\n", "rule.yml:7:");
}

TEST(RuleFault, GivenConditionsThatNameWhatIsNotThereThenTheWordIsPointedAt) {
    const auto with = [](const std::string& condition) {
        return "title: t\nlogsource: {category: c}\ndetection:\n  s: {a: 1}\n  condition: " + condition +
               "\n";
    };
    expect_fault(with("s and other"), "rule.yml:5:20: condition: there is no selection 'other'");
    expect_fault(with("s and"), "rule.yml:5:19: condition: something is missing at the end");
    expect_fault(with("(s"), "rule.yml:5:16: condition: `)` is missing");
    expect_fault(with("1 of x*"), "rule.yml:5:19: condition: no selection fits 'x*'");
    expect_fault(with("'s | count() > 3'"), "rule.yml:5:17: condition: `| count()` is no longer Sigma");
    expect_fault("title: t\nlogsource: {category: c}\ndetection:\n  s: {a: 1}\n  u: {b: 1}\n  condition: s\n",
                 "rule.yml:5:3: the selection 'u' is not used by the condition");
    expect_fault("title: t\nlogsource: {category: c}\ndetection:\n  s: {a: 1}\n",
                 "rule.yml:4:3: 'detection' has no condition");
}

TEST(RuleFault, GivenModifiersThatAreWrongThenTheKeyIsPointedAt) {
    const auto with = [](const std::string& item) {
        return "title: t\nlogsource: {category: c}\ndetection:\n  s:\n    " + item + "\n  condition: s\n";
    };
    expect_fault(with("a|like: x"), "rule.yml:5:5: unknown modifier 'like'");
    expect_fault(with("a|expand: '%x%'"), "rule.yml:5:15: nothing is known of the placeholder '%x%'");
    expect_fault(with("a|re|contains: x"), "rule.yml:5:5: these modifiers cannot be combined");
    expect_fault(with("a|contains|endswith: x"), "rule.yml:5:5: 'endswith' contradicts");
    expect_fault(with("a|i: x"), "rule.yml:5:5: `i`, `m` and `s` go with `re` only");
    expect_fault(with("a|re: '(x'"), "rule.yml:5:11: the regular expression cannot be used");
    expect_fault(with("a|cidr: 10.0.0.0/33"), "rule.yml:5:13: '10.0.0.0/33' is no block");
    expect_fault(with("a|gte: many"), "rule.yml:5:12: a number is needed here");
    expect_fault(with("a|exists: maybe"), "rule.yml:5:15: `exists` takes true or false");
    expect_fault(with("a: [x, null]"), "rule.yml:5:12: null does not belong in a list");
    expect_fault(with("a: []"), "rule.yml:5:8: an empty list");
    expect_fault(with("a|wide|base64: 'x*'"), "rule.yml:5:20: wildcards cannot be encoded");
}

TEST(RuleFault, GivenFieldsAndValuesThatNeverOccurThenARuleOfOursIsRefused) {
    expect_fault(ours("  s: {is_storrage: true}\n  condition: s\n"),
                 "rule.yml:4:7: unknown field 'is_storrage'");
    expect_fault(ours("  s: {decision: denied}\n  condition: s\n"),
                 "rule.yml:4:17: 'denied' is no value of 'decision'");
    expect_fault(ours("  s: {type: usb.plug}\n  condition: s\n"),
                 "rule.yml:4:13: there is no event type 'usb.plug'");
    expect_fault(ours("  s: {type: print.job}\n  condition: s\n"),
                 "rule.yml:4:13: the event type 'print.job' is not of the category");
    expect_fault(ours("  s: {media.status: found}\n  condition: s\n"),
                 "rule.yml:4:21: 'found' is no value of 'media.status'");
    expect_fault(ours("  s: {pages|gte: 3}\n  condition: s\n"), "rule.yml:4:7: unknown field 'pages'");
    expect_fault(
        "title: t\nlogsource: {product: sallyport, category: usbb}\ndetection: {s: {type: usb.attach}, "
        "condition: s}\n"
        "sallyport: {catalogue: X, summary: s}\n",
        "rule.yml:2:43: no event type belongs to the category 'usbb'");
}

TEST(RuleFault, GivenASallyportBlockWithMistakesThenEachIsNamed) {
    const auto with = [](const std::string& block) {
        return "title: t\nlogsource: {product: sallyport, category: usb}\ndetection:\n  s: {is_storage: "
               "true}\n  condition: s\n"
               "sallyport:\n  catalogue: X-01\n  " +
               block + "\n";
    };
    expect_fault(with("summary: Device {nothing} came"), "rule.yml:8:12: unknown field 'nothing'");
    expect_fault(with("object: [serial]\n  summary: s"), "rule.yml:8:11: unknown field 'serial'");
    expect_fault(with("colour: red\n  summary: s"), "rule.yml:8:3: `sallyport` has no entry 'colour'");
    expect_fault(with("routing: {lane: {high: page}}\n  summary: s"),
                 "rule.yml:8:26: a lane is `queue` or `digest`");
    expect_fault(with("summary: s\n  parameters: {n: {basis: project, sets: detection.s.x}}"),
                 "rule.yml:9:42: there is no number at 'detection.s.x'");
    expect_fault(with("live_at_once: true"), "rule.yml:6:1: `sallyport` has a catalogue id, but no summary");
    expect_fault(
        "title: t\nlogsource: {product: sallyport, category: usb}\ndetection: {s: {is_storage: true}, "
        "condition: s}\n",
        "rule.yml:1:1: no rule uses this one");
}

TEST(RuleFault, GivenReferencesThatLeadNowhereThenTheyArePointedAt) {
    const std::string base =
        "title: a\nname: a\nlogsource: {category: c}\ndetection: {s: {a: 1}, condition: s}\n---\n";
    expect_fault(base +
                     "title: c\ncorrelation:\n  type: event_count\n  rules: [a, b]\n  timespan: 5m\n  "
                     "condition: {gte: 2}\n",
                 "rule.yml:9:14: there is no rule 'b'");
    expect_fault(base +
                     "title: c\ncorrelation:\n  type: event_sum\n  rules: [a]\n  timespan: 5m\n  condition: "
                     "{gte: 2}\n",
                 "rule.yml:8:9:");
    expect_fault(base +
                     "title: c\ncorrelation:\n  type: event_count\n  rules: [a]\n  timespan: soon\n  "
                     "condition: {gte: 2}\n",
                 "rule.yml:10:13: 'soon' is no duration");
    expect_fault(base + "title: c\ncorrelation:\n  type: event_count\n  rules: [a]\n  timespan: 5m\n",
                 "rule.yml:7:1: `condition` needs a number");
    expect_fault(base + "title: l\nabsence: {after: a, without: z, group-by: [g], timespan: 5s}\n",
                 "rule.yml:7:30: there is no rule 'z'");
    expect_fault(base + "title: l\nabsence: {after: a, group-by: [g], timespan: 5s}\n",
                 "rule.yml:7:1: `absence` needs 'without'");
    expect_fault(base + base.substr(0, base.size() - 4),
                 "rule.yml:6:1: 'a' already names the rule at rule.yml:1");
    expect_fault(
        "title: c\nname: c\ncorrelation: {type: event_count, rules: [d], timespan: 5m, condition: {gte: "
        "2}}\n---\n"
        "title: d\nname: d\ncorrelation: {type: event_count, rules: [c], timespan: 5m, condition: {gte: "
        "2}}\n",
        "rule.yml:1:1: the correlation leads back to itself");
}

TEST(RuleFault, GivenSeveralFaultsThenAllAreNamedInOrder) {
    const Lines faults =
        faults_of("title: t\nlogsource: {category: c}\nx: 1\ndetection: {s: {a|like: 1}, condition: s}\n");
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_EQ(faults[0].substr(0, 13), "rule.yml:3:1:");
    EXPECT_EQ(faults[1].substr(0, 13), "rule.yml:4:17");
}

TEST(RuleFault, GivenWindowsOrNeedsThatAreNoneThenTheyAreNamed) {
    const auto with = [](const std::string& block) {
        return "title: t\nlogsource: {product: sallyport, category: usb}\ndetection: {s: {is_storage: true}, "
               "condition: s}\nsallyport:\n  catalogue: X-01\n  summary: s\n  " +
               block + "\n";
    };
    expect_fault(with("windows: {lunch: info}"), "rule.yml:7:13: unknown field 'window.lunch'");
    expect_fault(with("windows: {visitor: mild}"), "rule.yml:7:22: there is no severity 'mild'");
    expect_fault(with("needs: [usb.smell]"), "rule.yml:7:10: there is no event type 'usb.smell'");
}

}  // namespace
}  // namespace sallyport::rules
