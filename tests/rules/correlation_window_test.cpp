// SPDX-License-Identifier: Apache-2.0
//
// Windows against a plain reading of what they promise: every window counted anew, in order. And what they
// cost.
#include "rules/engine/correlation_window.hpp"

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "tests/rules/rule_bench.hpp"

namespace sallyport::rules {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimespan{10'000};

struct Sample {
    int part = 0;
    double second = 0;
    int value = 0;
    std::int64_t reference = 0;
};
using Samples = std::vector<Sample>;

std::string text_of(std::int64_t started, std::int64_t at, double value,
                    const std::vector<std::int64_t>& evidence) {
    std::string text =
        std::to_string(started) + ".." + std::to_string(at) + " =" + std::to_string(value) + " by";
    for (const std::int64_t reference : evidence)
        text += " " + std::to_string(reference);
    return text;
}

CorrelationSpec spec_of(CorrelationType type, int parts, double gte) {
    CorrelationSpec spec;
    spec.type = type;
    spec.timespan.value = kTimespan;
    Conjunction all;
    for (int part = 0; part < parts; ++part) {
        spec.parts.push_back(part);
        all.with.push_back(part);
    }
    spec.percentile = 75;
    if (type == CorrelationType::temporal || type == CorrelationType::temporal_ordered)
        spec.terms = {all};
    else
        spec.conditions = {{Comparison::greater_or_equal, gte, -1}};
    return spec;
}

// What stands once all samples came, in the order given.
std::multiset<std::string> judged(const CorrelationSpec& spec, const Samples& samples, double gte) {
    CorrelationWindow window(spec);
    CorrelationWindow::Findings findings;
    const WindowNumbers numbers{kTimespan,
                                spec.conditions.empty() ? std::vector<double>{} : std::vector{gte}};
    for (const Sample& sample : samples) {
        const WallTime time = at_second(sample.second);
        window.add(numbers,
                   {sample.part,
                    {time, 0, static_cast<std::uint64_t>(sample.reference), 0},
                    time,
                    {sample.reference},
                    std::to_string(sample.value),
                    static_cast<double>(sample.value)},
                   findings);
    }
    window.reach(at_second(1'000'000), findings);
    std::multiset<std::string> standing;
    for (const WindowFinding& finding : findings) {
        const std::string text = text_of(to_number(finding.started_at), to_number(finding.order.time),
                                         finding.value, finding.evidence);
        if (finding.phase == FindingPhase::raised)
            standing.insert(text);
        else if (const auto at = standing.find(text); at != standing.end())
            standing.erase(at);
        else
            ADD_FAILURE() << "withdrawn though never raised: " << text;
    }
    return standing;
}

std::optional<double> plain_value(CorrelationType type, const Samples& window) {
    std::vector<double> numbers;
    std::set<int> distinct;
    double sum = 0;
    for (const Sample& sample : window) {
        numbers.push_back(sample.value);
        distinct.insert(sample.value);
        sum += sample.value;
    }
    std::sort(numbers.begin(), numbers.end());
    const auto percentile = [&](double percent) {
        const double rank = percent / 100 * static_cast<double>(numbers.size() - 1);
        const double low = numbers[static_cast<std::size_t>(std::floor(rank))];
        const double high = numbers[static_cast<std::size_t>(std::ceil(rank))];
        return low + (high - low) * (rank - std::floor(rank));
    };
    switch (type) {
        case CorrelationType::event_count:
            return static_cast<double>(window.size());
        case CorrelationType::value_count:
            return static_cast<double>(distinct.size());
        case CorrelationType::value_sum:
            return sum;
        case CorrelationType::value_avg:
            return sum / static_cast<double>(numbers.size());
        case CorrelationType::value_percentile:
            return percentile(75);
        case CorrelationType::value_median:
            return percentile(50);
        default:
            return std::nullopt;
    }
}

// The members of what holds at the i-th sample, by its plain definition; nothing where it does not hold.
std::optional<std::pair<Samples, double>> plain_holds(const CorrelationSpec& spec, const Samples& sorted,
                                                      std::size_t i, double gte) {
    Samples window;
    for (std::size_t j = 0; j <= i; ++j)
        if (sorted[j].second >= sorted[i].second - 10) window.push_back(sorted[j]);
    const std::size_t parts = spec.parts.size();
    if (spec.type == CorrelationType::temporal) {
        std::set<int> present;
        for (const Sample& sample : window)
            present.insert(sample.part);
        if (present.size() < parts) return std::nullopt;
        return std::pair(window, static_cast<double>(parts));
    }
    if (spec.type == CorrelationType::temporal_ordered) {
        if (sorted[i].part != static_cast<int>(parts) - 1) return std::nullopt;
        Samples chain{sorted[i]};
        for (std::size_t j = window.size() - 1; j-- > 0 && chain.size() < parts;)
            if (window[j].part == static_cast<int>(parts - 1 - chain.size()))
                chain.insert(chain.begin(), window[j]);
        if (chain.size() < parts) return std::nullopt;
        return std::pair(chain, static_cast<double>(parts));
    }
    const auto value = plain_value(spec.type, window);
    if (!value || *value < gte) return std::nullopt;
    return std::pair(window, *value);
}

std::multiset<std::string> plainly(const CorrelationSpec& spec, Samples samples, double gte) {
    std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
        return std::tie(a.second, a.reference) < std::tie(b.second, b.reference);
    });
    std::multiset<std::string> said;
    std::optional<double> held_at;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto holds = plain_holds(spec, samples, i, gte);
        if (!holds) continue;
        if (!held_at || *held_at < samples[i].second - 10) {
            std::vector<std::int64_t> evidence;
            for (const Sample& sample : holds->first)
                evidence.push_back(sample.reference);
            said.insert(text_of(to_number(at_second(holds->first.front().second)),
                                to_number(at_second(samples[i].second)), holds->second, evidence));
        }
        held_at = samples[i].second;
    }
    return said;
}

Samples random_samples(std::mt19937& random, int parts) {
    Samples samples;
    const std::size_t count = 5 + random() % 40;
    for (std::size_t i = 0; i < count; ++i)
        samples.push_back({static_cast<int>(random() % static_cast<unsigned>(parts)),
                           static_cast<double>(random() % 120), static_cast<int>(random() % 8),
                           static_cast<std::int64_t>(i) + 1});
    return samples;
}

TEST(CorrelationWindow, GivenAnyOrderOfArrivalThenWhatStandsIsWhatCountingAnewFinds) {
    const std::pair<CorrelationType, double> kinds[] = {
        {CorrelationType::event_count, 4},        {CorrelationType::value_count, 3},
        {CorrelationType::temporal, 0},           {CorrelationType::temporal_ordered, 0},
        {CorrelationType::value_sum, 14},         {CorrelationType::value_avg, 4.5},
        {CorrelationType::value_percentile, 5.5}, {CorrelationType::value_median, 4}};
    std::size_t found = 0;
    for (unsigned seed = 1; seed <= 150; ++seed)
        for (const auto& [type, gte] : kinds) {
            std::mt19937 random(seed);
            const CorrelationSpec spec = spec_of(type, 3, gte);
            Samples samples = random_samples(random, 3);
            const auto expected = plainly(spec, samples, gte);
            found += expected.size();
            for (int shuffle = 0; shuffle < 3; ++shuffle) {
                std::shuffle(samples.begin(), samples.end(), random);
                ASSERT_EQ(judged(spec, samples, gte), expected)
                    << "type " << static_cast<int>(type) << ", seed " << seed;
            }
        }
    EXPECT_GT(found, 1000U);
}

// A without B in any ten seconds around it, and A without B in the ten seconds after it.
TEST(CorrelationWindow, GivenANotInAnyOrderOfArrivalThenItIsDecidedByAllThatCame) {
    for (const bool ordered : {false, true})
        for (unsigned seed = 1; seed <= 150; ++seed) {
            std::mt19937 random(seed);
            CorrelationSpec spec =
                spec_of(ordered ? CorrelationType::temporal_ordered : CorrelationType::temporal, 2, 0);
            spec.terms = {{{0}, {1}}};
            Samples samples = random_samples(random, 2);
            Samples sorted = samples;
            std::sort(sorted.begin(), sorted.end(), [](const Sample& a, const Sample& b) {
                return std::tie(a.second, a.reference) < std::tie(b.second, b.reference);
            });
            std::multiset<double> expected;
            std::optional<double> held_at;
            for (const Sample& a : sorted) {
                const bool spoilt = std::any_of(sorted.begin(), sorted.end(), [&](const Sample& b) {
                    const bool after = std::tie(a.second, a.reference) < std::tie(b.second, b.reference);
                    return b.part == 1 && std::abs(b.second - a.second) <= 10 && (after || !ordered);
                });
                if (a.part != 0 || spoilt) continue;
                if (!held_at || *held_at < a.second - 10) expected.insert(a.second + 10);
                held_at = a.second;
            }
            for (int shuffle = 0; shuffle < 3; ++shuffle) {
                std::shuffle(samples.begin(), samples.end(), random);
                std::multiset<double> at;
                for (const std::string& text : judged(spec, samples, 0))
                    at.insert(std::stod(text.substr(text.find("..") + 2)) / 1000);
                ASSERT_EQ(at, expected) << "seed " << seed << (ordered ? " ordered" : "");
            }
        }
}

// Every match enters a window once and leaves it once, however many are in it.
TEST(CorrelationWindow, GivenAFullWindowInOrderThenAMatchCostsTwoSteps) {
    constexpr std::uint64_t kMatches = 20'000;
    for (const auto type :
         {CorrelationType::event_count, CorrelationType::value_count, CorrelationType::value_sum,
          CorrelationType::value_avg, CorrelationType::value_percentile}) {
        const CorrelationSpec spec = spec_of(type, 1, 1e9);
        CorrelationWindow window(spec);
        CorrelationWindow::Findings findings;
        for (std::uint64_t i = 0; i < kMatches; ++i) {
            const WallTime time{milliseconds(i)};
            window.add({kTimespan, {1e9}},
                       {0, {time, 0, i, 0}, time, {1}, std::to_string(i % 1800), 1.0 * (i % 97)}, findings);
        }
        EXPECT_LE(window.steps(), 2 * kMatches) << static_cast<int>(type);
    }
}

// A backlog of one instant is in order by its sequence: no match is looked at again for the next.
TEST(CorrelationWindow, GivenMatchesOfOneTimeInOrderThenAMatchCostsTwoSteps) {
    constexpr std::uint64_t kMatches = 20'000;
    const CorrelationSpec spec = spec_of(CorrelationType::value_sum, 1, 1e9);
    CorrelationWindow window(spec);
    CorrelationWindow::Findings findings;
    for (std::uint64_t i = 0; i < kMatches; ++i)
        window.add({kTimespan, {1e9}}, {0, {WallTime{}, 0, i, 0}, WallTime{}, {1}, "", 1.0}, findings);
    EXPECT_LE(window.steps(), 2 * kMatches);
}

// What comes a little late only moves what lies between.
TEST(CorrelationWindow, GivenMatchesALittleOutOfOrderThenTheCostIsHowFarTheyAreOut) {
    constexpr std::uint64_t kMatches = 20'000;
    const CorrelationSpec spec = spec_of(CorrelationType::value_percentile, 1, 1e9);
    CorrelationWindow window(spec);
    CorrelationWindow::Findings findings;
    for (std::uint64_t i = 0; i < kMatches; ++i) {
        const WallTime time{milliseconds(i % 10 == 9 ? i - 20 : i)};
        window.add({kTimespan, {1e9}}, {0, {time, 0, i, 0}, time, {1}, "", 1.0}, findings);
    }
    EXPECT_LE(window.steps(), kMatches / 10 * (2 * 9 + 4 * 21))
        << "a recount would take ten thousand steps each";
}

// --- what is let go

// Counts to three within ten seconds.
class Forgetful : public ::testing::Test {
protected:
    void match(double second, WallTime until = WallTime::min()) {
        const WallTime time = at_second(second);
        const auto number = static_cast<std::uint64_t>(++number_);
        window_.add({kTimespan, {3}}, {0, {time, 0, number, 0}, std::max(time, until), {number_}, "", 1.0}, findings_);
    }
    std::vector<std::string> said() {
        std::vector<std::string> texts;
        for (const WindowFinding& finding : std::exchange(findings_, {}))
            texts.push_back((finding.phase == FindingPhase::raised ? "" : "not ") +
                            text_of(to_number(finding.started_at), to_number(finding.order.time), finding.value,
                                    finding.evidence));
        return texts;
    }

    const CorrelationSpec spec_ = spec_of(CorrelationType::event_count, 1, 3);
    CorrelationWindow window_{spec_};
    CorrelationWindow::Findings findings_;
    std::int64_t number_ = 0;
};

TEST_F(Forgetful, GivenMatchesThatWereLetGoWhenOneComesFromBeforeThemThenWhatWasSaidStands) {
    for (const double second : {100.0, 101.0, 102.0})
        match(second);
    EXPECT_EQ(said().size(), 1U);
    window_.forget_before(at_second(103));
    match(50);
    match(95);
    EXPECT_TRUE(said().empty());
}

TEST_F(Forgetful, GivenAWindowThatWasLetGoInPartWhenAMatchComesIntoItThenItIsNotJudgedByTheRest) {
    for (const double second : {100.0, 104.0, 105.0})
        match(second);
    EXPECT_EQ(said().size(), 1U);
    window_.forget_before(at_second(102));
    match(103);
    EXPECT_TRUE(said().empty()) << "at 105 there were three, and the first of them is gone";
    for (const double second : {130.0, 131.0, 132.0})
        match(second);
    EXPECT_EQ(said().size(), 1U);
}

TEST_F(Forgetful, GivenOneThatComesVeryLateThenItStillCountsForTheWindowsThatAreWhole) {
    for (const double second : {109.0, 110.0})
        match(second);
    window_.forget_before(at_second(99));
    match(100);
    EXPECT_EQ(said().size(), 1U);
}

TEST_F(Forgetful, GivenASnapshotThenItIsStillKnownWhatWasLetGo) {
    for (const double second : {100.0, 104.0, 105.0})
        match(second);
    window_.forget_before(at_second(102));
    said();
    CorrelationWindow restored(spec_);
    restored.restore(window_.snapshot());
    CorrelationWindow::Findings findings;
    restored.add({kTimespan, {3}}, {0, {at_second(103), 0, 9, 0}, at_second(103), {9}, "", 1.0}, findings);
    EXPECT_TRUE(findings.empty());
}

TEST_F(Forgetful, GivenSomethingThatLastsFromBeforeWhenItIsWithdrawnThenOnlyThatIs) {
    CorrelationSpec spec = spec_of(CorrelationType::temporal, 2, 0);
    CorrelationWindow window(spec);
    const auto add = [&](int part, double second, WallTime until, std::int64_t reference) {
        const WallTime time = at_second(second);
        window.add({kTimespan, {}}, {part, {time, 0, static_cast<std::uint64_t>(reference), 0}, until, {reference}, "", {}},
                   findings_);
    };
    add(0, 10, WallTime::max(), 1);
    add(1, 100, at_second(100), 2);
    EXPECT_EQ(said().size(), 1U);
    window.forget_before(at_second(105));
    window.remove(0, {at_second(10), 0, 1, 0}, findings_);
    EXPECT_TRUE(said().empty()) << "its match was let go, and what was said of it stands";
    EXPECT_EQ(window.size(), 0U);
}

// More than a window may keep: the oldest go though they are not old.
TEST_F(Forgetful, GivenAWindowThatIsTooFullWhenAMatchComesFromBeforeThenNothingIsReadThatIsGone) {
    for (int i = 0; i < 70'000; ++i)
        match(100 + i * 0.0001);
    EXPECT_EQ(said().size(), 1U);
    window_.forget_before(at_second(0));
    EXPECT_GT(window_.dropped(), 0U);
    match(99.5);
    match(107.5);
    said();
    EXPECT_EQ(window_.size(), 65'538U);
}

TEST(WindowAggregate, GivenFractionsThenTheSumDoesNotDependOnWhatCameAndWent) {
    ExactSum sum, other;
    for (const double number : {0.1, 1e18, 0.2, -1e18, 0.3})
        sum.add(number);
    for (const double number : {0.3, 0.2, 0.1})
        other.add(number);
    EXPECT_EQ(sum.value(), other.value());
    EXPECT_NEAR(sum.value(), 0.6, 1e-8);
    EXPECT_FALSE(ExactSum::fits(std::nan("")));
    EXPECT_FALSE(ExactSum::fits(1e30));
    EXPECT_TRUE(ExactSum::fits(-1e22));
}

}  // namespace
}  // namespace sallyport::rules
