// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/rule_files.hpp"
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

std::string foreign(const std::string& detection, const std::string& rest = "") {
    return "title: t\nname: r\nlogsource: {category: c}\n" + rest + "detection:\n" + detection;
}

Lines warnings_of(const std::string& text) {
    const auto rules = load_rules(text);
    Lines lines;
    if (rules != nullptr)
        for (const Fault& warning : rules->warnings())
            lines.push_back(warning.text());
    return lines;
}

void expect_warning(const std::string& text, const std::string& warning) {
    const Lines lines = warnings_of(text);
    ASSERT_EQ(lines.size(), 1U) << ::testing::PrintToString(lines);
    EXPECT_EQ(lines[0].substr(0, warning.size()), warning);
}

void expect_never(const std::string& detection, const std::string& what) {
    const Lines lines = warnings_of(foreign(detection));
    ASSERT_EQ(lines.size(), 1U) << ::testing::PrintToString(lines);
    EXPECT_EQ(lines[0], "rule.yml:4:1: this can never match: " + what);
}

TEST(Warning, GivenAKeyOfTheAuthorsOwnInAForeignRuleThenItIsSaidToSayNothing) {
    expect_warning(foreign("  s: {a: 1}\n  condition: s\n", "custom: {x: 1}\n"),
                   "rule.yml:4:1: the key 'custom' is not Sigma's");
}

TEST(Warning, GivenABackslashBeforeAWildcardThenItsMeaningIsPointedOut) {
    expect_warning(foreign("  s: {a: 'C:\\Windows\\*'}\n  condition: s\n"),
                   "rule.yml:5:10: a single backslash makes");
    EXPECT_EQ(warnings_of(foreign("  s: {a: 'C:\\Windows\\\\*'}\n  condition: s\n")), Lines{});
    EXPECT_EQ(warnings_of(foreign("  s: {a|re: 'x\\*'}\n  condition: s\n")), Lines{});
}

// Searched for as it stands, it would find nothing, and nobody would know.
TEST(Warning, GivenExpandWithoutAPlaceholderThenThatIsPointedOut) {
    expect_warning(foreign("  s: {a|expand: '%known-admins%'}\n  condition: s\n"),
                   "rule.yml:5:17: `expand`, and there is no `%name%` here");
    EXPECT_EQ(warnings_of(foreign("  s: {a: '%known-admins%'}\n  condition: s\n")), Lines{});
}

TEST(Warning, GivenAFilterWithoutNotThenItsPolarityIsPointedOut) {
    const std::string base =
        foreign("  s: {a: 1}\n  condition: s\n") +
        "---\ntitle: f\nlogsource: {category: c}\nfilter:\n  rules: [r]\n  x: {b: 1}\n  ";
    expect_warning(base + "condition: x\n", "rule.yml:13:14: this filter keeps only");
    EXPECT_EQ(warnings_of(base + "condition: not x\n"), Lines{});
}

TEST(Warning, GivenARuleOfOursThatNoEventCanMatchThenItIsRefused) {
    const Lines faults = faults_of(
        "title: t\nlogsource: {product: sallyport, category: usb}\ndetection:\n  s: {is_storage: true}\n"
        "  condition: s and not s\nsallyport: {catalogue: X-01, summary: s}\n");
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].substr(0, 43), "rule.yml:3:1: this can never match: 'is_sto");
}

TEST(Warning, GivenSelectionsThatNoEventCanMatchThenThatIsPointedOut) {
    expect_never("  s: {a: 1}\n  condition: s and not s\n",
                 "'a' would have to pass and to fail the same test");
    expect_never("  s: {a: x}\n  n: {a: null}\n  condition: s and n\n",
                 "'a' would have to have a value and none");
    expect_never("  s: {a|contains: x}\n  n: {a|exists: false}\n  condition: s and n\n",
                 "'a' would have to have a value and none");
    expect_never("  s: {a: [Abc, xbc]}\n  n: {a|endswith: bc}\n  condition: s and not n\n",
                 "'a' would have to be 'abc' and is excluded to be");
}

TEST(Warning, GivenSelectionsThatOnlySeveralValuesCanMatchThenThatIsPointedOut) {
    expect_warning(foreign("  s: {a: x}\n  n: {a: y}\n  condition: s and n\n"),
                   "rule.yml:4:1: this matches only where a field has several values: 'a' would have to be");
    expect_warning(foreign("  s: {a|gte: 5}\n  n: {a|lt: 5}\n  condition: all of them\n"),
                   "rule.yml:4:1: this matches only where");
    EXPECT_EQ(warnings_of(foreign("  s: {a|gte: 5}\n  n: {a|lte: 5}\n  condition: all of them\n")), Lines{});
    EXPECT_EQ(warnings_of(foreign("  s: {a: x}\n  n: {a: y}\n  condition: 1 of them\n")), Lines{});
    EXPECT_EQ(warnings_of(foreign("  s: {a: x}\n  n: {b: x}\n  condition: s and not n\n")), Lines{});
    EXPECT_EQ(warnings_of(foreign("  s: {a: x, b: [1, 2]}\n  n: {b: 2}\n  condition: s and n\n")), Lines{});
}

TEST(Warning, GivenTheShippedRulesThenThereIsNothingToPointOut) {
    const auto sources =
        read_sources({std::filesystem::path(SALLYPORT_SOURCE_DIR) / "rules/physical-protection"});
    ASSERT_TRUE(sources.ok());
    const auto loaded = RuleSet::load(*sources);
    ASSERT_EQ(loaded.index(), 0U);
    for (const Fault& warning : std::get<0>(loaded)->warnings())
        ADD_FAILURE() << warning.text();
}

}  // namespace
}  // namespace sallyport::rules
