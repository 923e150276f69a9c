// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/rule_loader.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/collector/registers/store_fixture.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::alerts {
namespace {

using ::testing::HasSubstr;
using sallyport::testing::at;

// A rule that asks for a register, one that asks for a list kept by hand, and one that asks for none.
constexpr auto kRules = R"(
title: by-register
logsource: {category: test}
detection: {s: {site|expand: '%sites%'}, condition: s}
---
title: by-hand
logsource: {category: test}
detection: {s: {user|expand: '%admins%'}, condition: s}
---
title: by-none
logsource: {category: test}
detection: {s: {user: x}, condition: s}
)";

class RuleLoading : public sallyport::testing::StoreFixture {
protected:
    RuleLoading() {
        clock_.set(kMorning);
        write("rules.yml", kRules);
        write("admins.txt", "ann\n");
        record("sites", "S1", {}, kMorning);
    }

    void write(const std::string& name, const std::string& text) { std::ofstream(folder() / name) << text; }
    RuleLoader loader(const std::string& list = "admins") {
        return RuleLoader({folder() / "rules.yml", {{list, folder() / "admins.txt"}}}, reader(), clock_);
    }
    // The keys of the rules that are not what they were.
    static std::vector<std::string> changed(const rules::RuleSet& before, const rules::RuleSet& after) {
        std::vector<std::string> keys;
        for (const rules::Rule& rule : after.rules())
            if (const auto* then = before.find(rule.key); then == nullptr || then->fingerprint != rule.fingerprint)
                keys.push_back(rule.key);
        return keys;
    }

    const WallTime kMorning = at("2026-11-23T17:00:00.000Z");
    sallyport::testing::ManualClock clock_;
};

TEST_F(RuleLoading, GivenARegisterChangesThenOnlyTheRulesThatAskForItAreOthers) {
    auto loading = loader();
    auto first = loading.load();
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_EQ(*loading.follow(**first), nullptr) << "nothing changed";
    record("operators", "OP-1", {}, kMorning);
    EXPECT_EQ(*loading.follow(**first), nullptr) << "another register";
    record("sites", "S2", {}, kMorning);
    auto second = loading.follow(**first);
    ASSERT_TRUE(second && *second);
    EXPECT_EQ(changed(**first, **second), std::vector<std::string>{"by-register"});
    EXPECT_EQ(*loading.follow(**second), nullptr);
}

TEST_F(RuleLoading, GivenAnEntryBeginsByTheClockThenItIsSeenWithTheMinute) {
    record("sites", "S2", {}, kMorning, kMorning + std::chrono::seconds(90));
    auto loading = loader();
    auto rules = *loading.load();
    EXPECT_EQ(*loading.follow(*rules), nullptr);
    clock_.advance(std::chrono::seconds(119));
    auto next = loading.follow(*rules);
    ASSERT_TRUE(next && *next);
    EXPECT_EQ((*next)->lists().at("sites").size, 2U);
}

// Whoever edits a file says when it holds.
TEST_F(RuleLoading, GivenFilesWereEditedWhenARegisterChangesThenTheFilesReadLastStillHold) {
    auto loading = loader();
    auto first = *loading.load();
    write("rules.yml", std::string(kRules) + "---\ntitle: half a rule\n");
    write("admins.txt", "bob\n");
    EXPECT_FALSE(loading.load(first.get())) << "a fault: the files before stay those read last";
    record("sites", "S2", {}, kMorning);
    auto second = loading.follow(*first);
    ASSERT_TRUE(second && *second) << second.error().message();
    EXPECT_EQ(changed(*first, **second), std::vector<std::string>{"by-register"});
    write("rules.yml", kRules);
    auto third = loading.load(second->get());
    ASSERT_TRUE(third);
    EXPECT_EQ(changed(**second, **third), std::vector<std::string>{"by-hand"});
}

TEST_F(RuleLoading, GivenAListBecomesEmptyThenItIsAnErrorAsOftenAsItIsLookedAt) {
    auto loading = loader();
    auto rules = *loading.load();
    clock_.advance(std::chrono::minutes(1));
    ASSERT_TRUE(database().execute("UPDATE register_entry SET valid_to = valid_from + 1000"));
    for (int minute = 0; minute < 2; ++minute) {
        const auto followed = loading.follow(*rules);
        ASSERT_FALSE(followed);
        EXPECT_THAT(followed.error().message(), HasSubstr("the list %sites% has become empty"));
        EXPECT_EQ(*loading.follow(*rules), nullptr) << "once a minute is enough";
        clock_.advance(std::chrono::minutes(1));
    }
    EXPECT_FALSE(loading.load(rules.get())) << "told to, neither";
    EXPECT_TRUE(loader().load()) << "a start takes it: there is nothing to stay with";
}

TEST_F(RuleLoading, GivenAListWithARegistersNameOrABrokenOneThenNothingIsLoaded) {
    EXPECT_THAT(loader("sites").load().error().message(), HasSubstr("'sites' is a register's name"));
    EXPECT_THAT(loader("others").load().error().message(), HasSubstr("nothing is known of the placeholder '%admins%'"));
    write("admins.txt", "ann\n\x01\n");
    EXPECT_THAT(loader().load().error().message(), HasSubstr("admins.txt:2"));
}

TEST_F(RuleLoading, GivenNoRuleAsksForAListThenTheRegistersAreNotLookedAt) {
    write("rules.yml", "title: t\nlogsource: {category: test}\ndetection: {s: {a: 1}, condition: s}\n");
    auto loading = loader();
    auto rules = *loading.load();
    ASSERT_TRUE(database().execute("DROP TABLE register_generation"));
    EXPECT_TRUE(loading.follow(*rules));
}

}  // namespace
}  // namespace sallyport::alerts
