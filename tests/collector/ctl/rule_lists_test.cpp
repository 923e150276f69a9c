// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/collector/ctl/control.hpp"

namespace sallyport::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RuleLists : public sallyport::testing::Control {
protected:
    void SetUp() override {
        establish_agency();
        std::filesystem::create_directories(path("rules"));
        write("rules/usb-01.yml", rule("%sticks%"));
        write("sticks.txt", "# known ones\n4711\n4712\n");
        write("events.jsonl", R"({"type":"usb.attach","serial_hash":"4711"})" "\n" R"({"type":"usb.attach","serial_hash":"4713"})" "\n");
    }

    static std::string rule(const std::string& list) {
        return "title: Known stick\nname: stick\nlevel: high\nlogsource: {product: sallyport, category: usb}\n"
               "detection:\n  stick: {type: usb.attach, serial_hash|expand: '" + list + "'}\n  condition: stick\n"
               "sallyport:\n  catalogue: USB-01\n  summary: A stick at {terminal_id}.\n";
    }
};

TEST_F(RuleLists, GivenAListInTheCallThenEachCommandKnowsIt) {
    const auto without = ctl("rules check rules");
    EXPECT_EQ(without.code, 1);
    EXPECT_THAT(without.out, HasSubstr("usb-01.yml:6:49: nothing is known of the placeholder '%sticks%'"));
    EXPECT_THAT(done("rules check rules --list sticks=sticks.txt").out, HasSubstr("1 rules understood"));
    EXPECT_THAT(done("rules list rules --list sticks=sticks.txt").out, HasSubstr("USB-01"));
    EXPECT_THAT(done("rules run --rules rules --events events.jsonl --list sticks=sticks.txt").out,
                AllOf(HasSubstr(R"("line":1)"), Not(HasSubstr(R"("line":2)"))));
    EXPECT_THAT(done("rules explain USB-01 events.jsonl --rules rules --list sticks=sticks.txt").out, HasSubstr("stick: matches"));
    std::filesystem::create_directories(path("scenarios"));
    write("scenarios/usb-01.yml",
          "rule: USB-01\nabout: a known stick\ngiven: {terminal_id: T-1}\nscenarios:\n"
          "  - name: known\n    when: [{at: 0s, event: usb.attach, with: {serial_hash: '4712'}}]\n    then: [high at 0s]\n"
          "  - name: unknown\n    when: [{at: 0s, event: usb.attach, with: {serial_hash: '4713'}}]\n    then: nothing\n");
    EXPECT_EQ(done("rules test scenarios --rules rules --list sticks=sticks.txt").out, "2 scenarios, 0 failed\n");
}

TEST_F(RuleLists, GivenAWrongListThenTheCallSaysWhat) {
    write("bad.txt", "4711\nab\x01\n");
    const auto bad = ctl("rules check rules --list sticks=bad.txt");
    EXPECT_EQ(bad.code, 1);
    EXPECT_THAT(bad.err, HasSubstr("bad.txt:2: a control character"));
    EXPECT_EQ(ctl("rules check rules --list sticks=absent.txt").code, 2);
    EXPECT_EQ(ctl("rules check rules --list sticks").code, 2);
    EXPECT_EQ(ctl("rules check rules --list 'a b=sticks.txt'").code, 2);
    EXPECT_EQ(ctl("rules check rules --list sticks=sticks.txt --list sticks=bad.txt").code, 2);
}

TEST_F(RuleLists, GivenListsInTheConfigurationThenTheyAreKnownAndTheCallsOwnComeFirst) {
    write("collector.yml", content(path("collector.yml")) + "rule_lists: {sticks: sticks.txt}\n");
    EXPECT_THAT(done("rules run --rules rules --events events.jsonl").out, HasSubstr(R"("line":1)"));
    write("other.txt", "4713\n");
    EXPECT_THAT(done("rules run --rules rules --events events.jsonl --list sticks=other.txt").out,
                AllOf(HasSubstr(R"("line":2)"), Not(HasSubstr(R"("line":1)"))));
}

TEST_F(RuleLists, GivenAListKeptByHandWithARegistersNameThenItIsRefused) {
    write("collector.yml", content(path("collector.yml")) + "rule_lists: {media: sticks.txt}\n");
    const auto ran = ctl("rules check rules");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.out, HasSubstr("'media' is a register's name"));
    EXPECT_EQ(ctl("rules check rules --list sticks=sticks.txt").code, 0) << "nothing else is asked for";
}

TEST_F(RuleLists, GivenARegistersNameThenItsEntriesAsTheyStandInTheStore) {
    write("rules/usb-01.yml", rule("%sites%"));
    const auto before = ctl("rules run --rules rules --events events.jsonl");
    EXPECT_EQ(before.code, 1) << "there is no store yet";
    EXPECT_THAT(before.out, HasSubstr("the placeholder '%sites%' cannot be read"));
    write("sites.csv", "site_id,site_name,address\n4711,Main,1 Example St\n");
    done("sites import sites.csv");
    EXPECT_THAT(done("rules run --rules rules --events events.jsonl").out,
                AllOf(HasSubstr(R"("line":1)"), Not(HasSubstr(R"("line":2)"))));
    const auto nowhere = shell("'" SALLYPORTCTL "' rules check rules");
    EXPECT_EQ(nowhere.code, 1);
    EXPECT_THAT(nowhere.out, HasSubstr("no store is named"));
    EXPECT_EQ(shell("'" SALLYPORTCTL "' rules check rules --list sites=sticks.txt").code, 0);
}

TEST_F(RuleLists, GivenAParameterIsSetThenTheRulesInForceAreReadWithTheirLists) {
    register_terminals(1);
    write("rules/usb-02.yml",
          "title: sticks\ncorrelation: {type: event_count, rules: [stick], group-by: [terminal_id], timespan: 30m, condition: {gte: 10}}\n"
          "sallyport:\n  catalogue: USB-02\n  summary: many\n  parameters:\n"
          "    count: {basis: project, tighter: lower, sets: correlation.condition.gte}\n");
    EXPECT_EQ(ctl("rules set USB-02 count 5 --site S1 --reason x").code, 1);
    done("rules set USB-02 count 5 --site S1 --reason x --list sticks=sticks.txt");
}

}  // namespace
}  // namespace sallyport::ctl
