// SPDX-License-Identifier: Apache-2.0
//
// What the engine's memory costs: by the allocator's own count, not by the sizes of types.
// docs/performance.md states the figures that this prints.
#include <malloc.h>

#include <iostream>

#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCounted = false;
#else
constexpr bool kCounted = true;
#endif

constexpr int kGroups = 10'000;

std::string detection(const std::string& name) {
    return "title: " + name + "\nname: " + name +
           "\nlogsource: {category: t}\ndetection: {s: {type: " + name + "}, condition: s}\n---\n";
}

Record of(const std::string& type, int group) {
    return {{"type", type}, {"terminal_id", "T-" + std::to_string(group)}, {"value", group % 7}};
}

// Bytes in use a group once each has had these events.
double bytes_a_group(const std::string& rules, const std::vector<std::string>& types, bool members) {
    Bench bench(detection("a") + detection("b") + rules);
    const std::size_t before = mallinfo2().uordblks;
    std::vector<Finding> found;
    if (members) {
        std::vector<Record> all;
        for (int i = 0; i < kGroups; ++i)
            all.push_back(of("none", i));
        bench.engine().expect("terminal", members_of(all), at_second(0), found);
    }
    std::int64_t reference = 0;
    for (std::size_t event = 0; event < types.size(); ++event)
        for (int i = 0; i < kGroups; ++i)
            bench.engine().process(
                {++reference, at_second(static_cast<double>(event)), std::nullopt, of(types[event], i)},
                found);
    EXPECT_TRUE(found.empty());
    found.shrink_to_fit();
    const std::size_t after = mallinfo2().uordblks;
    EXPECT_EQ(bench.engine().statistics().groups, static_cast<std::size_t>(kGroups));
    return static_cast<double>(after - before) / kGroups;
}

std::string correlation(const std::string& type, const std::string& condition) {
    return "title: c\ncorrelation: {type: " + type +
           ", rules: [a], group-by: [terminal_id], timespan: 1h, condition: {" + condition + "}}\n";
}

TEST(StateMemory, GivenTenThousandGroupsThenAWindowAndATimerStayWithinTheirBounds) {
    if (!kCounted) GTEST_SKIP() << "SKIPPED: a sanitizer's allocator does not count";
    const auto check = [](const std::string& what, double bytes, double most) {
        std::cout << what << ": " << static_cast<int>(bytes) << " bytes\n";
        EXPECT_GT(bytes, 0) << what;
        EXPECT_LT(bytes, most) << what;
    };
    const std::vector<std::string> one{"a"}, ten(10, "a");
    const std::string count = correlation("event_count", "gte: 1000"),
                      percentile = correlation("value_percentile", "gte: 9, field: value");
    const double empty = bytes_a_group(count, one, false);
    check("a window that counts, with its first match", empty, 1'600);
    check("each further match of it", (bytes_a_group(count, ten, false) - empty) / 9, 400);
    const double ranked = bytes_a_group(percentile, one, false);
    check("each further match of a percentile", (bytes_a_group(percentile, ten, false) - ranked) / 9, 500);
    check("a timer that runs",
          bytes_a_group("title: l\nabsence: {after: a, without: b, group-by: [terminal_id], timespan: 1h}\n",
                        one, false),
          1'000);
    check("a timer of a terminal in order, after a hundred events that end it",
          bytes_a_group("title: l\nabsence: {after: a, without: b, group-by: [terminal_id], timespan: 1s}\n",
                        std::vector<std::string>(100, "b"), false),
          800);
    check("a member that is watched, never heard of",
          bytes_a_group("title: l\nabsence: {without: a, for-each: terminal, timespan: 1h}\n", {}, true),
          1'200);
}

// An hour of all of them: each minute told one by one, each second in between that nothing is different. Nothing of it
// piles up, and what is written again is one piece.
TEST(StateMemory, GivenTenThousandMembersWhenTheyAreToldOfForAnHourThenNothingGrows) {
    if (!kCounted) GTEST_SKIP() << "SKIPPED: a sanitizer's allocator does not count";
    Bench bench(detection("a") + detection("b") +
                "title: l\nabsence: {after: a, without: b, for-each: terminal, timespan: 10m}\n");
    const Members members = [](const auto& use) {
        for (int i = 0; i < kGroups; ++i)
            use(of("none", i));
    };
    std::vector<Finding> found;
    bench.engine().expect("terminal", members, at_second(0), found);
    for (int i = 0; i < kGroups; ++i)
        bench.engine().process({i + 1, at_second(1), std::nullopt, of("b", i)}, found);
    Keeper keeper;
    bench.engine().expect("terminal", members, at_second(60), found);
    EXPECT_EQ(keeper.save(bench.engine()).pieces().size(), kGroups + 2U);
    const std::size_t before = mallinfo2().uordblks;
    for (int second = 61; second <= 3'600; ++second) {
        if (second % 60 == 0)
            bench.engine().expect("terminal", members, at_second(second), found);
        else
            ASSERT_TRUE(bench.engine().expect_same("terminal", at_second(second), found));
        bench.engine().advance(at_second(second), found);
    }
    const std::size_t after = mallinfo2().uordblks;
    EXPECT_LT(after - std::min(after, before), 100'000U);
    EXPECT_EQ(keeper.save(bench.engine()).handed(), (Lines{"l "}));
    EXPECT_TRUE(found.empty());
}

}  // namespace
}  // namespace sallyport::rules
