// SPDX-License-Identifier: Apache-2.0
#include "protocol/json.hpp"
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

std::optional<std::vector<std::string>> known(std::string_view name) {
    if (name == "admins") return std::vector<std::string>{"alice", "b*b"};
    if (name == "zones") return std::vector<std::string>{"a", "b"};
    if (name == "nets") return std::vector<std::string>{"10.0.0.0/8", "2001:db8::/32"};
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
}

}  // namespace
}  // namespace sallyport::rules
