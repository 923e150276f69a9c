// SPDX-License-Identifier: Apache-2.0
//
// The rules as shipped, and their scenarios.
#include "rules/engine/scenario.hpp"

#include <set>

#include "tests/rules/rule_bench.hpp"
#include "tests/rules/shipped_rules.hpp"

namespace sallyport::rules {
namespace {

TEST(ShippedRules, GivenTheirScenariosThenEachGoesAsWritten) {
    const auto rules = shipped_rules();
    ASSERT_NE(rules, nullptr);
    for (const Scenario& scenario : shipped_scenarios())
        for (const std::string& problem : run_scenario(scenario, rules))
            ADD_FAILURE() << scenario.file << ':' << scenario.line << ": " << scenario.name << ": "
                          << problem;
}

TEST(ShippedRules, GivenEachRuleThenItHasScenariosThatFireAndOnesThatDoNot) {
    std::set<std::string> fires, silent;
    for (const Scenario& scenario : shipped_scenarios())
        (scenario.expected.empty() ? silent : fires).insert(scenario.catalogue_id);
    const auto rules = shipped_rules();
    ASSERT_NE(rules, nullptr);
    std::set<std::string> ids;
    for (const Rule& rule : rules->rules())
        if (rule.generates) ids.insert(rule.catalogue_id);
    EXPECT_EQ(ids.size(), 106U);
    EXPECT_EQ(fires, ids);
    EXPECT_EQ(silent, ids);
}

TEST(ShippedRules, GivenEachRuleThenItNamesItsClausesAndWhomItTells) {
    const auto rules = shipped_rules();
    ASSERT_NE(rules, nullptr);
    for (const Rule& rule : rules->rules()) {
        if (!rule.generates) continue;
        EXPECT_FALSE(rule.references.empty()) << rule.key;
        EXPECT_FALSE(rule.routing.to.empty()) << rule.key;
        EXPECT_FALSE(rule.summary.empty()) << rule.key;
        EXPECT_FALSE(rule.level.empty()) << rule.key;
        EXPECT_FALSE(rule.id.empty()) << rule.title;
    }
}

TEST(ShippedRules, GivenDecision11ThenTheNamedRulesAreLiveAtOnce) {
    const auto rules = shipped_rules();
    ASSERT_NE(rules, nullptr);
    const std::set<std::string> live{"IDN-01", "IDN-07", "USB-02", "AGT-02", "AGT-09", "GOV-07"};
    for (const Rule& rule : rules->rules())
        EXPECT_EQ(rule.live_at_once, live.contains(rule.catalogue_id)) << rule.key;
}

TEST(Parameter, GivenAPolicyValueThenOnlyTighterOnesAreTightening) {
    const Parameter idle{"idle_s", 1800, Basis::policy, Tighter::lower};
    EXPECT_TRUE(is_tightening(idle, 900));
    EXPECT_TRUE(is_tightening(idle, 1800));
    EXPECT_FALSE(is_tightening(idle, 1801));
    const Parameter window{"within_s", 300, Basis::policy, Tighter::higher};
    EXPECT_TRUE(is_tightening(window, 600));
    EXPECT_FALSE(is_tightening(window, 299));
}

TEST(Scenario, GivenAnExpectationThatDoesNotComeTrueThenItIsReported) {
    const auto rules = shipped_rules();
    ASSERT_NE(rules, nullptr);
    const auto read = read_scenarios(
        {"s.yml",
         "rule: USB-01\nscenarios:\n  - name: n\n    given: {terminal_id: T-1}\n"
         "    when: [{at: 0s, event: usb.attach, with: {is_storage: true, decision: blocked}}]\n"
         "    then: [high at 0s]\n"});
    const auto problems = run_scenario(std::get<0>(read).at(0), rules);
    ASSERT_EQ(problems.size(), 4U) << "twice: once doubled";
    EXPECT_EQ(problems[0], "not expected: medium at 0s since 0s");
    EXPECT_EQ(problems[1], "missing: high at 0s");
}

TEST(Scenario, GivenEachValueThenTheScenarioIsRunOnceForEveryOne) {
    const auto rules = load_rules(
        "title: t\nlevel: high\nlogsource: {product: sallyport, category: usb}\n"
        "detection: {s: {type: usb.mount, media.status: [lost, returned]}, condition: s}\n"
        "sallyport: {catalogue: X-01, summary: s, windows: {maintenance: info}}\n");
    const auto problems_of = [&](const std::string& lines) {
        const auto read =
            read_scenarios({"s.yml", "rule: X-01\ngiven: {media.status: lost}\nscenarios:\n" + lines});
        std::vector<std::string> names;
        for (const Scenario& scenario : std::get<0>(read))
            if (!run_scenario(scenario, rules).empty()) names.push_back(scenario.name);
        return names;
    };
    EXPECT_EQ(
        problems_of(
            "  - name: n\n    each: {media.status: [lost, issued, returned], event: [usb.mount, usb.write]}\n"
            "    when: [{at: 0s, event: usb.mount}]\n    then: [high at 0s]\n"),
        (std::vector<std::string>{"n (media.status: issued)", "n (event: usb.write)"}));
    EXPECT_EQ(problems_of("  - name: n\n    each: {window.maintenance: [true, false]}\n"
                          "    when: [{at: 0s, event: usb.mount}]\n    then: [informational at 0s]\n"),
              (std::vector<std::string>{"n (window.maintenance: false)"}));
}

TEST(Scenario, GivenFaultsInAScenarioThenTheirPlacesAreNamed) {
    const auto faults_in = [](const std::string& text) {
        const auto read = read_scenarios({"s.yml", text});
        const auto* faults = std::get_if<std::vector<Fault>>(&read);
        return faults == nullptr ? std::string() : faults->front().text();
    };
    EXPECT_EQ(
        faults_in(
            "rule: X\nscenarios:\n  - name: n\n    when: [{at: 0s, event: usb.plug}]\n    then: nothing\n")
            .substr(0, 37),
        "s.yml:4:28: there is no event type 'u");
    EXPECT_EQ(faults_in("rule: X\nscenarios:\n  - name: n\n    when: [{at: 0s, event: usb.attach, with: "
                        "{pages: 1}}]\n    then: nothing\n"),
              "s.yml:4:47: unknown field 'pages'");
    EXPECT_EQ(faults_in("rule: X\nscenarios:\n  - name: n\n    when: [{at: soon, event: usb.attach}]\n    "
                        "then: nothing\n"),
              "s.yml:4:17: 'soon' is no time such as 0s, 90s or 5m");
}

}  // namespace
}  // namespace sallyport::rules
