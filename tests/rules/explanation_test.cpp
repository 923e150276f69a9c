// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/explanation.hpp"

#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

const std::vector<Source> kSources = {
    {"rule.yml",
     "title: Stick\nname: stick\nlogsource: {category: usb}\ndetection:\n"
     "  storage:\n    type: [attach, insert]\n    vid|neq: '0951'\n"
     "  words: [kingston, sandisk]\n"
     "  issued: {status: issued}\n  condition: storage and not issued and 1 of word*\n"
     "sallyport: {catalogue: USB-01, summary: s}\n---\n"
     "title: Not the office\nlogsource: {category: usb}\n"
     "filter: {rules: [stick], office: {room: [R-1]}, condition: not office}\n---\n"
     "title: Often\nname: often\ncorrelation: {type: event_count, rules: [stick], timespan: 1m, "
     "condition: {gte: 2}}\n"}};

Explanation explain_one(std::string_view rule, const Record& event) {
    const auto explained = explain(kSources, rule, event, std::nullopt);
    if (const auto* message = std::get_if<std::string>(&explained)) {
        ADD_FAILURE() << *message;
        return {};
    }
    return std::get<0>(explained).at(0);
}

TEST(Explanation, GivenAnEventThatMatchesThenEachFieldAndValueIsNamed) {
    const auto explained = explain_one("USB-01", {{"type", "Insert"}, {"vid", "0781"}, {"maker", "SanDisk"}});
    EXPECT_TRUE(explained.matches());
    EXPECT_EQ(explained.text(),
              "stick: matches\n"
              "yes  logsource\n"
              "yes  condition: storage and not issued and 1 of word*\n"
              "yes  selection storage\n"
              "     yes  type, the event has: \"Insert\"\n"
              "            no   attach\n"
              "            yes  insert\n"
              "     yes  vid|neq, the event has: \"0781\"\n"
              "            no   0951\n"
              "yes  selection words\n"
              "     yes  keywords, the event has: the whole event\n"
              "            no   kingston\n"
              "            yes  sandisk\n"
              "no   selection issued\n"
              "     no   status, the event has: nothing\n"
              "            no   issued\n"
              "yes  filter Not the office\n");
}

TEST(Explanation, GivenAnEventThatDoesNotThenTheSelectionThatFailsIsSeen) {
    const auto explained = explain_one("stick", {{"type", "attach"}, {"vid", "0951"}});
    EXPECT_FALSE(explained.matches());
    ASSERT_EQ(explained.selections.size(), 3U);
    EXPECT_FALSE(explained.selections[0].holds);
    EXPECT_TRUE(explained.selections[0].alternatives[0][0].holds);
    EXPECT_FALSE(explained.selections[0].alternatives[0][1].holds);
}

TEST(Explanation, GivenAFilterOrALogsourceThatKeepsTheEventOutThenItIsNamed) {
    const Record event{{"type", "attach"}, {"maker", "sandisk"}, {"room", "R-1"}};
    const auto explained = explain_one("stick", event);
    EXPECT_TRUE(explained.condition_holds);
    EXPECT_FALSE(explained.filters.at(0).second);
    EXPECT_FALSE(explained.matches());
    const auto other = explain(kSources, "stick", event, Logsource{"", {"print"}, {}});
    EXPECT_FALSE(std::get<0>(other).at(0).logsource_fits);
}

TEST(Explanation, GivenWhatIsNoDetectionThenASentenceSaysSo) {
    EXPECT_EQ(std::get<std::string>(explain(kSources, "often", {}, std::nullopt)),
              "'often' is no detection: no single event decides it");
    EXPECT_EQ(std::get<std::string>(explain(kSources, "rare", {}, std::nullopt)), "there is no rule 'rare'");
}

}  // namespace
}  // namespace sallyport::rules
