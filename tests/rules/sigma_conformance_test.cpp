// SPDX-License-Identifier: Apache-2.0
//
// The public conformance data beside the repository, where it is present (its README:
// ../shared/sigma/README.md).
#include <fstream>
#include <map>
#include <set>

#include "protocol/json.hpp"
#include "rules/engine/rule_files.hpp"
#include "rules/engine/string_pattern.hpp"
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

const std::filesystem::path kSigma =
    std::filesystem::path(SALLYPORT_SOURCE_DIR).parent_path() / "shared" / "sigma";
constexpr JsonLimits kLimits{64 * 1024 * 1024, 24, 4'000'000, true};

std::vector<Record> lines_of(const std::string& file) {
    std::vector<Record> records;
    std::ifstream stream(kSigma / file);
    for (std::string line; std::getline(stream, line);) {
        auto record = read_json_record(line, kLimits);
        EXPECT_TRUE(record.ok()) << file;
        if (record) records.push_back(std::move(*record));
    }
    return records;
}

const List& list_of(const Record& record, std::string_view name) {
    static const List kNone;
    const Value* value = record.find(name);
    return value != nullptr && value->as<List>() != nullptr ? *value->as<List>() : kNone;
}

const Record& record_of(const Record& record, std::string_view name) {
    return *record.find(name)->as<Record>();
}

Logsource logsource_of(const Record& record) {
    const auto texts = [&](std::string_view name) {
        std::vector<std::string> list;
        for (const Value& text : list_of(record_of(record, "logsource"), name))
            list.push_back(*text.as<std::string>());
        return list;
    };
    return {std::string(text_of(record_of(record, "logsource"), "product")), texts("category"),
            texts("service")};
}

std::shared_ptr<const RuleSet> load_file(const std::filesystem::path& file) {
    const auto sources = read_sources({file});
    if (!sources) {
        ADD_FAILURE() << sources.error().message();
        return nullptr;
    }
    auto loaded = RuleSet::load(*sources);
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded)) {
        for (const Fault& fault : *faults)
            ADD_FAILURE() << fault.text();
        return nullptr;
    }
    return std::get<0>(loaded);
}

std::shared_ptr<const RuleSet> try_load(const std::string& id, const std::string& text) {
    auto loaded = RuleSet::load({{id, text}});
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded)) {
        ADD_FAILURE() << faults->front().text();
        return nullptr;
    }
    return std::get<0>(loaded);
}

class SigmaConformance : public ::testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kSigma)) GTEST_SKIP() << "SKIPPED: ../shared absent";
    }
};

TEST_F(SigmaConformance, GivenTheDetectionCasesThenEachMatchesAsRecorded) {
    // A key outside the specification is a fault here.
    const std::set<std::string> not_supported = {"sigma-rust/test_load_from_yaml"};
    for (const Record& line : lines_of("micro/detection.jsonl")) {
        const std::string id(text_of(line, "id"));
        if (not_supported.contains(id)) continue;
        const auto rules = try_load(id, std::string(text_of(line, "rules")));
        if (rules == nullptr) continue;
        for (const Value& item : list_of(line, "cases")) {
            const Record& one = *item.as<Record>();
            const auto engine = Engine::create(rules, nullptr);
            std::vector<Finding> found;
            engine->process({1, at_second(0), std::nullopt, record_of(one, "event")}, found);
            EXPECT_EQ(!found.empty(), flag_of(one, "match"))
                << id << ": " << write_json(record_of(one, "event"));
        }
    }
}

TEST_F(SigmaConformance, GivenTheCorrelationScenariosThenEachFirstFiringIsAsRecorded) {
    // `action: repeat` is gone since Sigma 2; `window:` is the recording engine's own key.
    const std::set<std::string> not_supported = {"rsigma/repeat_rules_in_correlation",
                                                 "rsigma/sliding_window_catches_across_boundary"};
    for (const Record& line : lines_of("micro/correlation.jsonl")) {
        const std::string id(text_of(line, "id"));
        if (not_supported.contains(id)) continue;
        const auto rules = try_load(id, std::string(text_of(line, "rules")));
        if (rules == nullptr) continue;
        const auto engine = Engine::create(rules, nullptr);
        std::set<std::string> expected, actual;
        std::set<std::string> seen;
        for (const Value& item : list_of(line, "events")) {
            const Record& event = *item.as<Record>();
            const std::int64_t t = integer_of(event, "t");
            for (const Value& firing : list_of(event, "correlations")) {
                std::string key(text_of(*firing.as<Record>(), "rule"));
                for (const Value& pair : list_of(*firing.as<Record>(), "group"))
                    key += " " + *(*pair.as<List>())[0].as<std::string>() + "=" +
                           *(*pair.as<List>())[1].as<std::string>();
                if (seen.insert(key).second) expected.insert(key + " @" + std::to_string(t));
            }
            std::vector<Finding> found;
            engine->process({0, at_second(static_cast<double>(t)), std::nullopt, record_of(event, "event")},
                            found);
            for (const Finding& finding : found) {
                if (finding.kind != FindingKind::correlation) continue;
                std::string key = finding.rule;
                for (const auto& [field, value] : finding.group)
                    key += " " + field + "=" + value;
                if (seen.insert("actual " + key).second) actual.insert(key + " @" + std::to_string(t));
            }
        }
        EXPECT_EQ(actual, expected) << id;
    }
}

TEST_F(SigmaConformance, GivenTheRegressionCasesThenEachRuleFindsItsEvents) {
    const auto rules = load_file(kSigma / "regression" / "rules.yml");
    ASSERT_NE(rules, nullptr);
    const auto engine = Engine::create(rules, nullptr);
    int failed = 0;
    for (const Record& one : lines_of("regression/cases.jsonl")) {
        std::int64_t matches = 0;
        for (const Value& item : list_of(one, "events")) {
            const Record& record = *item.as<Record>();
            std::vector<Finding> found;
            engine->process({0, at_second(0), logsource_of(record), record_of(record, "event")}, found);
            matches += std::count_if(found.begin(), found.end(), [&](const Finding& finding) {
                return finding.rule == text_of(one, "rule");
            });
        }
        if (matches < integer_of(one, "min_matches")) {
            ++failed;
            ADD_FAILURE() << text_of(one, "rule") << " " << text_of(one, "source");
        }
    }
    EXPECT_EQ(failed, 0);
}

// Every event against every rule: exactly what independent engines agree on, and nothing else.
TEST_F(SigmaConformance, GivenTheMatrixThenEachEventMatchesExactlyTheExpectedRules) {
    const auto rules = load_file(kSigma / "matrix" / "rules.yml");
    ASSERT_NE(rules, nullptr);
    const auto engine = Engine::create(rules, nullptr);
    std::map<std::int64_t, std::set<std::string>> actual;
    for (const Record& record : lines_of("matrix/events.jsonl")) {
        std::vector<Finding> found;
        engine->process({0, at_second(0), logsource_of(record), record_of(record, "event")}, found);
        for (const Finding& finding : found)
            actual[integer_of(record, "id")].insert(finding.rule);
    }
    std::size_t scored = 0;
    for (const Record& expectation : lines_of("matrix/expected.jsonl")) {
        std::set<std::string> expected;
        for (const Value& rule : list_of(expectation, "match"))
            expected.insert(*rule.as<std::string>());
        auto& matched = actual[integer_of(expectation, "id")];
        for (const Value& pair : list_of(expectation, "disputed"))
            matched.erase(std::string(text_of(*pair.as<Record>(), "rule")));
        EXPECT_EQ(matched, expected) << "event " << integer_of(expectation, "id");
        scored += expected.size();
    }
    EXPECT_EQ(scored, 401U);
}

// Literal pieces and wildcards of what is a plain string once its modifiers are applied.
TEST_F(SigmaConformance, GivenTheStringVectorsThenThePatternsAreThoseOfPySigma) {
    int compared = 0;
    for (const Record& line : lines_of("micro/modifier_vectors.jsonl")) {
        const List& modifiers = list_of(line, "modifiers");
        const Value* value = line.find("value");
        const List& results = list_of(line, "result");
        if (value == nullptr || value->as<std::string>() == nullptr || results.size() != 1 ||
            modifiers.size() > 1 || text_of(*results[0].as<Record>(), "type") != "string")
            continue;
        const std::string modifier = modifiers.empty() ? "" : *modifiers[0].as<std::string>();
        if (modifier != "" && modifier != "contains" && modifier != "startswith" && modifier != "endswith")
            continue;
        StringPattern pattern = StringPattern::parse(*value->as<std::string>());
        if (modifier == "contains" || modifier == "endswith") pattern.open_start();
        if (modifier == "contains" || modifier == "startswith") pattern.open_end();
        std::string expected;
        for (const Value& part : list_of(*results[0].as<Record>(), "parts"))
            expected += part.as<std::string>() != nullptr ? "\"" + *part.as<std::string>() + "\""
                                                          : std::string(text_of(*part.as<Record>(), "w"));
        EXPECT_EQ(pattern.key(), expected) << *value->as<std::string>();
        ++compared;
    }
    EXPECT_GT(compared, 100);
}

}  // namespace
}  // namespace sallyport::rules
