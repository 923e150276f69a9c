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

TEST(RuleFault, GivenAFieldsNameThatNoEventCanHaveThenItIsRefused) {
    const auto with = [](const std::string& item) {
        return "title: t\nlogsource: {category: c}\ndetection:\n  s: {" + item + "}\n  condition: s\n";
    };
    std::string deep = "a";
    for (int i = 0; i < 24; ++i)
        deep += ".a";
    expect_fault(with(deep + ": 1"), "rule.yml:4:7: a field's name has at most 24 parts between dots");
    expect_fault(with("a|fieldref: " + deep), "rule.yml:4:19: a field's name has at most 24 parts between dots");
    expect_fault(with(std::string(513, 'a') + ": 1"), "rule.yml:4:7: a field's name has at most 512 bytes");
}

TEST(RuleFault, GivenUnknownKeysThenNothingIsIgnored) {
    expect_fault("condiment: x\n" + ours("  s: {is_storage: true}\n  condition: s\n"),
                 "rule.yml:1:1: unknown key 'condiment'");
    expect_fault("title: t\nlogsource: {category: c}\ntimeframe: 5m\ndetection: {s: {a: 1}, condition: s}\n",
                 "rule.yml:3:1: unknown key 'timeframe'");
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
    expect_fault(with("'': null"), "rule.yml:5:9: a keyword is a text");
    expect_fault(with("'|exists': true"), "rule.yml:5:16: a keyword is a text");
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

TEST(RuleFault, GivenACorrelationThatIsNotUnderstoodThenTheWordIsPointedAt) {
    const std::string base =
        "title: a\nname: a\nlogsource: {category: c}\ndetection: {s: {a: 1}, condition: s}\n---\n"
        "title: b\nname: b\nlogsource: {category: c}\ndetection: {s: {b: 1}, condition: s}\n---\n";
    const auto with = [&](const std::string& type, const std::string& condition,
                          const std::string& more = "") {
        return base + "title: c\ncorrelation:\n  type: " + type +
               "\n  rules: [a, b]\n  group-by: [g]\n  timespan: 5m\n" +
               (condition.empty() ? "" : "  condition: " + condition + "\n") + more;
    };
    expect_fault(base + "title: c\ncorrelation: [a]\n", "rule.yml:12:14: `correlation` must be a map");
    expect_fault(with("event_count", "{gte: many}"), "rule.yml:17:20: a number is needed here");
    expect_fault(with("event_count", "{gte: 2, over: 3}"), "rule.yml:17:23: `condition` has no entry 'over'");
    expect_fault(with("event_count", "{gte: 2, field: x}"), "rule.yml:17:3: `field` says nothing");
    expect_fault(with("event_count", "{gt: 3, lt: 3}"), "rule.yml:17:14: no number fits this condition");
    expect_fault(with("event_count", "{gte: 0}"), "rule.yml:17:20: any count fulfils this");
    expect_fault(with("event_count", "a and b"),
                 "rule.yml:17:3: only temporal correlations take a condition in words");
    expect_fault(with("value_count", "{gte: 2}"), "rule.yml:17:3: `condition` needs a `field`");
    expect_fault(with("value_sum", "{gte: 2, field: [x, y]}"),
                 "rule.yml:17:3: this type of correlation takes one `field`");
    expect_fault(with("value_percentile", "{gte: 2, field: x, percentile: 101}"),
                 "rule.yml:17:45: a percentile is a number from 0 to 100");
    expect_fault(with("value_avg", "{gte: 2, field: x, percentile: 50}"),
                 "rule.yml:17:33: `percentile` goes with the type value_percentile only");
    expect_fault(with("temporal", "{gte: 2, field: x}"), "rule.yml:17:3: `field` says nothing");
    expect_fault(with("temporal_ordered", "{gte: 1}"),
                 "rule.yml:17:3: an ordered correlation needs all of its rules");
    expect_fault(with("temporal", "a and x"), "rule.yml:17:20: condition: 'x' is none of the rules above");
    expect_fault(with("temporal", "a and"), "rule.yml:17:19: condition: something is missing");
    expect_fault(with("temporal", "1 of a*"), "rule.yml:17:19: condition: `of` is not taken");
    expect_fault(with("temporal", "not a"),
                 "rule.yml:17:14: condition: this holds where nothing happens at all");
    expect_fault(with("temporal", "a or not b"),
                 "rule.yml:17:14: condition: this holds where nothing happens at all");
    expect_fault(with("temporal", "a and not a"), "rule.yml:17:14: condition: this can never hold");
    expect_fault(with("temporal", "", "  lateness: 5m\n"),
                 "rule.yml:17:3: `correlation` has no entry 'lateness'");
    expect_fault(with("temporal", "", "  window: tumbling\n"), "rule.yml:17:11: windows are sliding here");
    expect_fault(with("temporal", "", "  generate: perhaps\n"),
                 "rule.yml:17:13: 'generate' must be true or false");
    expect_fault(with("temporal", "", "  aliases: {x: {a: y}}\n"),
                 "rule.yml:17:13: the alias 'x' is not in `group-by`");
    expect_fault(with("temporal", "", "  aliases: {g: {z: y}}\n"), "rule.yml:17:17: there is no rule 'z'");
    expect_fault(with("temporal", "", "  aliases: {g: {a: [y]}}\n"),
                 "rule.yml:17:20: 'a' must be the name of a field");
    expect_fault(with("temporal", "", "  aliases: {g: a}\n"), "rule.yml:17:16: an alias is a map");
}

TEST(RuleFault, GivenAnAbsenceThatIsNotUnderstoodThenTheWordIsPointedAt) {
    const std::string base =
        "title: a\nname: a\nlogsource: {category: c}\ndetection: {s: {a: 1}, condition: s}\n---\n"
        "title: many\nname: many\ncorrelation: {type: event_count, rules: [a], timespan: 5m, condition: "
        "{gte: 2}}\n---\n"
        "title: events\nname: events\nlogsource: {product: sallyport, category: usb}\n"
        "detection: {s: {is_storage: true}, condition: s}\n---\n"
        "title: screen\nname: screen\nlogsource: {product: sallyport}\n"
        "detection: {s: {session.state: locked}, condition: s}\n---\n"
        "title: open\nname: open\nlogsource: {product: sallyport}\n"
        "detection: {s: {hours.open: true}, condition: s}\n---\n";
    // What no rule uses is a fault of its own: this one does.
    const std::string uses =
        "---\ntitle: u\nabsence: {without: a, for-each: terminal, while: open, timespan: 5m}\n---\n"
        "title: v\ncorrelation: {type: temporal, rules: [events, screen], timespan: 5m}\n";
    const auto fault_in = [&](const std::string& absence) {
        const Lines faults = faults_of(base + "title: t\nabsence: " + absence + "\n" + uses);
        EXPECT_EQ(faults.size(), 1U) << ::testing::PrintToString(faults);
        return faults.empty() ? std::string() : faults.front();
    };
    EXPECT_EQ(faults_of(base + "title: t\nabsence: {without: a, for-each: terminal, timespan: 5m}\n" + uses),
              Lines{});
    EXPECT_EQ(fault_in("[a]"), "rule.yml:26:10: `absence` must be a map");
    EXPECT_EQ(fault_in("{after: a, without: a, group-by: [g], timespan: 5m, till: x}"),
              "rule.yml:26:62: `absence` has no entry 'till'");
    EXPECT_EQ(fault_in("{without: a, group-by: [g], timespan: 5m}"),
              "rule.yml:26:1: `absence` needs 'after', or 'for-each' to say of whom something is missing");
    EXPECT_EQ(fault_in("{after: a, without: a, timespan: 5m}"), "rule.yml:26:1: `absence` needs 'group-by'");
    EXPECT_EQ(fault_in("{after: a, without: a, group-by: [g]}"), "rule.yml:26:1: `absence` needs 'timespan'");
    EXPECT_EQ(fault_in("{after: a, for-each: terminal, timespan: 5m}"),
              "rule.yml:26:1: `absence` needs 'without'");
    EXPECT_EQ(fault_in("{without: a, for-each: printer, timespan: 5m}"),
              "rule.yml:26:33: there is no register of 'printer' to expect members of; there is 'terminal'");
    EXPECT_EQ(fault_in("{without: a, for-each: terminal, group-by: [g], timespan: 5m}"),
              "rule.yml:26:43: `group-by` says nothing beside `for-each`");
    EXPECT_EQ(fault_in("{after: a, without: a, group-by: [g], while: open, timespan: 5m}"),
              "rule.yml:26:48: `while` is asked of a member: it needs 'for-each'");
    EXPECT_EQ(fault_in("{without: a, for-each: terminal, while: shut, timespan: 5m}"),
              "rule.yml:26:50: there is no rule 'shut'");
    EXPECT_EQ(fault_in("{without: a, for-each: terminal, while: many, timespan: 5m}"),
              "rule.yml:26:50: 'many' must be a detection");
    EXPECT_EQ(fault_in("{without: many, for-each: terminal, timespan: 5m}"),
              "rule.yml:26:20: 'many' must be a detection");
    EXPECT_EQ(fault_in("{without: [a], for-each: terminal, timespan: 5m}"),
              "rule.yml:26:20: 'without' names a rule by id or name");
    EXPECT_EQ(fault_in("{without: a, for-each: terminal, while: screen, timespan: 5m}"),
              "rule.yml:26:50: 'screen' asks for 'session.state', which no member has");
    const Lines events = faults_of(
        base + "title: t\nabsence: {without: a, for-each: terminal, while: events, timespan: 5m}\n" + uses);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].substr(0, 72),
              "rule.yml:26:50: 'events' is asked of a member and not of events: its log");
    EXPECT_EQ(events[1], "rule.yml:26:50: 'events' asks for 'is_storage', which no member has");
    EXPECT_EQ(fault_in("{without: a, for-each: terminal, timespan: soon}"),
              "rule.yml:26:53: 'soon' is no duration such as 30s, 5m, 24h or 7d");
}

TEST(RuleFault, GivenSeveralFaultsThenAllAreNamedInOrder) {
    const Lines faults = faults_of(
        "title: t\nlogsource: {category: c}\nlevel: 1\ndetection: {s: {a|like: 1}, condition: s}\n");
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_EQ(faults[0].substr(0, 13), "rule.yml:3:8:");
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
