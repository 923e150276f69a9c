// SPDX-License-Identifier: Apache-2.0
#include "protocol/json.hpp"
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

std::optional<std::vector<std::string>> known(std::string_view name) {
    if (name == "admins") return std::vector<std::string>{"alice", "b*b"};
    if (name == "zones") return std::vector<std::string>{"a", "b"};
    if (name == "nets") return std::vector<std::string>{"10.0.0.0/8", "2001:db8::/32"};
    if (name == "media.serial") return std::vector<std::string>{"4711"};
    if (name == "nobody") return std::vector<std::string>{};
    return std::nullopt;
}

// Whether a rule with this item matches, its placeholders known.
bool matches(const std::string& item, const std::string& json) {
    auto loaded = RuleSet::load(
        {{"rule.yml",
          "title: t\nlogsource: {category: test}\ndetection:\n  s:\n    " + item + "\n  condition: s\n"}},
        known);
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded)) {
        ADD_FAILURE() << faults->front().text();
        return false;
    }
    const auto engine = Engine::create(std::get<0>(loaded), nullptr);
    std::vector<Finding> found;
    engine->process({0, at_second(0), std::nullopt, *read_json_record(json)}, found);
    return !found.empty();
}

TEST(Placeholder, GivenANamedListThenEachOfItsValuesIsTaken) {
    EXPECT_TRUE(matches("u|expand: '%admins%'", R"({"u": "Alice"})"));
    EXPECT_FALSE(matches("u|expand: '%admins%'", R"({"u": "carol"})"));
    EXPECT_TRUE(matches("u|contains|expand: 'cn=%admins%,'", R"({"u": "x cn=alice, dc=y"})"));
    EXPECT_TRUE(matches("u|expand: '%zones%-%zones%'", R"({"u": "b-a"})"));
    EXPECT_TRUE(matches("a|cidr|expand: '%nets%'", R"({"a": "2001:db8::7"})"));
    EXPECT_TRUE(matches("u|expand|base64: '%admins%'", R"({"u": "YWxpY2U="})"));
}

TEST(Placeholder, GivenAValueWithAWildcardSignThenItStandsForItself) {
    EXPECT_TRUE(matches("u|expand: '%admins%'", R"({"u": "b*b"})"));
    EXPECT_FALSE(matches("u|expand: '%admins%'", R"({"u": "bob"})"));
}

TEST(Placeholder, GivenAnEmptyListThenNothingMatches) {
    EXPECT_FALSE(matches("u|expand: '%nobody%'", R"({"u": ""})"));
    EXPECT_TRUE(matches("u|neq|expand: '%nobody%'", R"({"u": "x"})"));
}

TEST(Placeholder, GivenAnEscapedPercentSignOrNoModifierThenItIsText) {
    EXPECT_TRUE(matches(R"(u|expand: '\%admins%')", R"({"u": "%admins%"})"));
    EXPECT_TRUE(matches("u: '%admins%'", R"({"u": "%admins%"})"));
    EXPECT_TRUE(matches("u|expand: '100%'", R"({"u": "100%"})"));
    EXPECT_TRUE(matches("u|expand: '%a.%'", R"({"u": "%a.%"})")) << "no name";
}

TEST(Placeholder, GivenAPointInItsNameThenItIsOnePlaceholder) {
    EXPECT_TRUE(matches("u|expand: 'no %media.serial%'", R"({"u": "no 4711"})"));
}

// --- what a rule rests on
// ---------------------------------------------------------------------------------------------

// Three rules: two ask for a list, as text and as blocks of addresses, the third for none. A filter of the third asks.
std::shared_ptr<const RuleSet> resting_on(const NamedLists& lists) {
    const auto rule = [](const std::string& name, const std::string& item) {
        return "title: " + name + "\nlogsource: {category: test}\ndetection:\n  s: {" + item + "}\n  condition: s\n---\n";
    };
    auto loaded = RuleSet::load(
        {{"rules.yml", rule("by-text", "u|expand: '%admins%'") + rule("by-block", "a|cidr|expand: '%nets%'") +
                           rule("by-filter", "u: x") + rule("by-none", "u: y") +
                           "title: f\nlogsource: {category: test}\nfilter:\n  rules: [by-filter]\n  s: {u|expand: '%admins%'}\n"
                           "  condition: not s\n---\n"
                           "title: burst\ncorrelation: {type: event_count, rules: [by-text], timespan: 1m, condition: {gte: 2}}\n"}},
        lists_before(lists, {}));
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded)) {
        ADD_FAILURE() << faults->front().text();
        return nullptr;
    }
    return std::get<0>(loaded);
}

Lines changed_between(const NamedLists& before, const NamedLists& after) {
    const auto old_rules = resting_on(before), new_rules = resting_on(after);
    Lines changed;
    for (const Rule& rule : new_rules->rules())
        if (rule.fingerprint != old_rules->find(rule.key)->fingerprint) changed.push_back(rule.key);
    return changed;
}

TEST(Placeholder, GivenAListChangesThenTheRulesThatRestOnItAreOthersAndNoMore) {
    const NamedLists lists{{"admins", {"alice", "bob"}}, {"nets", {"10.0.0.0/8"}}};
    EXPECT_EQ(changed_between(lists, {{"admins", {"bob", "alice", "bob"}}, {"nets", {"10.0.0.0/8"}}}), Lines{})
        << "neither order nor repetition changes a list";
    EXPECT_EQ(changed_between(lists, {{"admins", {"alice"}}, {"nets", {"10.0.0.0/8"}}}),
              (Lines{"by-text", "by-filter", "burst"}));
    EXPECT_EQ(changed_between(lists, {{"admins", {"alice", "bob"}}, {"nets", {"10.0.0.0/8", "10.1.0.0/16"}}}), Lines{"by-block"});
}

TEST(Placeholder, GivenRulesThenTheySayWhichListsTheyRestOn) {
    const auto rules = resting_on({{"admins", {"b", "a", "b"}}, {"nets", {}}, {"unused", {"x"}}});
    EXPECT_EQ(rules->find("by-filter")->lists, Lines{"admins"});
    EXPECT_EQ(rules->find("by-none")->lists, Lines{});
    ASSERT_EQ(rules->lists().size(), 2U) << "those that are asked for";
    EXPECT_EQ(rules->lists().at("admins"), summary_of({"a", "b"}));
    EXPECT_EQ(rules->lists().at("admins").size, 2U);
    EXPECT_EQ(rules->lists().at("nets").size, 0U);
}

TEST(Placeholder, GivenAListThatCannotBeReadThenTheFaultSaysWhy) {
    const auto loaded = RuleSet::load(
        {{"rule.yml", "title: t\nlogsource: {category: test}\ndetection:\n  s:\n    u|expand: '%media%'\n  condition: s\n"}},
        [](std::string_view) { return Error(Errc::io, "store: the disk is gone"); });
    ASSERT_TRUE(std::holds_alternative<std::vector<Fault>>(loaded));
    EXPECT_EQ(std::get<1>(loaded).front().text(),
              "rule.yml:5:15: the placeholder '%media%' cannot be read: store: the disk is gone");
}

// What a window let in by the old list says nothing of the new one.
TEST(Placeholder, GivenAListOfAddressesChangesWhenTakenUpThenOnlyTheRulesOnItBeginAnew) {
    const auto rules_on = [](const std::string& nets) {
        const auto pair = [](const std::string& name, const std::string& item) {
            return "title: " + name + "\nlogsource: {category: test}\ndetection: {s: {" + item + "}, condition: s}\n---\n" +
                   "title: two-" + name + "\ncorrelation: {type: event_count, rules: [" + name +
                   "], timespan: 1h, condition: {gte: 2}}\n---\n";
        };
        return std::get<0>(RuleSet::load({{"rules.yml", pair("listed", "a|cidr|expand: '%nets%'") + pair("plain", "a: '10.0.0.1'")}},
                                         lists_before({{"nets", {nets}}}, {})));
    };
    const InputEvent event{1, at_second(0), std::nullopt, {{"a", "10.0.0.1"}}};
    const auto before = Engine::create(rules_on("10.0.0.0/8"), nullptr);
    std::vector<Finding> found;
    before->process(event, found);
    const auto same = Engine::create(rules_on("10.0.0.0/8"), nullptr), other = Engine::create(rules_on("10.0.0.0/16"), nullptr);
    const Keeper kept = snapshot_of(*before);
    ASSERT_TRUE(same->restore(kept.source()) && other->restore(kept.source()));
    EXPECT_EQ(same->fresh().rules, Lines{});
    EXPECT_EQ(other->fresh().rules, Lines{"two-listed"});
}

// One that is empty today may hold something tomorrow: that is no fault of the rule.
TEST(Placeholder, GivenOneOfOurRulesWithAnEmptyListThenItIsTaken) {
    const auto loaded = RuleSet::load(
        {{"rule.yml", "title: t\nlogsource: {product: sallyport, category: usb}\ndetection:\n  s:\n    type: usb.attach\n"
                      "    serial_hash|expand: '%nobody%'\n  condition: s\nsallyport: {catalogue: X-01, summary: s}\n"}},
        known);
    EXPECT_TRUE(std::holds_alternative<std::shared_ptr<const RuleSet>>(loaded));
}

}  // namespace
}  // namespace sallyport::rules
