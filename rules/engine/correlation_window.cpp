// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/correlation_window.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace sallyport::rules {
namespace {

// Windows across terminals stay open for late events this long (decision 2).
constexpr std::chrono::hours kLateness{72};
constexpr std::size_t kMatchesMax = 4096;
constexpr std::size_t kEpisodesMax = 64;
constexpr std::size_t kEvidenceMax = 500;

using Matches = std::vector<const WindowMatch*>;

double percentile_of(std::vector<double> numbers, double percentile) {
    if (numbers.empty()) return 0;
    std::sort(numbers.begin(), numbers.end());
    const double rank = percentile / 100.0 * static_cast<double>(numbers.size() - 1);
    const auto low = static_cast<std::size_t>(std::floor(rank));
    const auto high = static_cast<std::size_t>(std::ceil(rank));
    return numbers[low] + (numbers[high] - numbers[low]) * (rank - std::floor(rank));
}

// What a window of matches comes to; nothing when none of them has a value to count.
std::optional<double> value_of(const CorrelationSpec& spec, const Matches& window) {
    if (spec.type == CorrelationType::event_count) return static_cast<double>(window.size());
    if (spec.type == CorrelationType::value_count) {
        std::set<std::string_view> values;
        for (const auto* match : window)
            if (!match->value.empty()) values.insert(match->value);
        return static_cast<double>(values.size());
    }
    std::vector<double> numbers;
    double sum = 0;
    for (const auto* match : window)
        if (match->number) {
            numbers.push_back(*match->number);
            sum += *match->number;
        }
    if (numbers.empty()) return std::nullopt;
    if (spec.type == CorrelationType::value_sum) return sum;
    if (spec.type == CorrelationType::value_avg) return sum / static_cast<double>(numbers.size());
    return percentile_of(std::move(numbers),
                         spec.type == CorrelationType::value_median ? 50 : spec.percentile);
}

bool conditions_hold(const CorrelationSpec& spec, const WindowNumbers& numbers, double value) {
    for (std::size_t i = 0; i < spec.conditions.size(); ++i)
        if (!compare(value, spec.conditions[i].comparison, numbers.thresholds[i])) return false;
    return true;
}

bool expression_holds(const Condition& condition, const CorrelationSpec& spec,
                      const std::vector<bool>& present) {
    const auto part_holds = [&] {
        const auto at = std::find(spec.part_names.begin(), spec.part_names.end(), condition.name);
        return at != spec.part_names.end() && present[static_cast<std::size_t>(at - spec.part_names.begin())];
    };
    const auto operand_holds = [&](const Condition& operand) {
        return expression_holds(operand, spec, present);
    };
    switch (condition.operation) {
        case Condition::Operation::name:
            return part_holds();
        case Condition::Operation::all:
            return std::all_of(condition.operands.begin(), condition.operands.end(), operand_holds);
        case Condition::Operation::any:
            return std::any_of(condition.operands.begin(), condition.operands.end(), operand_holds);
        default:
            return false;
    }
}

WindowFinding finding_of(const Matches& window, WallTime at, double value) {
    WindowFinding finding;
    finding.at = at;
    finding.started_at = window.front()->from;
    finding.value = value;
    for (const auto* match : window)
        for (const std::int64_t reference : match->evidence)
            if (finding.evidence.size() < kEvidenceMax &&
                std::find(finding.evidence.begin(), finding.evidence.end(), reference) ==
                    finding.evidence.end())
                finding.evidence.push_back(reference);
    return finding;
}

std::int64_t to_number(WallTime time) {
    return time.time_since_epoch().count();
}
WallTime to_time(std::int64_t number) {
    return WallTime(std::chrono::milliseconds(number));
}

}  // namespace

void CorrelationWindow::add(const CorrelationSpec& spec, const WindowNumbers& numbers, WindowMatch match,
                            std::vector<WindowFinding>& findings) {
    const auto before = [](const WindowMatch& a, const WindowMatch& b) { return a.from < b.from; };
    const auto at =
        matches_.insert(std::upper_bound(matches_.begin(), matches_.end(), match, before), std::move(match));
    const auto added = static_cast<std::size_t>(at - matches_.begin());
    if (spec.type == CorrelationType::temporal)
        judge_temporal(spec, numbers, added, findings);
    else if (spec.type == CorrelationType::temporal_ordered)
        judge_ordered(spec, numbers, findings);
    else
        judge_counts(spec, numbers, added, findings);
    forget_old(numbers.timespan);
}

void CorrelationWindow::end(int part, WallTime from, WallTime until) {
    for (WindowMatch& match : matches_)
        if (match.part == part && match.from == from && match.until == WallTime::max())
            match.until = std::max(from, until);
}

// The windows that the new match is in are those that end with it or with a match at most a timespan later.
void CorrelationWindow::judge_counts(const CorrelationSpec& spec, const WindowNumbers& numbers,
                                     std::size_t added, std::vector<WindowFinding>& findings) {
    const WallTime from = matches_[added].from;
    for (std::size_t end = added; end < matches_.size() && matches_[end].from <= from + numbers.timespan;
         ++end) {
        const WallTime window_end = matches_[end].from;
        Matches window;
        for (std::size_t i = end + 1; i-- > 0 && matches_[i].from >= window_end - numbers.timespan;)
            window.push_back(&matches_[i]);
        std::reverse(window.begin(), window.end());
        if (const auto value = value_of(spec, window); value && conditions_hold(spec, numbers, *value))
            offer(numbers, finding_of(window, window_end, *value), findings);
    }
}

// Parts belong together when one window of a timespan touches each of them. It is enough to try the windows
// that end where some match begins: moving any other window back to the last such place loses none of its
// matches.
void CorrelationWindow::judge_temporal(const CorrelationSpec& spec, const WindowNumbers& numbers,
                                       std::size_t added, std::vector<WindowFinding>& findings) {
    const WindowMatch& newest = matches_[added];
    const auto timespan = numbers.timespan;
    for (const WindowMatch& candidate : matches_) {
        const WallTime end = candidate.from, start = end - timespan;
        if (end < newest.from || start > newest.until) continue;
        Matches window;
        std::vector<bool> present(spec.parts.size(), false);
        std::vector<WallTime> first(spec.parts.size(), WallTime::max());
        for (const WindowMatch& match : matches_) {
            if (match.from > end || match.until < start) continue;
            const auto part = static_cast<std::size_t>(match.part);
            window.push_back(&match);
            present[part] = true;
            first[part] = std::min(first[part], match.from);
        }
        const auto count = std::count(present.begin(), present.end(), true);
        const bool holds = spec.expression ? expression_holds(*spec.expression, spec, present)
                           : spec.conditions.empty()
                               ? count == static_cast<std::ptrdiff_t>(spec.parts.size())
                               : conditions_hold(spec, numbers, static_cast<double>(count));
        if (!holds) continue;
        WallTime at = WallTime::min();
        for (std::size_t part = 0; part < first.size(); ++part)
            if (present[part]) at = std::max(at, first[part]);
        offer(numbers, finding_of(window, at, static_cast<double>(count)), findings);
    }
}

void CorrelationWindow::judge_ordered(const CorrelationSpec& spec, const WindowNumbers& numbers,
                                      std::vector<WindowFinding>& findings) {
    for (std::size_t start = 0; start < matches_.size(); ++start) {
        if (matches_[start].part != 0) continue;
        Matches chain{&matches_[start]};
        for (std::size_t i = start + 1; i < matches_.size() && chain.size() < spec.parts.size(); ++i) {
            if (matches_[i].from > matches_[start].from + numbers.timespan) break;
            if (matches_[i].part == static_cast<int>(chain.size())) chain.push_back(&matches_[i]);
        }
        if (chain.size() == spec.parts.size())
            offer(numbers, finding_of(chain, chain.back()->from, static_cast<double>(chain.size())),
                  findings);
    }
}

void CorrelationWindow::offer(const WindowNumbers& numbers, WindowFinding finding,
                              std::vector<WindowFinding>& findings) {
    for (Episode& episode : episodes_)
        if (finding.at >= episode.first - numbers.timespan && finding.at <= episode.last + numbers.timespan) {
            episode.first = std::min(episode.first, finding.at);
            episode.last = std::max(episode.last, finding.at);
            return;
        }
    episodes_.push_back({finding.at, finding.at});
    std::sort(episodes_.begin(), episodes_.end(),
              [](const Episode& a, const Episode& b) { return a.first < b.first; });
    if (episodes_.size() > kEpisodesMax) episodes_.erase(episodes_.begin());
    findings.push_back(std::move(finding));
}

void CorrelationWindow::forget_old(std::chrono::milliseconds timespan) {
    const WallTime oldest = matches_.back().from - timespan - kLateness;
    std::size_t surplus = matches_.size() > kMatchesMax ? matches_.size() - kMatchesMax : 0;
    std::erase_if(matches_, [&](const WindowMatch& match) {
        if (match.until == WallTime::max()) return false;
        if (surplus > 0) {
            --surplus;
            return true;
        }
        return match.until < oldest;
    });
}

Record CorrelationWindow::snapshot() const {
    List matches, episodes;
    for (const WindowMatch& match : matches_) {
        List evidence;
        for (const std::int64_t reference : match.evidence)
            evidence.emplace_back(reference);
        matches.emplace_back(
            List{match.part, to_number(match.from),
                 match.until == WallTime::max() ? Value(nullptr) : Value(to_number(match.until)),
                 std::move(evidence), match.value, match.number ? Value(*match.number) : Value(nullptr)});
    }
    for (const Episode& episode : episodes_)
        episodes.emplace_back(List{to_number(episode.first), to_number(episode.last)});
    return Record{{"matches", std::move(matches)}, {"episodes", std::move(episodes)}};
}

CorrelationWindow CorrelationWindow::restore(const Record& record) {
    CorrelationWindow window;
    const auto number = [](const Value& value) {
        return value.as<std::int64_t>() != nullptr ? *value.as<std::int64_t>() : 0;
    };
    const auto each = [&](std::string_view name, std::size_t size, const auto& use) {
        const Value* value = record.find(name);
        if (const auto* list = value == nullptr ? nullptr : value->as<List>())
            for (const Value& item : *list)
                if (const auto* row = item.as<List>(); row != nullptr && row->size() == size) use(*row);
    };
    each("matches", 6, [&](const List& row) {
        WindowMatch match;
        match.part = static_cast<int>(number(row[0]));
        match.from = to_time(number(row[1]));
        match.until = row[2].is_null() ? WallTime::max() : to_time(number(row[2]));
        if (const auto* evidence = row[3].as<List>())
            for (const Value& reference : *evidence)
                match.evidence.push_back(number(reference));
        if (const auto* text = row[4].as<std::string>()) match.value = *text;
        if (const auto* fraction = row[5].as<double>())
            match.number = *fraction;
        else if (const auto* integer = row[5].as<std::int64_t>())
            match.number = static_cast<double>(*integer);
        window.matches_.push_back(std::move(match));
    });
    each("episodes", 2, [&](const List& row) {
        window.episodes_.push_back({to_time(number(row[0])), to_time(number(row[1]))});
    });
    return window;
}

}  // namespace sallyport::rules
