// SPDX-License-Identifier: Apache-2.0
//
// The public conformance data beside the repository, where it is present (its README:
// ../shared/sigma/README.md).
#include <fstream>
#include <map>
#include <set>

#include "protocol/json.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/rule_files.hpp"
#include "rules/engine/value_parser.hpp"
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
    for (const Record& line : lines_of("micro/detection.jsonl")) {
        const std::string id(text_of(line, "id"));
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
    for (const Record& line : lines_of("micro/correlation.jsonl")) {
        const std::string id(text_of(line, "id"));
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

// --- what a value means
// --------------------------------------------------------------------------------------------------------------

YamlNode node_of(const Value& value) {
    YamlNode node;
    node.quoted = value.as<std::string>() != nullptr;
    node.text = value.is_null() ? "null" : text_of_scalar(value).value_or("");
    return node;
}

// A placeholder stands for its own name in angle brackets.
std::optional<std::vector<std::string>> name_itself(std::string_view name) {
    return std::vector<std::string>{"<" + std::string(name) + ">"};
}

std::set<std::string> meanings_of(const ParsedValue& value) {
    struct Describe {
        std::set<std::string> operator()(const TextValue& v) const {
            std::set<std::string> keys;
            for (const StringPattern& pattern : v.alternatives)
                keys.insert("string " + pattern.key());
            return keys;
        }
        std::set<std::string> operator()(const RegexValue& v) const {
            return {"re " + v.expression + (v.flags.ignore_case ? " IGNORECASE" : "") +
                    (v.flags.multiline ? " MULTILINE" : "") + (v.flags.dot_all ? " DOTALL" : "")};
        }
        std::set<std::string> operator()(const RangeValue& v) const {
            return {"cidr " + v.alternatives.at(0).text()};
        }
        std::set<std::string> operator()(const NumberValue& v) const {
            return {"number " + std::string(to_string(v.comparison)) + " " + text_of_number(v.number)};
        }
        std::set<std::string> operator()(const TimePartTest& v) const {
            return {"number eq " + text_of_number(v.number)};
        }
        std::set<std::string> operator()(const FlagValue& v) const {
            return {v.flag ? "bool true" : "bool false"};
        }
        std::set<std::string> operator()(const PresenceValue& v) const {
            return {v.present ? "exists true" : "exists false"};
        }
        std::set<std::string> operator()(const ReferenceValue& v) const { return {"fieldref " + v.field}; }
        std::set<std::string> operator()(const NullValue&) const { return {"null"}; }
    };
    return std::visit(Describe(), value);
}

// The same words for what pySigma says.
std::set<std::string> meanings_of(const Record& result) {
    const std::string type(text_of(result, "type"));
    if (type == "any") {
        std::set<std::string> all;
        for (const Value& value : list_of(result, "values"))
            all.merge(meanings_of(*value.as<Record>()));
        return all;
    }
    if (type == "string") {
        StringPattern pattern;
        for (const Value& part : list_of(result, "parts"))
            if (const auto* text = part.as<std::string>())
                pattern.append({PatternPiece::Kind::literal, *text});
            else if (const auto name = text_of(*part.as<Record>(), "p"); !name.empty())
                pattern.append({PatternPiece::Kind::literal, "<" + std::string(name) + ">"});
            else
                pattern.append({text_of(*part.as<Record>(), "w") == "*" ? PatternPiece::Kind::any
                                                                        : PatternPiece::Kind::one,
                                {}});
        return {"string " + pattern.key()};
    }
    if (type == "re") {
        std::string flags;
        for (const Value& flag : list_of(result, "flags"))
            flags += " " + *flag.as<std::string>();
        return {"re " + std::string(text_of(result, "regex")) + flags};
    }
    if (type == "cidr") return {"cidr " + IpRange::parse(text_of(result, "network"))->text()};
    if (type == "number") return {"number eq " + *text_of_scalar(*result.find("number"))};
    if (type == "compare")
        return {"number " + std::string(text_of(result, "op")) + " " +
                *text_of_scalar(*result.find("number"))};
    if (type == "bool") return {flag_of(result, "bool") ? "bool true" : "bool false"};
    if (type == "exists") return {flag_of(result, "exists") ? "exists true" : "exists false"};
    if (type == "fieldref") return {"fieldref " + std::string(text_of(result, "field"))};
    return {type};
}

TEST_F(SigmaConformance, GivenTheValueVectorsThenTheyMeanWhatPySigmaSays) {
    int compared = 0;
    for (const Record& line : lines_of("micro/modifier_vectors.jsonl")) {
        std::string key = "f", text = write_json(line);
        for (const Value& modifier : list_of(line, "modifiers"))
            key += "|" + *modifier.as<std::string>();
        const auto parsed_key = parse_field_key(key);
        ASSERT_TRUE(std::holds_alternative<FieldKey>(parsed_key)) << text;
        const auto& field = std::get<FieldKey>(parsed_key);
        const auto parsed = parse_value(field, node_of(*line.find("value")), name_itself);
        ASSERT_TRUE(std::holds_alternative<ParsedValue>(parsed)) << text << std::get<std::string>(parsed);
        std::set<std::string> expected;
        for (const Value& result : list_of(line, "result"))
            expected.merge(meanings_of(*result.as<Record>()));
        auto actual = meanings_of(std::get<ParsedValue>(parsed));
        // Beside pySigma's, the form that UTF-16 with a byte order mark really has.
        if (field.modifiers.utf16 == Utf16::with_mark) {
            for (const std::string& meaning : expected)
                EXPECT_TRUE(actual.contains(meaning)) << text;
        } else {
            EXPECT_EQ(actual, expected) << text;
        }
        EXPECT_EQ(field.modifiers.negated, flag_of(line, "negated")) << text;
        ++compared;
    }
    EXPECT_EQ(compared, 480);
}

}  // namespace
}  // namespace sallyport::rules
