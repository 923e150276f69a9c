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

std::string detection(const std::string& name, int stream, int above) {
    return "title: " + name + "\nname: " + name +
           "\nlogsource: {category: t}\ndetection: {s: {stream: Stream" + std::to_string(stream) +
           ", price|gt: " + std::to_string(above) + "}, condition: s}\n---\n";
}

std::string ordered(const std::string& rules, const std::string& condition, const std::string& timespan) {
    return "title: found\ncorrelation: {type: temporal_ordered, rules: [" + rules +
           "], timespan: " + timespan + (condition.empty() ? "" : ", condition: " + condition) + "}\n";
}

// `e1 -> not e2 for 1 sec`: an absence. Its price is compared with a number here; it was the first event's.
std::string then_not(int above) {
    return detection("a", 1, above) + detection("b", 2, 56) +
           "title: found\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n";
}

// `not e1 for 1 sec -> e2`, e1 missing from the start: a member is expected from then on.
std::string missing_then(int stream1_above) {
    return detection("a", 1, stream1_above) +
           "title: missing\nname: missing\nabsence: {without: a, for-each: terminal, timespan: 1s}\n---\n";
}

// Each fires when its query has a row, at that row's moment or the end of its time.
const std::map<std::string, std::string> kTranslations = {
    // e1 -> not e2 for 1 sec
    {"AbsentPatternTestCase/testQueryAbsent2", then_not(20)},
    {"AbsentPatternTestCase/testQueryAbsent3", then_not(20)},
    {"AbsentSequenceTestCase/testQueryAbsent1", then_not(20)},
    {"AbsentSequenceTestCase/testQueryAbsent2", then_not(20)},
    {"AbsentSequenceTestCase/testQueryAbsent3", then_not(20)},
    // every e1 -> not e2 for 1 sec, where e2 comes in time for each of them
    {"AbsentWithEveryPatternTestCase/testQuery2",
     detection("a", 1, 20) + detection("b", 2, 55) +
         "title: found\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n"},
    // not e1 for 1 sec -> e2
    {"AbsentPatternTestCase/testQueryAbsent5",
     missing_then(20) + detection("b", 2, 30) + ordered("missing, b", "", "1h")},
    {"AbsentPatternTestCase/testQueryAbsent8",
     missing_then(20) + detection("b", 2, 30) + ordered("missing, b", "", "1h")},
    {"AbsentPatternTestCase/testQueryAbsent40",
     missing_then(20) + detection("b", 2, 30) + ordered("missing, b", "", "1h")},
    {"EveryAbsentPatternTestCase/testQueryAbsent30",
     missing_then(20) + detection("b", 2, 30) + ordered("missing, b", "", "1h")},
    {"AbsentSequenceTestCase/testQueryAbsent7",
     missing_then(20) + detection("b", 2, 30) + ordered("missing, b", "", "1h")},
    {"AbsentSequenceTestCase/testQueryAbsent27",
     missing_then(20) + detection("b", 2, 30) + ordered("missing, b", "", "1h")},
    {"EveryAbsentSequenceTestCase/testQueryAbsent13",
     missing_then(20) + detection("b", 2, 30) + ordered("missing, b", "", "1h")},
    // not e1 for 1 sec -> e2 -> e3, and on
    {"AbsentPatternTestCase/testQueryAbsent15",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"AbsentPatternTestCase/testQueryAbsent17",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"EveryAbsentPatternTestCase/testQueryAbsent18",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"EveryAbsentPatternTestCase/testQueryAbsent20",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"AbsentPatternTestCase/testQueryAbsent18",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"AbsentSequenceTestCase/testQueryAbsent16",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"AbsentSequenceTestCase/testQueryAbsent17",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"EveryAbsentSequenceTestCase/testQueryAbsent8",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"EveryAbsentSequenceTestCase/testQueryAbsent10",
     missing_then(10) + detection("b", 2, 20) + detection("c", 3, 30) + ordered("missing, b, c", "", "1h")},
    {"AbsentPatternTestCase/testQueryAbsent23", missing_then(10) + detection("b", 2, 20) +
                                                    detection("c", 3, 30) + detection("d", 4, 40) +
                                                    ordered("missing, b, c, d", "", "1h")},
    {"EveryAbsentPatternTestCase/testQueryAbsent26", missing_then(10) + detection("b", 2, 20) +
                                                         detection("c", 3, 30) + detection("d", 4, 40) +
                                                         ordered("missing, b, c, d", "", "1h")},
    {"AbsentSequenceTestCase/testQueryAbsent23", missing_then(10) + detection("b", 2, 20) +
                                                     detection("c", 3, 30) + detection("d", 4, 40) +
                                                     ordered("missing, b, c, d", "", "1h")},
    // e1 -> e2 -> not e3 for 1 sec: a `not` at the end of an ordered correlation. Its second runs from e1;
    // where that
    // would matter the events are 100 ms apart, well within it.
    {"AbsentPatternTestCase/testQueryAbsent9", detection("a", 1, 10) + detection("b", 2, 20) +
                                                   detection("c", 3, 30) +
                                                   ordered("a, b, c", "a and b and not c", "1s")},
    {"AbsentPatternTestCase/testQueryAbsent10", detection("a", 1, 10) + detection("b", 2, 20) +
                                                    detection("c", 3, 30) +
                                                    ordered("a, b, c", "a and b and not c", "1s")},
    {"AbsentSequenceTestCase/testQueryAbsent11", detection("a", 1, 10) +
                                                     detection("b", 2, 20) + detection("c", 3, 30) +
                                                     ordered("a, b, c", "a and b and not c", "1s")},
    {"AbsentPatternTestCase/testQueryAbsent20", detection("a", 1, 10) + detection("b", 2, 20) +
                                                    detection("c", 3, 30) + detection("d", 4, 40) +
                                                    ordered("a, b, c, d", "a and b and c and not d", "1s")},
    {"AbsentSequenceTestCase/testQueryAbsent20",
     detection("a", 1, 10) + detection("b", 2, 20) + detection("c", 3, 30) + detection("d", 4, 40) +
         ordered("a, b, c, d", "a and b and c and not d", "1s")},
    // e1 -> not e2 for 1 sec -> e3: an absence, then an event.
    {"AbsentPatternTestCase/testQueryAbsent13",
     detection("a", 1, 10) + detection("b", 2, 20) + detection("c", 3, 30) +
         "title: gone\nname: gone\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n---\n" +
         ordered("gone, c", "", "1h")},
    {"AbsentPatternTestCase/testQueryAbsent38",
     detection("a", 1, 10) + detection("b", 2, 20) + detection("c", 3, 30) +
         "title: gone\nname: gone\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n---\n" +
         ordered("gone, c", "", "1h")},
    {"EveryAbsentPatternTestCase/testQueryAbsent17",
     detection("a", 1, 10) + detection("b", 2, 20) + detection("c", 3, 30) +
         "title: gone\nname: gone\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n---\n" +
         ordered("gone, c", "", "1h")},
    {"AbsentSequenceTestCase/testQueryAbsent12",
     detection("a", 1, 10) + detection("b", 2, 20) + detection("c", 3, 30) +
         "title: gone\nname: gone\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n---\n" +
         ordered("gone, c", "", "1h")},
    {"EveryAbsentSequenceTestCase/testQueryAbsent6",
     detection("a", 1, 10) + detection("b", 2, 20) + detection("c", 3, 30) +
         "title: gone\nname: gone\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n---\n" +
         ordered("gone, c", "", "1h")},
    {"AbsentWithEverySequenceTestCase/testQuery3",
     detection("a", 1, 20) + detection("b", 2, 55) + detection("c", 3, 55) +
         "title: gone\nname: gone\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n---\n" +
         ordered("gone, c", "", "1h")},
    // e1 -> not e2 for 1 sec -> (e3 and e4), (e3 or e4): a temporal correlation over the absence.
    {"AbsentPatternTestCase/testQueryAbsent29", "and"},
    {"EveryAbsentPatternTestCase/testQueryAbsent35", "and"},
    {"AbsentSequenceTestCase/testQueryAbsent28", "and"},
    {"AbsentSequenceTestCase/testQueryAbsent29", "and"},
    {"AbsentSequenceTestCase/testQueryAbsent33", "and"},
    {"AbsentPatternTestCase/testQueryAbsent39", "or"},
    {"AbsentSequenceTestCase/testQueryAbsent31", "or"},
    {"AbsentSequenceTestCase/testQueryAbsent32", "or"},
    {"AbsentSequenceTestCase/testQueryAbsent34", "or"},
    // e1 -> e2 -> not e3 for 1 sec -> e4
    {"AbsentPatternTestCase/testQueryAbsent22", "chain"},
    {"AbsentSequenceTestCase/testQueryAbsent21", "chain"},
};

// e1 -> e2, and then no e3: an absence after a chain is a chain of its own here, found by a `not` at its end,
// which then takes part in another. Absences begin with detections.
std::string rules_of(const std::string& translation) {
    const std::string three = detection("a", 1, 10) + detection("b", 2, 20) + detection("c", 3, 30);
    const std::string gone =
        "title: gone\nname: gone\nabsence: {after: a, without: b, group-by: [all], timespan: 1s}\n---\n";
    if (translation == "and")
        return three + detection("d", 4, 40) + gone +
               "title: both\nname: both\ncorrelation: {type: temporal, rules: [c, d], timespan: 1h}\n---\n" +
               ordered("gone, both", "", "1h");
    if (translation == "or")
        return three + detection("d", 4, 40) + gone + ordered("gone, c, d", "gone and (c or d)", "1h");
    if (translation == "chain")
        return three + detection("d", 4, 40) +
               "title: gone\nname: gone\ncorrelation: {type: temporal_ordered, rules: [a, b, c], timespan: "
               "1s, condition: "
               "a and b and not c}\n---\n" +
               ordered("gone, d", "", "1h");
    return translation;
}

// Why a scenario has no counterpart; empty: it has to have one.
std::string why_not(const std::string& id, const std::string& query) {
    const auto has = [&](std::string_view text) { return query.find(text) != std::string::npos; };
    if (kTranslations.contains(id)) return "";
    if (has("every not") || has("-> every"))
        return "`every`: once a second anew while it lasts; here one silence is one finding until it ends";
    if (has("within"))
        return "`within` bounds a chain from its first event on and an absence at once: two spans in one";
    if (has("<2:5>")) return "collects a number of events into one row: that is a count, not an absence";
    if (has("every (") || has("every e"))
        return "`every`: begins anew with each event while another is under way";
    if (id.starts_with("Logical"))
        return "`not .. and`, `not .. or`: the event must come with or instead of the end of an absence";
    if (has("-> not Stream2") && has("and not")) return "two absences at once";
    if (id.ends_with("AbsentSequenceTestCase/testQueryAbsent24") ||
        id.ends_with("AbsentSequenceTestCase/testQueryAbsent25") ||
        id == "EveryAbsentSequenceTestCase/testQueryAbsent11")
        return "a first event ends the query for good, or an absence follows an absence: members are "
               "expected for ever";
    return "";
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
            if (bench.engine().watches("terminal")) bench.engine().expect("terminal", members, time, found);
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
        bench.engine().process(
            {++reference,
             WallTime(std::chrono::milliseconds(now)),
             std::nullopt,
             {{"stream", text_of(step, "stream")}, {"price", values[1]}, {"all", "x"}, {"terminal_id", "x"}}},
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
            const std::string id(text_of(*record, "id"));
            scenarios_.emplace(id.substr(id.find('/') + 1), std::move(*record));
        }
    }
    std::map<std::string, Record> scenarios_;
};

TEST_F(SiddhiAbsence, GivenAScenarioWithACounterpartThenItHasAsManyFindings) {
    for (const auto& [id, translation] : kTranslations) {
        const auto at = scenarios_.find(id);
        if (at == scenarios_.end()) continue;  // of another split
        const auto expected = static_cast<std::size_t>(integer_of(at->second, "expected_count"));
        EXPECT_EQ(rows_of(rules_of(translation), *at->second.find("steps")->as<List>()), expected)
            << id << ": " << text_of(at->second, "query");
    }
}

TEST_F(SiddhiAbsence, GivenAnyScenarioThenItIsTranslatedOrItIsSaidWhyNot) {
    std::map<std::string, int> reasons;
    int translated = 0;
    for (const auto& [id, record] : scenarios_) {
        if (kTranslations.contains(id)) {
            ++translated;
            continue;
        }
        const std::string reason = why_not(id, std::string(text_of(record, "query")));
        EXPECT_FALSE(reason.empty()) << id << ": " << text_of(record, "query");
        ++reasons[reason];
    }
    std::cout << translated << " of " << scenarios_.size() << " scenarios are translated\n";
    for (const auto& [reason, count] : reasons)
        std::cout << count << " are not: " << reason << '\n';
    EXPECT_GE(translated, 40);
}

}  // namespace
}  // namespace sallyport::rules
