// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "rules/engine/rule_set.hpp"

namespace sallyport::rules {
namespace {

constexpr const char* kRule = "title: First\nname: first\ndetection:\n  s: {a: 1}\n  condition: s\n";

std::shared_ptr<const RuleSet> loaded(const std::string& text) {
    auto result = RuleSet::load({{"rule.yml", text}});
    if (const auto* faults = std::get_if<std::vector<Fault>>(&result)) {
        ADD_FAILURE() << faults->front().text();
        return nullptr;
    }
    return std::get<std::shared_ptr<const RuleSet>>(result);
}

std::string fault_of(const std::string& text) {
    auto result = RuleSet::load({{"rule.yml", text}});
    const auto* faults = std::get_if<std::vector<Fault>>(&result);
    return faults == nullptr ? "" : faults->front().text();
}

TEST(RuleCollection, GivenWhatIsGlobalThenEachRuleBehindItSaysItToo) {
    const auto rules = loaded(std::string("action: global\nlevel: high\nlogsource: {category: c}\n---\n") + kRule +
                              "---\ntitle: Second\nname: second\nlevel: low\ndetection:\n  s: {a: 2}\n  condition: s\n");
    ASSERT_NE(rules, nullptr);
    ASSERT_EQ(rules->rules().size(), 2u);
    EXPECT_EQ(rules->rules()[0].level, "high");
    EXPECT_EQ(rules->rules()[1].level, "low") << "what the rule itself says stands";
    EXPECT_EQ(rules->rules()[1].line, 11) << "its own place, for faults";
}

TEST(RuleCollection, GivenAResetThenNothingIsGlobalBehindIt) {
    EXPECT_EQ(fault_of(std::string("action: global\nlogsource: {category: c}\n---\naction: reset\n---\n") + kRule),
              "rule.yml:6:1: `logsource` is missing");
    EXPECT_EQ(fault_of(std::string("action: reset\nlevel: low\n---\nlogsource: {category: c}\n") + kRule),
              "rule.yml:2:1: beside `action: reset` nothing is said");
}

TEST(RuleCollection, GivenARepeatedRuleThenMapsAreMergedAndTheRestIsReplaced) {
    const auto rules = loaded(std::string("logsource: {category: c}\nreferences: [one, two]\n") + kRule +
                              "---\naction: repeat\nname: second\nreferences: [three]\nlogsource: {product: p}\n");
    ASSERT_NE(rules, nullptr);
    ASSERT_EQ(rules->rules().size(), 2u);
    EXPECT_EQ(rules->rules()[1].title, "First");
    EXPECT_EQ(rules->rules()[1].key, "second");
    EXPECT_EQ(rules->rules()[1].references, (std::vector<std::string>{"three"}));
}

TEST(RuleCollection, GivenActionsWithoutSenseThenTheyArePointedAt) {
    EXPECT_EQ(fault_of("action: repeat\ntitle: t\n"), "rule.yml:1:1: there is no rule before this one to repeat");
    EXPECT_EQ(fault_of("title: t\naction: once\n"), "rule.yml:2:9: `action` is global, reset or repeat, not 'once'");
}

}  // namespace
}  // namespace sallyport::rules
