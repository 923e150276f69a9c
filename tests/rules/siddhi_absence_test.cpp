// SPDX-License-Identifier: Apache-2.0
//
// The absence scenarios of another engine's own tests, beside the repository where they are present
// (../shared/sigma/README.md): which of them have a counterpart here, and why the others have none. Each is
// run on a clock of its own.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "protocol/json.hpp"
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

const std::filesystem::path kScenarios = std::filesystem::path(SALLYPORT_SOURCE_DIR).parent_path() /
                                         "shared" / "sigma" / "micro" / "absence_siddhi.jsonl";

// --- translations
// -------------------------------------------------------------------------------------------------------------

std::string detection(const std::string& name, int stream, const std::string& price) {
    return "title: " + name + "\nname: " + name +
           "\nlogsource: {category: t}\ndetection: {s: {stream: Stream" + std::to_string(stream) + ", " +
           price + "}, condition: s}\n---\n";
}

// Streams 1 to 4 are a to d, each above its own price, as in most queries.
const std::string kStreams = detection("a", 1, "price|gt: 10") + detection("b", 2, "price|gt: 20") +
                             detection("c", 3, "price|gt: 30") + detection("d", 4, "price|gt: 40");

std::string correlation(const std::string& name, const std::string& type, const std::string& rules,
                        const std::string& condition, const std::string& timespan = "1h") {
    return "title: " + name + "\nname: " + name + "\ncorrelation: {type: " + type + ", rules: [" + rules +
           "], timespan: " + timespan + (condition.empty() ? "" : ", condition: " + condition) + "}\n---\n";
}
std::string in_order(const std::string& name, const std::string& rules, const std::string& condition = "",
                     const std::string& timespan = "1h") {
    return correlation(name, "temporal_ordered", rules, condition, timespan);
}
std::string together(const std::string& name, const std::string& rules, const std::string& condition = "",
                     const std::string& timespan = "1h") {
    return correlation(name, "temporal", rules, condition, timespan);
}
// `x -> not y for 1 sec`
std::string gone(const std::string& name, const std::string& after, const std::string& without,
                 const std::string& group = "all") {
    return "title: " + name + "\nname: " + name + "\nabsence: {after: " + after + ", without: " + without +
           ", group-by: [" + group + "], timespan: 1s}\n---\n";
}
// `not x for 1 sec` from the start: a member is expected from then on.
std::string missing(const std::string& name, const std::string& of) {
    return "title: " + name + "\nname: " + name + "\nabsence: {without: " + of +
           ", for-each: terminal, timespan: 1s}\n---\n";
}

// Queries in our words; what they find is called `found`. A price that is compared with the first event's is
// a number here that parts them alike.
struct Translation {
    std::string rules;
    std::vector<std::string> scenarios;
};
const std::vector<Translation> kTranslations = {
    // e1 -> not e2 for 1 sec
    {detection("a", 1, "price|gt: 20") + detection("b", 2, "price|gt: 55.65") + gone("found", "a", "b"),
     {"AbsentPattern/Absent2", "AbsentPattern/Absent3", "AbsentSequence/Absent1", "AbsentSequence/Absent2",
      "AbsentSequence/Absent3", "AbsentWithEveryPattern/2"}},
    // not e1 for 1 sec -> e2
    {detection("a", 1, "price|gt: 20") + detection("b", 2, "price|gt: 30") + missing("m", "a") +
         in_order("found", "m, b"),
     {"AbsentPattern/Absent5", "AbsentPattern/Absent8", "AbsentPattern/Absent40",
      "EveryAbsentPattern/Absent10", "EveryAbsentPattern/Absent30", "AbsentSequence/Absent7",
      "AbsentSequence/Absent27", "EveryAbsentSequence/Absent3", "EveryAbsentSequence/Absent13"}},
    // not e1 for 1 sec -> e2 -> e3, and on
    {kStreams + missing("m", "a") + in_order("found", "m, b, c"),
     {"AbsentPattern/Absent15", "AbsentPattern/Absent17", "AbsentPattern/Absent18",
      "EveryAbsentPattern/Absent18", "EveryAbsentPattern/Absent20", "AbsentSequence/Absent16",
      "AbsentSequence/Absent17", "EveryAbsentSequence/Absent8", "EveryAbsentSequence/Absent10"}},
    {kStreams + missing("m", "a") + in_order("found", "m, b, c, d"),
     {"AbsentPattern/Absent23", "EveryAbsentPattern/Absent26", "AbsentSequence/Absent23"}},
    // not e1 for 1 sec -> e2<2:5>: twice at least
    {kStreams + missing("m", "a") + in_order("found", "m, b, b"),
     {"AbsentPattern/Absent35", "AbsentPattern/Absent36", "EveryAbsentSequence/Absent14"}},
    // e1 -> e2 -> not e3 for 1 sec. Its second runs from e1 here; the events are 100 ms apart.
    {kStreams + in_order("found", "a, b, c", "a and b and not c", "1s"),
     {"AbsentPattern/Absent9", "AbsentPattern/Absent10", "AbsentSequence/Absent11"}},
    {kStreams + in_order("found", "a, b, c, d", "a and b and c and not d", "1s"),
     {"AbsentPattern/Absent20", "AbsentSequence/Absent20"}},
    {kStreams + in_order("found", "a, b, c, d", "a and b and c and not d", "2s"),
     {"EveryAbsentPattern/Absent23"}},
    // e1 -> not e2 for 1 sec -> e3
    {kStreams + gone("g", "a", "b") + in_order("found", "g, c"),
     {"AbsentPattern/Absent13", "AbsentPattern/Absent38", "EveryAbsentPattern/Absent17",
      "AbsentSequence/Absent12", "EveryAbsentSequence/Absent6"}},
    {detection("a", 1, "price|gt: 20") + detection("b", 2, "price|gt: 55.65") +
         detection("c", 3, "price|gt: 55.65") + gone("g", "a", "b") + in_order("found", "g, c"),
     {"AbsentWithEverySequence/3"}},
    // e1 -> not e2 for 1 sec -> e3 and e4, e3 or e4
    {kStreams + gone("g", "a", "b") + together("both", "c, d") + in_order("found", "g, both"),
     {"AbsentPattern/Absent29", "EveryAbsentPattern/Absent35", "EveryAbsentPattern/Absent39",
      "AbsentSequence/Absent28", "AbsentSequence/Absent29", "AbsentSequence/Absent33"}},
    {kStreams + gone("g", "a", "b") + in_order("found", "g, c, d", "g and (c or d)"),
     {"AbsentPattern/Absent39", "AbsentSequence/Absent31", "AbsentSequence/Absent32",
      "AbsentSequence/Absent34"}},
    // e1 -> e2 -> not e3 for 1 sec -> e4, also after an absence
    {kStreams + in_order("g", "a, b, c", "a and b and not c", "1s") + in_order("found", "g, d"),
     {"AbsentPattern/Absent22", "EveryAbsentPattern/Absent25", "AbsentSequence/Absent21"}},
    {kStreams + missing("m", "a") + in_order("g", "m, b, c", "m and b and not c", "1s") +
         in_order("found", "g, d"),
     {"EveryAbsentPattern/Absent28", "AbsentSequence/Absent24", "AbsentSequence/Absent25"}},
    // e1 -> not e2 and e3
    {kStreams + in_order("found", "a, b, c", "a and not b and c"),
     {"LogicalAbsentPattern/Absent1", "LogicalAbsentSequence/Absent2"}},
    {kStreams + in_order("found", "a, b, c", "a and not b and c", "1s"),
     {"LogicalAbsentPattern/Absent21", "LogicalAbsentSequence/Absent20", "LogicalAbsentSequence/Absent21"}},
    {kStreams + in_order("found", "b, a, c", "not b and a and c"), {"LogicalAbsentPattern/Absent65"}},
    {kStreams + in_order("found", "a, b, c", "not a and b and c"), {"EveryAbsentPattern/Absent44"}},
    {kStreams + missing("m", "a") + in_order("found", "m, b, c, d", "m and not b and c and d"),
     {"LogicalAbsentPattern/Absent64"}},
    // e1 -> (not e2 for 1 sec and e3)
    {kStreams + gone("g", "a", "b") + together("found", "g, c"),
     {"LogicalAbsentPattern/Absent5", "LogicalAbsentPattern/Absent5_1", "LogicalAbsentPattern/Absent6",
      "LogicalAbsentPattern/Absent7", "LogicalAbsentSequence/Absent5", "LogicalAbsentSequence/Absent65",
      "EveryAbsentPattern/Absent46", "EveryAbsentPattern/Absent47"}},
    {kStreams + gone("g", "a", "b") + together("found", "g, c", "", "2s"),
     {"LogicalAbsentSequence/Absent23"}},
    // (not e1 for 1 sec and e2) -> e3
    {kStreams + missing("m", "a") + together("both", "m, b") + in_order("found", "both, c"),
     {"LogicalAbsentPattern/Absent8_1", "LogicalAbsentPattern/Absent9", "LogicalAbsentSequence/Absent9",
      "LogicalAbsentSequence/Absent67", "LogicalAbsentSequence/Absent57", "LogicalAbsentSequence/Absent63",
      "EveryAbsentSequence/Absent15"}},
    // e1 -> (not e2 for 1 sec or e3)
    {kStreams + gone("g", "a", "b") + in_order("then", "a, c") + together("found", "g, then", "g or then"),
     {"LogicalAbsentPattern/Absent12", "LogicalAbsentPattern/Absent13", "LogicalAbsentPattern/Absent14",
      "LogicalAbsentPattern/Absent16", "LogicalAbsentSequence/Absent11", "LogicalAbsentSequence/Absent12"}},
    {kStreams + gone("g", "a", "c") + in_order("then", "a, b") + together("found", "g, then", "g or then"),
     {"LogicalAbsentPattern/Absent41", "LogicalAbsentPattern/Absent42"}},
    // (not e1 for 1 sec or e2) -> e3
    {kStreams + missing("m", "a") + together("either", "m, b", "m or b") + in_order("found", "either, c"),
     {"LogicalAbsentPattern/Absent17", "LogicalAbsentPattern/Absent18", "LogicalAbsentPattern/Absent19",
      "LogicalAbsentSequence/Absent17", "LogicalAbsentSequence/Absent19", "LogicalAbsentSequence/Absent54",
      "LogicalAbsentSequence/Absent60"}},
    {kStreams + missing("m", "b") + together("either", "m, a", "m or a") + in_order("found", "either, c"),
     {"LogicalAbsentPattern/Absent43", "LogicalAbsentSequence/Absent43", "LogicalAbsentSequence/Absent45"}},
    // e1 -> (not e2 for 1 sec and not e3 for 1 sec), or
    {kStreams + gone("g", "a", "b") + gone("h", "a", "c") + together("found", "g, h", "", "2s"),
     {"LogicalAbsentPattern/Absent25", "LogicalAbsentPattern/Absent26", "LogicalAbsentPattern/Absent27",
      "LogicalAbsentSequence/Absent26", "LogicalAbsentSequence/Absent27", "LogicalAbsentSequence/Absent28"}},
    {kStreams + gone("g", "a", "b") + gone("h", "a", "c") + together("found", "g, h", "g or h", "2s"),
     {"LogicalAbsentPattern/Absent31", "LogicalAbsentPattern/Absent32", "LogicalAbsentSequence/Absent32"}},
    {detection("a", 1, "price: 10") + detection("b", 1, "price: 20") + gone("found", "a", "b", "symbol"),
     {"LogicalAbsentPattern/Absent68"}},
    // (not e1 for 1 sec or not e2 for 1 sec) -> e3, and
    {kStreams + missing("m", "a") + missing("n", "b") + together("either", "m, n", "m or n") +
         in_order("found", "either, c"),
     {"LogicalAbsentPattern/Absent33", "LogicalAbsentPattern/Absent35", "LogicalAbsentSequence/Absent34",
      "LogicalAbsentSequence/Absent35"}},
    {kStreams + missing("m", "a") + missing("n", "b") + together("both", "m, n") +
         in_order("found", "both, c"),
     {"LogicalAbsentPattern/Absent37", "LogicalAbsentPattern/Absent39", "LogicalAbsentPattern/Absent40",
      "LogicalAbsentSequence/Absent37", "LogicalAbsentSequence/Absent39"}},
};

// Why the others have no counterpart.
const std::vector<Translation> kWithout = {
    {"`every not`: a row a second while it lasts; here one silence is one finding until it ends",
     {"EveryAbsentPattern/Absent1", "EveryAbsentPattern/Absent4", "EveryAbsentPattern/Absent7",
      "EveryAbsentPattern/Absent8", "EveryAbsentPattern/Absent9", "EveryAbsentPattern/Absent14",
      "EveryAbsentPattern/Absent15", "EveryAbsentPattern/Absent34", "EveryAbsentPattern/Absent37",
      "EveryAbsentSequence/Absent16"}},
    {"`every (..)`: a row for each pass while the others go on; here they are one episode",
     {"LogicalAbsentPattern/Absent46", "LogicalAbsentPattern/Absent48", "LogicalAbsentPattern/Absent50",
      "LogicalAbsentPattern/Absent51", "LogicalAbsentPattern/Absent52", "LogicalAbsentPattern/Absent55",
      "LogicalAbsentPattern/Absent60", "LogicalAbsentPattern/Absent61", "LogicalAbsentPattern/Absent62",
      "LogicalAbsentSequence/Absent47", "LogicalAbsentSequence/Absent53", "LogicalAbsentSequence/Absent58",
      "LogicalAbsentSequence/Absent61", "EveryAbsentSequence/Absent20"}},
    {"a strict sequence ends with any other event, and `every e1` goes on with the last one",
     {"LogicalAbsentSequence/Absent30", "LogicalAbsentSequence/Absent31", "AbsentWithEverySequence/1"}},
    {"a first event ends the query for good; a member is expected for as long as it is one",
     {"EveryAbsentSequence/Absent11"}},
    {"`within` bounds what follows an absence that itself may have ended long before",
     {"AbsentPattern/Absent42"}},
};

// `siddhi/AbsentPatternTestCase/testQueryAbsent2` is AbsentPattern/Absent2 here.
std::string short_id(std::string_view id) {
    std::string text(id.substr(id.find('/') + 1));
    for (const std::string cut : {"TestCase", "testQuery"})
        if (const auto at = text.find(cut); at != std::string::npos) text.erase(at, cut.size());
    return text;
}

// --- running
// -------------------------------------------------------------------------------------------------------------

// Rows that the query has by the end: a finding that stands is one.
std::size_t rows_of(const std::string& rules, const List& steps) {
    Bench bench(rules);
    std::int64_t now = 0;
    std::vector<Finding> found;
    const std::vector<Record> members{{{"terminal_id", "x"}}};
    const auto let_pass = [&](std::int64_t milliseconds) {
        for (const std::int64_t until = now + milliseconds;; now = std::min(now + 10, until)) {
            const WallTime time{std::chrono::milliseconds(now)};
            if (bench.engine().watches("terminal")) bench.engine().expect("terminal", members_of(members), time, found);
            bench.engine().advance(time, found);
            if (now == until) return;
        }
    };
    std::int64_t reference = 0;
    let_pass(0);
    for (const Value& item : steps) {
        const Record& step = *item.as<Record>();
        const auto op = text_of(step, "op");
        if (op == "sleep") let_pass(integer_of(step, "ms"));
        if (op == "wait_until_rows")
            let_pass(integer_of(step, "poll_ms") * integer_of(step, "max_polls") + 1'000);
        if (op != "send") continue;
        const List& values = *step.find("values")->as<List>();
        bench.engine().process({++reference,
                                WallTime(std::chrono::milliseconds(now)),
                                std::nullopt,
                                {{"stream", text_of(step, "stream")},
                                 {"symbol", values[0]},
                                 {"price", values[1]},
                                 {"all", "x"},
                                 {"terminal_id", "x"}}},
                               found);
    }
    std::size_t rows = 0;
    for (const Finding& finding : standing(found))
        if (finding.rule == "found" && finding.phase == FindingPhase::raised) ++rows;
    return rows;
}

class SiddhiAbsence : public ::testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kScenarios)) GTEST_SKIP() << "SKIPPED: ../shared absent";
        std::ifstream stream(kScenarios);
        for (std::string line; std::getline(stream, line);) {
            auto record = read_json_record(line, {1 << 20, 16, 10'000});
            ASSERT_TRUE(record.ok()) << record.error().message();
            scenarios_.emplace(short_id(text_of(*record, "id")), std::move(*record));
        }
    }
    std::map<std::string, Record> scenarios_;
};

TEST_F(SiddhiAbsence, GivenAScenarioWithACounterpartThenItHasAsManyFindings) {
    for (const auto& [rules, ids] : kTranslations)
        for (const std::string& id : ids) {
            const auto at = scenarios_.find(id);
            ASSERT_NE(at, scenarios_.end()) << id;
            const auto expected = static_cast<std::size_t>(integer_of(at->second, "expected_count"));
            EXPECT_EQ(rows_of(rules.substr(0, rules.rfind("---")), *at->second.find("steps")->as<List>()),
                      expected)
                << id << ": " << text_of(at->second, "query");
        }
}

TEST_F(SiddhiAbsence, GivenAnyScenarioThenItIsTranslatedOrItIsSaidWhyNot) {
    std::map<std::string, int> listed;
    std::size_t translated = 0;
    for (const auto& [rules, ids] : kTranslations)
        for (const std::string& id : ids)
            ++translated, ++listed[id];
    std::cout << translated << " of " << scenarios_.size() << " scenarios are translated\n";
    for (const auto& [reason, ids] : kWithout) {
        std::cout << ids.size() << " are not: " << reason << '\n';
        for (const std::string& id : ids)
            ++listed[id];
    }
    for (const auto& [id, record] : scenarios_)
        EXPECT_EQ(listed[id], 1) << id << ": " << text_of(record, "query");
    EXPECT_EQ(listed.size(), scenarios_.size());
}

}  // namespace
}  // namespace sallyport::rules
