// SPDX-License-Identifier: Apache-2.0
#include "protocol/json.hpp"
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

// Whether a rule with these selections matches an event given as JSON.
bool matches(const std::string& selection, const std::string& json,
             const std::string& condition = "selection") {
    Bench bench("title: t\nlogsource: {category: test}\ndetection:\n  selection:\n    " + selection +
                "\n  condition: " + condition + "\n");
    const auto event = read_json_record(json);
    if (!event) {
        ADD_FAILURE() << event.error().message();
        return false;
    }
    return !bench.put(0, *event).found().empty();
}

TEST(Detection, GivenPlainTextWhenComparedThenCaseDoesNotMatterAndTheWholeValueDoes) {
    EXPECT_TRUE(matches("f: Stick", R"({"f": "sTICK"})"));
    EXPECT_FALSE(matches("f: Stick", R"({"f": "sticks"})"));
    EXPECT_FALSE(matches("f: Stick", R"({"g": "stick"})"));
    EXPECT_TRUE(matches("f: ИВАНОВ", R"({"f": "иванов"})"));
    EXPECT_TRUE(matches("f: ''", R"({"f": ""})"));
    EXPECT_FALSE(matches("f: ''", R"({"g": 1})"));
}

TEST(Detection, GivenNumbersAndFlagsWhenComparedThenTextThatSaysTheSameIsEqual) {
    EXPECT_TRUE(matches("f: 5985", R"({"f": 5985})"));
    EXPECT_TRUE(matches("f: 5985", R"({"f": "5985"})"));
    EXPECT_TRUE(matches("f: '5985'", R"({"f": 5985})"));
    EXPECT_FALSE(matches("f: 5985", R"({"f": 59850})"));
    EXPECT_TRUE(matches("f: true", R"({"f": true})"));
    EXPECT_TRUE(matches("f: true", R"({"f": "True"})"));
    EXPECT_FALSE(matches("f: true", R"({"f": false})"));
    EXPECT_TRUE(matches("f: 0.5", R"({"f": 0.5})"));
}

TEST(Detection, GivenWildcardsWhenMatchedThenStarIsARunAndQuestionMarkOneCharacter) {
    EXPECT_TRUE(matches("f: 'a*c'", R"({"f": "abbbc"})"));
    EXPECT_TRUE(matches("f: 'a*b*c'", R"({"f": "axbxbxc"})"));
    EXPECT_FALSE(matches("f: 'a*c'", R"({"f": "abbbcd"})"));
    EXPECT_TRUE(matches("f: 'a?c'", R"({"f": "aяc"})"));
    EXPECT_FALSE(matches("f: 'a?c'", R"({"f": "ac"})"));
    EXPECT_TRUE(matches("f: '*'", R"({"f": "anything"})"));
    EXPECT_TRUE(matches(R"(f: 'a\*c')", R"({"f": "a*c"})"));
    EXPECT_FALSE(matches(R"(f: 'a\*c')", R"({"f": "abc"})"));
    EXPECT_TRUE(matches(R"(f: 'a\\*')", R"({"f": "a\\bc"})"));
    EXPECT_TRUE(matches(R"(f: 'C:\Windows\*')", R"({"f": "c:\\windows*"})"));
}

TEST(Detection, GivenContainsStartsWithEndsWithThenEachAnchorsItsOwnEnd) {
    EXPECT_TRUE(matches("f|contains: bc", R"({"f": "aBCd"})"));
    EXPECT_FALSE(matches("f|contains: bd", R"({"f": "abcd"})"));
    EXPECT_TRUE(matches("f|startswith: ab", R"({"f": "ABc"})"));
    EXPECT_FALSE(matches("f|startswith: bc", R"({"f": "abc"})"));
    EXPECT_TRUE(matches("f|endswith: bc", R"({"f": "abc"})"));
    EXPECT_FALSE(matches("f|endswith: ab", R"({"f": "abc"})"));
    EXPECT_TRUE(matches("f|contains|all: [a, c]", R"({"f": "abc"})"));
    EXPECT_FALSE(matches("f|contains|all: [a, x]", R"({"f": "abc"})"));
    EXPECT_TRUE(matches("f|contains: [x, c]", R"({"f": "abc"})"));
}

TEST(Detection, GivenCasedWhenComparedThenCaseMatters) {
    EXPECT_TRUE(matches("f|cased: Ab", R"({"f": "Ab"})"));
    EXPECT_FALSE(matches("f|cased: Ab", R"({"f": "ab"})"));
    EXPECT_FALSE(matches("f|contains|cased: B", R"({"f": "abc"})"));
}

TEST(Detection, GivenNeqWhenTheFieldIsMissingThenItHolds) {
    EXPECT_TRUE(matches("f|neq: issued", R"({"f": "lost"})"));
    EXPECT_FALSE(matches("f|neq: issued", R"({"f": "Issued"})"));
    EXPECT_TRUE(matches("f|neq: issued", R"({"g": 1})"));
    EXPECT_FALSE(matches("f|neq: [a, b]", R"({"f": "b"})"));
}

TEST(Detection, GivenNullAndExistsThenAbsentAndEmptyAreToldApart) {
    EXPECT_TRUE(matches("f: null", R"({"f": null})"));
    EXPECT_TRUE(matches("f: null", R"({"g": 1})"));
    EXPECT_FALSE(matches("f: null", R"({"f": ""})"));
    EXPECT_TRUE(matches("f|exists: true", R"({"f": null})"));
    EXPECT_FALSE(matches("f|exists: true", R"({"g": 1})"));
    EXPECT_TRUE(matches("f|exists: false", R"({"g": 1})"));
}

TEST(Detection, GivenRegularExpressionsThenFlagsSayHow) {
    EXPECT_TRUE(matches("f|re: '^a.c$'", R"({"f": "abc"})"));
    EXPECT_FALSE(matches("f|re: '^a.c$'", R"({"f": "ABC"})"));
    EXPECT_TRUE(matches("f|re|i: '^a.c$'", R"({"f": "ABC"})"));
    EXPECT_FALSE(matches("f|re: '^b'", R"({"f": "a\nb"})"));
    EXPECT_TRUE(matches("f|re|m: '^b'", R"({"f": "a\nb"})"));
    EXPECT_FALSE(matches("f|re: 'a.b'", R"({"f": "a\nb"})"));
    EXPECT_TRUE(matches("f|re|s: 'a.b'", R"({"f": "a\nb"})"));
}

TEST(Detection, GivenNumericComparisonsThenBoundsAreExact) {
    EXPECT_TRUE(matches("f|gte: 3", R"({"f": 3})"));
    EXPECT_FALSE(matches("f|gt: 3", R"({"f": 3})"));
    EXPECT_TRUE(matches("f|lte: 3", R"({"f": 3})"));
    EXPECT_FALSE(matches("f|lt: 3", R"({"f": 3})"));
    EXPECT_TRUE(matches("f|gt: 0.79", R"({"f": 0.8})"));
    EXPECT_TRUE(matches("f|gte: 10", R"({"f": "11"})"));
    EXPECT_FALSE(matches("f|gte: 10", R"({"f": "many"})"));
}

TEST(Detection, GivenFieldReferencesThenTwoFieldsAreCompared) {
    EXPECT_TRUE(matches("a|fieldref: b", R"({"a": "X", "b": "x"})"));
    EXPECT_FALSE(matches("a|fieldref: b", R"({"a": "x"})"));
    EXPECT_TRUE(matches("a|neq|fieldref: b", R"({"a": 1, "b": 2})"));
    EXPECT_TRUE(matches("a|fieldref|endswith: b", R"({"a": "abc", "b": "BC"})"));
    EXPECT_TRUE(matches("a|gte|fieldref: b", R"({"a": 960, "b": 960})"));
    EXPECT_FALSE(matches("a|gte|fieldref: b", R"({"a": 959, "b": 960})"));
    EXPECT_FALSE(matches("a|gte|fieldref: b", R"({"a": 959})"));
}

TEST(Detection, GivenBlocksOfAddressesThenBothFamiliesAreKnown) {
    EXPECT_TRUE(matches("f|cidr: 10.20.0.0/16", R"({"f": "10.20.30.1"})"));
    EXPECT_FALSE(matches("f|cidr: 10.20.0.0/16", R"({"f": "10.21.0.1"})"));
    EXPECT_TRUE(matches("f|cidr: '2001:db8::/33'", R"({"f": "2001:db8:7fff::1"})"));
    EXPECT_FALSE(matches("f|cidr: '2001:db8::/33'", R"({"f": "2001:db8:8000::1"})"));
    EXPECT_FALSE(matches("f|cidr: 10.20.0.0/16", R"({"f": "no address"})"));
}

TEST(Detection, GivenEncodingsThenTheEncodedTextIsSearched) {
    EXPECT_TRUE(matches("f|base64: foobar", R"({"f": "Zm9vYmFy"})"));
    for (const auto* text : {"Zm9vYmFy", "eGZvb2Jhcg==", "eHhmb29iYXI="})
        EXPECT_TRUE(matches("f|base64offset|contains: foobar", std::string(R"({"f": ")") + text + "\"}"))
            << text;
    EXPECT_TRUE(matches("f|wide|base64offset|contains: ab", R"({"f": "YQBiAA=="})"));
    EXPECT_TRUE(matches("f|utf16be|base64: a", R"({"f": "AGE="})"));
    EXPECT_TRUE(matches("f|windash|contains: ' -x'", R"({"f": "cmd /x"})"));
    EXPECT_FALSE(matches("f|contains: ' -x'", R"({"f": "cmd /x"})"));
}

TEST(Detection, GivenPartsOfATimeThenTheyAreInUtc) {
    EXPECT_TRUE(matches("t|hour: 3", R"({"t": "2024-01-15T03:10:00Z"})"));
    EXPECT_FALSE(matches("t|hour: 3", R"({"t": "2024-01-15T12:10:00Z"})"));
    EXPECT_TRUE(matches("t|hour|gte: 12", R"({"t": "2024-01-15T12:10:00Z"})"));
    EXPECT_TRUE(matches("t|year: 2024", R"({"t": "2024-01-15T12:10:00Z"})"));
    EXPECT_TRUE(matches("t|week: 3", R"({"t": "2024-01-15T12:10:00Z"})"));
}

TEST(Detection, GivenListsAndNestedRecordsThenAnyElementAndAnyPathWillDo) {
    EXPECT_TRUE(matches("f: b", R"({"f": ["a", "b"]})"));
    EXPECT_TRUE(matches("nics.bus: usb", R"({"nics": [{"bus": "pci"}, {"bus": "usb"}]})"));
    EXPECT_TRUE(matches("a.b: x", R"({"a": {"b": "x"}})"));
    EXPECT_TRUE(matches("a.b: x", R"({"a.b": "x"})"));
}

TEST(Detection, GivenKeywordsThenTheWholeEventIsSearched) {
    EXPECT_TRUE(matches("- error\n    - fatal", R"({"message": "a Fatal thing"})"));
    EXPECT_FALSE(matches("- error\n    - fatal", R"({"message": "fine"})"));
    EXPECT_TRUE(matches("'|all': [a, b]", R"({"x": "a", "y": "b"})"));
    EXPECT_FALSE(matches("'|all': [a, q]", R"({"x": "a", "y": "b"})"));
}

TEST(Detection, GivenAListOfMapsThenOneOfThemIsEnough) {
    EXPECT_TRUE(matches("- {a: 1, b: 2}\n    - {c: 3}", R"({"c": 3})"));
    EXPECT_FALSE(matches("- {a: 1, b: 2}\n    - {c: 3}", R"({"a": 1})"));
}

// Selections a, b, c hold where the event has the field.
bool holds(const std::string& condition, const std::string& fields) {
    Bench bench(
        "title: t\nlogsource: {category: test}\ndetection:\n"
        "  sel_a: {a: 1}\n  sel_b: {b: 1}\n  sel_c: {c: 1}\n  _helper: {h: 1}\n  condition:\n    - " +
        condition + "\n    - never and sel_a and sel_b and sel_c and _helper\n  never: {never: 1}\n");
    Record event;
    for (const char field : fields)
        event.set(std::string(1, field), 1);
    return !bench.put(0, event).found().empty();
}

TEST(Condition, GivenOperatorsThenNotBindsTighterThanAndTighterThanOr) {
    EXPECT_TRUE(holds("sel_a or sel_b and sel_c", "a"));
    EXPECT_FALSE(holds("(sel_a or sel_b) and sel_c", "a"));
    EXPECT_TRUE(holds("not sel_a and sel_b", "b"));
    EXPECT_FALSE(holds("not (sel_a or sel_b)", "b"));
    EXPECT_TRUE(holds("not not sel_a", "a"));
    EXPECT_TRUE(holds("sel_a AND sel_b", "ab"));
}

TEST(Condition, GivenQuantifiersThenPatternsAndThemAreCounted) {
    EXPECT_TRUE(holds("1 of sel_*", "c"));
    EXPECT_TRUE(holds("any of sel_*", "c"));
    EXPECT_FALSE(holds("all of sel_*", "ab"));
    EXPECT_TRUE(holds("all of sel_*", "abc"));
    EXPECT_TRUE(holds("2 of sel_*", "ac"));
    EXPECT_FALSE(holds("2 of sel_*", "a"));
    EXPECT_FALSE(holds("1 of them", "h")) << "names that begin with _ are not among them";
    EXPECT_TRUE(holds("1 of _help*", "h"));
}

TEST(Filter, GivenAFilterDocumentThenItIsAddedToTheRulesItNames) {
    const std::string rules =
        "title: Log on\nname: logon\nlogsource: {category: auth}\ndetection: {s: {type: logon}, condition: "
        "s}\n"
        "---\n"
        "title: No administrators\nlogsource: {category: auth}\n"
        "filter: {rules: [logon], admin: {user|startswith: adm_}, condition: not admin}\n";
    EXPECT_EQ(Bench(rules).put(0, {{"type", "logon"}, {"user", "adm_x"}}).lines(), Lines{});
    EXPECT_EQ(Bench(rules).put(0, {{"type", "logon"}, {"user", "x"}}).lines(), Lines{"logon @0"});
}

TEST(Logsource, GivenAnEventOfAnotherSourceThenTheRuleIsNotAsked) {
    const auto rules =
        load_rules("title: t\nlogsource: {product: p, category: c}\ndetection: {s: {a: 1}, condition: s}\n");
    const auto engine = Engine::create(rules, nullptr);
    std::vector<Finding> found;
    const auto put = [&](Logsource source) { engine->process({0, at_second(0), source, {{"a", 1}}}, found); };
    put({"p", {"x"}, {}});
    put({"q", {"c"}, {}});
    EXPECT_TRUE(found.empty());
    put({"p", {"x", "c"}, {}});
    EXPECT_EQ(found.size(), 1U);
}

}  // namespace
}  // namespace sallyport::rules
