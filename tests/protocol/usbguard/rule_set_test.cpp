// SPDX-License-Identifier: Apache-2.0
#include "protocol/usbguard/rule_set.hpp"

#include <gtest/gtest.h>

namespace sallyport::usbguard {
namespace {

Device stick() {
    Device one;
    one.vid = 0x0781;
    one.pid = 0x5581;
    one.serial = "4C530001230712";
    one.name = "Ultra";
    one.hash = "h1";
    one.port = "1-2";
    one.connect_type = "hotplug";
    one.interfaces = {{0x08, 0x06, 0x50}};
    return one;
}

Device badusb() {
    Device one = stick();
    one.interfaces.push_back({0x03, 0x01, 0x01});
    return one;
}

bool holds(const std::string& rule, const Device& device) {
    const auto read = read_rule(rule);
    EXPECT_TRUE(read && *read) << rule;
    return read && *read && matches(**read, device);
}

TEST(RuleMatch, GivenOneAttributeThenOnlyADeviceThatHasItMatches) {
    EXPECT_TRUE(holds("allow id 0781:5581", stick()));
    EXPECT_TRUE(holds("allow id 0781:*", stick()));
    EXPECT_TRUE(holds("allow 0781:5581 serial \"4C530001230712\"", stick()));
    EXPECT_FALSE(holds("allow id 0781:5582", stick()));
    EXPECT_FALSE(holds("allow id 0781:5581 serial \"4C530001230713\"", stick()));
    EXPECT_TRUE(holds("allow hash \"h1\" via-port \"1-2\" with-connect-type \"hotplug\" name \"Ultra\"", stick()));
    EXPECT_FALSE(holds("allow parent-hash \"h0\"", stick()));
    EXPECT_TRUE(holds("allow", stick()));
}

TEST(RuleMatch, GivenAStickThatTypesThenARuleForStorageAloneDoesNotTakeIt) {
    EXPECT_TRUE(holds("allow with-interface 08:06:50", stick()));
    EXPECT_FALSE(holds("allow with-interface 08:06:50", badusb()));
    EXPECT_FALSE(holds("allow with-interface equals { 08:*:* }", badusb()));
    EXPECT_TRUE(holds("block with-interface all-of { 08:*:* 03:*:* }", badusb()));
    EXPECT_TRUE(holds("block with-interface one-of { 03:00:* 03:01:* }", badusb()));
    EXPECT_FALSE(holds("block with-interface none-of { 03:*:* }", badusb()));
    EXPECT_TRUE(holds("allow with-interface equals-ordered { 08:06:50 03:01:01 }", badusb()));
    EXPECT_FALSE(holds("allow with-interface equals-ordered { 03:01:01 08:06:50 }", badusb()));
    EXPECT_TRUE(holds("allow with-interface equals { 03:01:01 08:06:50 }", badusb()));
    EXPECT_TRUE(holds("allow with-interface match-all { 03:*:* 08:*:* 09:*:* }", badusb()));
    EXPECT_FALSE(holds("allow with-interface match-all { 08:*:* }", badusb()));
}

TEST(RuleMatch, GivenConditionsThatAreAlwaysTheSameThenTheyDecide) {
    EXPECT_TRUE(holds("allow if true", stick()));
    EXPECT_FALSE(holds("allow if !true", stick()));
    EXPECT_TRUE(holds("allow if one-of { false true }", stick()));
    EXPECT_FALSE(holds("allow if all-of { false true }", stick()));
    EXPECT_TRUE(holds("allow if none-of { false !true }", stick()));
}

TEST(RuleSetDecision, GivenSeveralRulesThenTheFirstThatMatchesDecidesAndElseTheDefaultWhichIsARuleToo) {
    const RuleSet set = read_rule_set(
        "# sticks\n\nblock with-interface all-of { 08:*:* 03:*:* }\nallow id 0781:5581\nreject id 0781:*\n");
    ASSERT_TRUE(set.faults.empty());
    EXPECT_EQ(set.sha256.size(), 64u);
    EXPECT_EQ(decide(set, stick()).rule, "rule-2");
    EXPECT_TRUE(decide(set, stick()).allowed);
    EXPECT_EQ(decide(set, badusb()).rule, "rule-1");
    EXPECT_FALSE(decide(set, badusb()).allowed);
    Device other = stick();
    other.pid = 1;
    EXPECT_EQ(decide(set, other).rule, "rule-3");
    EXPECT_FALSE(decide(set, other).allowed);
    other.vid = 1;
    EXPECT_EQ(decide(set, other).rule, "default");
    EXPECT_FALSE(decide(set, other).allowed);
}

TEST(RuleSetDecision, GivenAFileWithFaultsThenEachIsNamedByItsLine) {
    const RuleSet set = read_rule_set("allow\r\nalow\nblock id 1\n");
    ASSERT_EQ(set.faults.size(), 2u);
    EXPECT_EQ(set.faults[0].text(), "line 2: column 5: allow, block, reject, match or device was expected");
    EXPECT_EQ(set.faults[1].line, 3u);
}

TEST(RuleSetDecision, GivenARuleThatNoTerminalCanActOnThenTheReasonIsSaid) {
    const auto why = [](const std::string& rule) { return why_not_enforceable(**read_rule(rule)); };
    EXPECT_EQ(why("allow id 0781:5581 if true"), "");
    for (const char* rule : {"allow if localtime(1:00)", "allow if random(0.4)", "allow if rule-applied",
                             "allow if allowed-matches(name \"x\")", "match id 0781:5581", "device id 0781:5581"})
        EXPECT_NE(why(rule), "") << rule;
}

TEST(RuleText, GivenOddTextsWhenWrittenThenTheyAreReadBack) {
    Rule rule;
    rule.target = Target::allow;
    rule.name = Texts{Operator::equals, {std::string("a\"b\\c\0\n\xff", 8)}};
    rule.label = Texts{Operator::equals, {"M-1"}};
    const auto again = read_rule(write_rule(rule));
    ASSERT_TRUE(again && *again);
    EXPECT_EQ(**again, rule);
    EXPECT_EQ(write_rule(rule), "allow name \"a\\\"b\\\\c\\x00\\x0a\\xff\" label \"M-1\"");
    EXPECT_FALSE(read_rule("allow name \"\\999\""));
    EXPECT_FALSE(read_rule("allow name \"\\q\""));
    EXPECT_EQ((**read_rule("allow name \"\\65\\x42\"")).name->all[0], "AB");
}

}  // namespace
}  // namespace sallyport::usbguard
