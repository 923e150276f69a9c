// SPDX-License-Identifier: Apache-2.0
//
// The compiled matcher against the plain meaning of the rules: every predicate of every rule asked one by
// one.
#include "rules/engine/matcher.hpp"

#include <random>

#include "protocol/json.hpp"
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

double own_threshold(const NumberTest& test) {
    return test.threshold;
}

std::vector<int> matches_one_by_one(const CompiledRules& rules, const Record& event) {
    EventView view(rules.table);
    view.read(event, {nullptr, true});
    std::vector<int> matches;
    for (std::size_t i = 0; i < rules.compiled.size(); ++i) {
        const auto* spec = std::get_if<DetectionSpec>(&rules.compiled[i].body);
        if (spec != nullptr && evaluate(spec->expression, [&](int predicate) {
                return view.holds(rules.table.predicates()[static_cast<std::size_t>(predicate)],
                                  own_threshold);
            }))
            matches.push_back(static_cast<int>(i));
    }
    return matches;
}

// --- rules and events out of few letters, so that they meet often
// ------------------------------------------------------------------------------------------

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}

    std::size_t below(std::size_t count) { return engine_() % count; }
    const char* one_of(std::initializer_list<const char*> list) { return list.begin()[below(list.size())]; }
    std::string text() {
        std::string text;
        for (auto left = below(6); left > 0; --left)
            text += one_of({"a", "b", "A", "ж", "Ж", "1", "-", " "});
        return text;
    }
    std::string pattern() {
        std::string text = this->text();
        for (auto left = below(3); left > 0; --left)
            text.insert(text.empty() ? 0
                        : text.find_first_of("abA1- ", below(text.size())) == std::string::npos
                            ? 0
                            : text.find_first_of("abA1- "),
                        one_of({"*", "?", "\\\\*"}));
        return text;
    }
    std::string field() { return one_of({"f", "g", "n", "n.m", "n*f"}); }

    std::string item() {
        const auto quoted = [](const std::string& text) { return "'" + text + "'"; };
        switch (below(12)) {
            case 0:
                return field() + ": null";
            case 1:
                return field() + "|exists: " + one_of({"true", "false"});
            case 2:
                return field() + "|" + one_of({"lt", "lte", "gt", "gte"}) + ": " + std::to_string(below(4));
            case 3:
                return field() + ": " + std::to_string(below(3));
            case 4:
                return field() + "|re: " + one_of({"'a+b'", "'^b'", "'ab|ba'", "'[ab]1'"});
            case 5:
                return field() + "|re|i: " + one_of({"'ab'", "'ж'", "'a.b'"});
            case 6:
                return field() + "|fieldref: " + field();
            case 7:
                return field() + "|" + one_of({"contains", "startswith", "endswith"}) +
                       one_of({"", "|cased", "|all", "|neq"}) + ": [" + quoted(pattern()) + ", " +
                       quoted(pattern()) + "]";
            case 8:
                return field() + "|" + one_of({"contains", "startswith", "endswith", "cased", "neq"}) + ": " +
                       quoted(pattern());
            case 9:
                return field() + ": " + one_of({"true", "false"});
            default:
                return field() + ": [" + quoted(pattern()) + ", " + quoted(text()) + "]";
        }
    }
    std::string selection() {
        if (below(12) == 0) return "['" + pattern() + "', '" + text() + "x']";
        std::string map = "{" + item();
        std::string second = item();
        if (map.substr(1, map.find(':')) != second.substr(0, second.find(':') + 1)) map += ", " + second;
        return map + "}";
    }
    std::string rule(std::size_t number) {
        const std::string condition = one_of({"s and not t", "s or t", "s and t", "not s or t", "1 of them",
                                              "not (s and t)", "s and (t or not s)", "not s and not t"});
        return "title: r" + std::to_string(number) +
               "\nlogsource: {category: c}\ndetection:\n  s: " + selection() + "\n  t: " + selection() +
               "\n  condition: " + condition + "\n---\n";
    }

    Value scalar() {
        switch (below(7)) {
            case 0:
                return static_cast<std::int64_t>(below(4));
            case 1:
                return 0.5 * static_cast<double>(below(5));
            case 2:
                return below(2) == 0;
            case 3:
                return nullptr;
            default:
                return text();
        }
    }
    Value value() {
        if (below(6) == 0) return List{scalar(), scalar()};
        if (below(8) == 0) return List{};
        if (below(8) == 0) return Record{{"m", scalar()}, {"z", scalar()}};
        return scalar();
    }
    Record event() {
        Record event;
        for (const auto* name : {"f", "g", "n", "n.m", "other"})
            if (below(3) != 0) event.append(name, value());
        return event;
    }

private:
    std::mt19937 engine_;
};

TEST(Matcher, GivenRandomRulesAndEventsThenItFindsWhatAskingOneByOneFinds) {
    std::size_t matched = 0;
    for (unsigned seed = 0; seed < 30; ++seed) {
        Random random(seed);
        std::string text;
        for (std::size_t i = 0; i < 60; ++i)
            text += random.rule(i);
        const auto loaded = std::static_pointer_cast<const CompiledRules>(load_rules(text));
        ASSERT_NE(loaded, nullptr) << text;
        Matcher matcher(loaded);
        for (int i = 0; i < 200; ++i) {
            const Record event = random.event();
            const auto expected = matches_one_by_one(*loaded, event);
            matched += expected.size();
            EXPECT_EQ(matcher.match(event, std::nullopt, own_threshold), expected) << write_json(event);
            const std::string line = write_json(event);
            const auto of_line = matcher.match({.json = line}, std::nullopt, own_threshold);
            ASSERT_TRUE(of_line) << line << of_line.error().message();
            EXPECT_EQ(**of_line, expected) << line;
            if (HasFailure()) return;
        }
    }
    EXPECT_GT(matched, 10'000U);
}

TEST(Matcher, GivenOneOfOurLinesThenBodyAndRegistersCountAsTheEvent) {
    const auto rules = std::static_pointer_cast<const CompiledRules>(
        load_rules("title: t\nlogsource: {product: p}\ndetection:\n  s: {type: usb.attach, is_storage: true, "
                   "media.status|neq: issued, nics.mac: x}\n  condition: s\n"));
    Matcher matcher(rules);
    const std::string line =
        R"({"type": "usb.attach", "body": {"is_storage": true, "nics": [{"mac": "y"}, {"mac": "X"}]}})";
    const Record issued{{"media.status", "issued"}};
    const Logsource source{"p", {}, {}};
    EXPECT_EQ((*matcher.match({line, "body", nullptr}, source, own_threshold))->size(), 1U);
    EXPECT_EQ((*matcher.match({line, "body", &issued}, source, own_threshold))->size(), 0U);
    EXPECT_EQ((*matcher.match({line, "", nullptr}, source, own_threshold))->size(), 0U);
    EXPECT_EQ((*matcher.match({line, "body", nullptr}, Logsource{"q", {}, {}}, own_threshold))->size(), 0U);
    EXPECT_FALSE(matcher.match({"[1]", "", nullptr}, source, own_threshold).ok());
}

TEST(Matcher, GivenManyLogsourcesThenEachKeepsItsOwnRules) {
    const auto rules = std::static_pointer_cast<const CompiledRules>(
        load_rules("title: t\nlogsource: {product: p7}\ndetection: {s: {a: 1}, condition: s}\n"));
    Matcher matcher(rules);
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 3000; ++i)
            EXPECT_EQ(
                matcher.match(Record{{"a", 1}}, Logsource{"p" + std::to_string(i), {}, {}}, own_threshold)
                    .size(),
                i == 7 ? 1U : 0U);
}

}  // namespace
}  // namespace sallyport::rules
