// SPDX-License-Identifier: Apache-2.0
//
// The promise of system.md section 3: any interleaving of terminals (each in its own order), with duplicates,
// and a restart anywhere, give the same final set of findings.
#include <random>
#include <set>

#include "rules/engine/rule_files.hpp"
#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

using Log = std::vector<InputEvent>;
using Set = std::multiset<std::string>;

std::shared_ptr<const RuleSet> shipped() {
    const auto sources =
        read_sources({std::filesystem::path(SALLYPORT_SOURCE_DIR) / "rules" / "physical-protection"});
    return std::get<0>(RuleSet::load(*sources));
}

// A terminal's day in short: people come and go, screens are locked, sticks are attached.
Log random_day(const std::string& terminal, std::mt19937& random, std::int64_t& reference) {
    Log log;
    Record state{{"terminal_id", terminal}, {"session.state", "unlocked"},  {"camera.state", "on"},
                 {"clets.running", true},   {"terminal.idle_limit_s", 960}, {"terminal.camera_enabled", true},
                 {"hours.open", true}};
    double second = std::uniform_real_distribution<>(0, 100)(random);
    const auto put = [&](const std::string& type, Record more = {}) {
        Record fields = state;
        fields.set("type", type);
        for (const auto& [name, value] : more)
            fields.set(name, value);
        log.push_back({++reference, at_second(std::floor(second * 1000) / 1000),
                       Logsource{"sallyport", {type.substr(0, type.find('.'))}, {}}, fields});
    };
    for (int i = 0; i < 120; ++i) {
        second += std::exponential_distribution<>(1.0 / 20)(random);
        switch (random() % 7) {
            case 0:
            case 1:
                state.set("camera.onlookers", static_cast<int>(random() % 2))
                    .set("camera.zone", "near")
                    .set("camera.confidence", 0.9);
                state.set("camera.operator_present", random() % 3 != 0);
                put("camera.presence");
                break;
            case 2:
                state.set("session.state", random() % 2 != 0 ? "locked" : "unlocked");
                put(text_of(state, "session.state") == "locked" ? "session.lock" : "session.unlock");
                break;
            case 3:
                put("usb.attach", {{"is_storage", true},
                                   {"serial_hash", static_cast<int>(random() % 3)},
                                   {"decision", "allowed"}});
                break;
            case 4:
                put("session.idle", {{"idle_s", random() % 2 != 0 ? 960 : 1800}});
                break;
            case 5:
                put("server.liveness", {{"state", random() % 2 != 0 ? "offline" : "back"}});
                break;
            default:
                state.set("camera.state", random() % 2 != 0 ? "on" : "covered");
                put("camera.state");
        }
    }
    return log;
}

std::string full_line(const Finding& finding) {
    std::string line = line_of(finding) + " by";
    for (const std::int64_t reference : finding.evidence)
        line += " " + std::to_string(reference);
    return line;
}

// The last moment of the log comes for everyone at once.
Set judge(const std::shared_ptr<const RuleSet>& rules, const Log& log, std::size_t restart_at = SIZE_MAX) {
    auto engine = Engine::create(rules, nullptr);
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (i == restart_at) {
            const Keeper kept = snapshot_of(*engine);
            engine = Engine::create(rules, nullptr);
            const auto restored = engine->restore(kept.source());
            EXPECT_TRUE(restored.ok()) << restored.error().message();
            EXPECT_EQ(snapshot_of(*engine).pieces(), kept.pieces());
        }
        engine->process(log[i], findings);
    }
    engine->advance(at_second(1'000'000), findings);
    Set lines;
    for (const Finding& finding : standing(findings))
        lines.insert(full_line(finding));
    return lines;
}

// Mixes the terminals at random, each in its own order, and repeats some events later on.
Log interleaved(std::vector<Log> terminals, std::mt19937& random, bool doubled) {
    Log log;
    std::vector<std::size_t> next(terminals.size(), 0);
    for (;;) {
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < terminals.size(); ++i)
            if (next[i] < terminals[i].size()) open.push_back(i);
        if (open.empty()) return log;
        const std::size_t chosen = open[random() % open.size()];
        log.push_back(terminals[chosen][next[chosen]++]);
        if (doubled && random() % 3 == 0) log.push_back(log[random() % log.size()]);
    }
}

TEST(Determinism, GivenAnyInterleavingAndDuplicatesThenTheFindingsAreTheSame) {
    const auto rules = shipped();
    for (unsigned seed = 1; seed <= 8; ++seed) {
        std::mt19937 random(seed);
        std::int64_t reference = 0;
        std::vector<Log> terminals;
        for (const auto* terminal : {"T-1", "T-2", "T-3"})
            terminals.push_back(random_day(terminal, random, reference));
        const Set expected = judge(rules, interleaved(terminals, random, false));
        EXPECT_GT(expected.size(), 20U);
        for (int i = 0; i < 3; ++i)
            EXPECT_EQ(judge(rules, interleaved(terminals, random, true)), expected) << "seed " << seed;
    }
}

TEST(Snapshot, GivenARestartAnywhereThenTheFindingsAreTheSame) {
    const auto rules = shipped();
    std::mt19937 random(7);
    std::int64_t reference = 0;
    const Log log = interleaved({random_day("T-1", random, reference), random_day("T-2", random, reference)},
                                random, true);
    const Set expected = judge(rules, log);
    for (std::size_t at = 0; at < log.size(); at += 11)
        EXPECT_EQ(judge(rules, log, at), expected) << "restart before event " << at;
}

TEST(Snapshot, GivenARuleThatChangedThenItStartsEmptyAndOthersGoOn) {
    const std::string first =
        "title: a\nname: a\nlogsource: {category: t}\ndetection: {s: {x: 1}, condition: s}\n---\n"
        "title: c\ncorrelation: {type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}}\n";
    std::string changed = first;
    changed.replace(changed.find("10s"), 3, "20s");
    Bench before(first);
    before.put(0, {{"x", 1}}, 1);
    const Keeper kept = snapshot_of(before.engine());
    Bench same(first), other(changed);
    ASSERT_TRUE(same.engine().restore(kept.source()).ok());
    ASSERT_TRUE(other.engine().restore(kept.source()).ok());
    EXPECT_EQ(same.put(1, {{"x", 1}}, 2).lines(), (Lines{"c =2 @1 from 0"}));
    EXPECT_EQ(other.put(1, {{"x", 1}}, 2).lines(), Lines{});
}

// --- in pieces
// -------------------------------------------------------------------------------------------------------------

const std::string kTwoRules =
    "title: a\nname: a\nlogsource: {category: t}\ndetection: {s: {x: 1}, condition: s}\n---\n"
    "title: b\nname: b\nlogsource: {category: t}\ndetection: {s: {x: 2}, condition: s}\n---\n"
    "title: c\nname: c\ncorrelation: {type: event_count, rules: [a], group-by: [g], timespan: 10s, condition: "
    "{gte: 2}}\n---\n"
    "title: d\nname: d\nabsence: {after: a, without: b, group-by: [g], timespan: 10s}\n";

Record in_group(int x, const std::string& group) {
    return {{"x", x}, {"g", group}};
}

TEST(Pieces, GivenAnEventThenOnlyWhatItChangedIsWrittenAgain) {
    Bench bench(kTwoRules);
    Keeper keeper;
    bench.put(0, in_group(1, "p")).put(0, in_group(1, "q"));
    EXPECT_EQ(keeper.save(bench.engine()).handed(),
              (Lines{" ", "c ", R"(c ["p"])", R"(c ["q"])", "d ", R"(d ["p"])", R"(d ["q"])"}));
    EXPECT_EQ(keeper.save(bench.engine()).handed(), Lines{}) << "nothing happened";
    bench.put(1, in_group(2, "q"));
    EXPECT_EQ(keeper.save(bench.engine()).handed(), (Lines{" ", R"(d ["q"])"}));
    bench.advance(10);
    EXPECT_EQ(bench.lines(), (Lines{"d g=p =10 @10 from 0"}));
    EXPECT_EQ(keeper.save(bench.engine()).handed(), (Lines{R"(d ["p"])"})) << "a timer fired";
    EXPECT_EQ(keeper.pieces(), snapshot_of(bench.engine()).pieces());
}

TEST(Pieces, GivenARestartThenNothingIsWrittenUntilSomethingChanges) {
    Bench before(kTwoRules), after(kTwoRules);
    Keeper keeper;
    before.put(0, in_group(1, "p"), 1);
    keeper.save(before.engine());
    ASSERT_TRUE(after.engine().restore(keeper.source()));
    EXPECT_EQ(keeper.save(after.engine()).handed(), Lines{});
    after.put(1, in_group(1, "p"), 2);
    EXPECT_EQ(after.lines(), (Lines{"c g=p =2 @1 from 0"}));
    EXPECT_EQ(keeper.save(after.engine()).handed(), (Lines{" ", R"(c ["p"])", R"(d ["p"])"}));
}

TEST(Pieces, GivenARuleThatIsGoneOrChangedThenNoPieceOfItStays) {
    Bench before(kTwoRules);
    Keeper keeper;
    before.put(0, in_group(1, "p"), 1);
    keeper.save(before.engine());
    std::string changed = kTwoRules.substr(0, kTwoRules.find("---\ntitle: d"));
    changed.replace(changed.find("10s"), 3, "20s");
    Bench after(changed);
    ASSERT_TRUE(after.engine().restore(keeper.source()));
    EXPECT_EQ(after.engine().fresh().rules, (std::vector<std::string>{"c"}));
    EXPECT_EQ(keeper.save(after.engine()).handed(), (Lines{"c ", "c -", "d -"}));
    EXPECT_EQ(keeper.pieces(), snapshot_of(after.engine()).pieces());
}

TEST(Pieces, GivenWhatAnotherEngineJudgedWhenItIsTakenOverThenItIsWritten) {
    Bench past(kTwoRules), now(kTwoRules);
    past.put(0, in_group(1, "p"), 1);
    Keeper keeper;
    ASSERT_TRUE(now.engine().take_over(snapshot_of(past.engine()).source()));
    EXPECT_EQ(keeper.save(now.engine()).pieces(), snapshot_of(past.engine()).pieces());
}

TEST(Pieces, GivenAGroupThatIsForgottenThenItsPieceIsToo) {
    Bench bench(kTwoRules);
    Keeper keeper;
    bench.advance(0).put(0, in_group(1, "p"), 1).put(1, in_group(2, "p"), 2);
    keeper.save(bench.engine());
    bench.advance(80 * 3600);
    EXPECT_EQ(bench.engine().statistics().groups, 0U);
    EXPECT_EQ(keeper.save(bench.engine()).handed(), (Lines{R"(c -["p"])", R"(d -["p"])"}));
    EXPECT_EQ(keeper.pieces(), snapshot_of(bench.engine()).pieces());
}

TEST(Pieces, GivenSavesNowAndThenAndAKillAnywhereThenTheFindingsAreTheSame) {
    const auto rules = shipped();
    std::mt19937 random(11);
    std::int64_t reference = 0;
    const Log log = interleaved({random_day("T-1", random, reference), random_day("T-2", random, reference)},
                                random, true);
    const Set expected = judge(rules, log);
    for (int round = 0; round < 6; ++round) {
        Keeper keeper;
        auto engine = Engine::create(rules, nullptr);
        std::vector<Finding> findings, said;
        std::size_t saved_at = 0;
        for (std::size_t i = 0; i < log.size(); ++i) {
            if (random() % 20 == 0) {
                keeper.save(*engine);
                EXPECT_EQ(keeper.pieces(), snapshot_of(*engine).pieces());
                saved_at = i;
                said = findings;
            } else if (random() % 40 == 0) {  // what came since is judged again
                engine = Engine::create(rules, nullptr);
                ASSERT_TRUE(engine->restore(keeper.source()));
                findings = said;
                i = saved_at;
            }
            engine->process(log[i], findings);
        }
        engine->advance(at_second(1'000'000), findings);
        Set lines;
        for (const Finding& finding : standing(findings))
            lines.insert(full_line(finding));
        EXPECT_EQ(lines, expected) << "round " << round;
    }
}

TEST(Reload, GivenAnotherDocumentOfItsFileThatChangedThenARuleGoesOnAndTheOtherIsShownThePast) {
    const auto rules = [](const std::string& comment, const std::string& timespan,
                          const std::string& filter) {
        const auto counting = [](const std::string& name, const std::string& of, const std::string& within) {
            return "title: " + name + "\nname: " + name + "\ncorrelation: {type: event_count, rules: [" + of +
                   "], timespan: " + within + ", condition: {gte: 2}}\n---\n";
        };
        return comment +
               "title: a\nname: a\nlogsource: {category: t}\ndetection: {s: {x: 1}, condition: s}\n---\n" +
               counting("same", "a", "10s") + counting("changed", "a", timespan) +
               "title: b\nname: b\nlogsource: {category: t}\ndetection: {s: {x: 1}, condition: s}\n---\n" +
               counting("filtered", "b", "10s") +
               "title: f\nlogsource: {category: t}\nfilter: {rules: [b], s: {y: " + filter +
               "}, condition: not s}\n";
    };
    Bench before(rules("", "10s", "1"));
    before.put(0, {{"x", 1}}, 1);
    const std::string other = rules("# a word to the reader\n", "20s", "2");
    Bench after(other);
    EXPECT_EQ(after.engine().fresh().rules, (std::vector<std::string>{"same", "changed", "filtered"}));
    ASSERT_TRUE(after.engine().restore(snapshot_of(before.engine()).source()).ok());
    EXPECT_EQ(after.engine().fresh().rules, (std::vector<std::string>{"changed", "filtered"}));
    EXPECT_EQ(after.engine().fresh().span, std::chrono::seconds(20));
    // The caller judges the past by the new rules in an engine of its own.
    Bench past(other);
    past.put(0, {{"x", 1}}, 1);
    ASSERT_TRUE(after.engine().take_over(snapshot_of(past.engine()).source()).ok());
    EXPECT_TRUE(after.engine().fresh().rules.empty());
    EXPECT_EQ(after.put(0, {{"x", 1}}, 1).lines(), Lines{}) << "judged before";
    EXPECT_EQ(after.put(1, {{"x", 1}}, 2).lines(),
              (Lines{"same =2 @1 from 0", "changed =2 @1 from 0", "filtered =2 @1 from 0"}));
}

TEST(Reload, GivenASnapshotOfAnOlderMakeThenItsRulesAreFreshAndNothingIsRefused) {
    Bench bench(
        "title: a\nname: a\nlogsource: {category: t}\ndetection: {s: {x: 1}, condition: s}\n---\n"
        "title: c\ncorrelation: {type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}}\n");
    const auto older = [](const StateSink& sink) -> Result<void> {
        if (auto done = sink({"", "", R"({"format": "rules-state/3", "seen": [[1, 5]]})"}); !done) return done;
        return sink({"c", "", R"({"fingerprint": "of an older make"})"});
    };
    ASSERT_TRUE(bench.engine().restore(older).ok());
    EXPECT_EQ(bench.engine().fresh().rules, (std::vector<std::string>{"c"}));
    EXPECT_EQ(bench.put(0, {{"x", 1}}, 5).put(0, {{"x", 1}}, 6).lines(), Lines{})
        << "the fifth was judged before";
}

TEST(Snapshot, GivenWhatIsNoSnapshotThenItIsRefused) {
    Bench bench("title: a\nlogsource: {category: t}\ndetection: {s: {x: 1}, condition: s}\n");
    const auto one = [](std::string_view rule, std::string_view state) {
        return [=](const StateSink& sink) { return sink({rule, "", state}); };
    };
    EXPECT_FALSE(bench.engine().restore(one("", "{")).ok());
    EXPECT_FALSE(bench.engine().restore(one("", "{}")).ok());
    EXPECT_FALSE(bench.engine().restore(one("a", R"({"fingerprint": "0"})")).ok()) << "not the first";
    EXPECT_TRUE(bench.engine().restore(snapshot_of(bench.engine()).source()).ok());
}

TEST(Engine, GivenTheSameReferenceTwiceThenItIsJudgedOnce) {
    Bench bench("title: a\nlogsource: {category: t}\ndetection: {s: {x: 1}, condition: s}\n");
    bench.put(0, {{"x", 1}}, 5)
        .put(0, {{"x", 1}}, 5)
        .put(0, {{"x", 1}}, 4)
        .put(0, {{"x", 1}}, 6)
        .put(0, {{"x", 1}}, 4);
    EXPECT_EQ(bench.found().size(), 3U);
}

}  // namespace
}  // namespace sallyport::rules
