// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/correlation_window.hpp"

#include <algorithm>
#include <climits>

namespace sallyport::rules {
namespace {

constexpr std::size_t kMatchesMax = 65'536;
constexpr std::size_t kEvidenceMax = 500;

// The end of what still lasts stays where it is.
WallTime later(WallTime time, std::chrono::milliseconds by) {
    return time == WallTime::max() ? time : time + by;
}

}  // namespace

CorrelationWindow::CorrelationWindow(const CorrelationSpec& spec)
    : spec_(&spec),
      numbers_{spec.timespan.value, {}},
      negated_(spec.parts.size(), false),
      matches_(is_temporal() ? spec.parts.size() : 1),
      aggregate_(spec),
      first_in_(matches_.front().end()),
      first_after_(matches_.front().end()) {
    for (const CountCondition& condition : spec.conditions)
        numbers_.thresholds.push_back(condition.number);
    for (const Conjunction& term : spec.terms)
        for (const int part : term.without)
            negated_[static_cast<std::size_t>(part)] = true;
}

bool CorrelationWindow::is_temporal() const {
    return spec_->type == CorrelationType::temporal || spec_->type == CorrelationType::temporal_ordered;
}

CorrelationWindow::Matches& CorrelationWindow::matches_of(int part) {
    return matches_[is_temporal() ? static_cast<std::size_t>(part) : 0];
}

const CorrelationWindow::Matches& CorrelationWindow::matches_of(int part) const {
    return matches_[is_temporal() ? static_cast<std::size_t>(part) : 0];
}

const WindowMatch* CorrelationWindow::find(const Place& place) const {
    const Matches& matches = matches_of(place.part);
    const auto at = matches.find(place);
    return at == matches.end() ? nullptr : &at->second;
}

// --- what comes and goes
// -------------------------------------------------------------------------------------------------------------

void CorrelationWindow::add(const WindowNumbers& numbers, WindowMatch match, Findings& findings) {
    numbers_ = numbers;
    const Place place{match.order, match.part};
    const WallTime time = match.order.time;
    insert(std::move(match));
    reached_ = std::max(reached_, time);
    Places candidates = touched_by(*find(place));
    for (auto at = due_.begin(); at != due_.end() && at->first <= reached_; ++at)
        candidates.insert(at->second);
    settle(candidates, findings);
}

void CorrelationWindow::end(int part, const EventOrder& order, WallTime until, Findings& findings) {
    Matches& matches = matches_of(part);
    const auto at = matches.find({order, part});
    if (at == matches.end()) return;
    Places candidates = touched_by(at->second);
    at->second.until = std::max(order.time, until);
    if (at->second.until == order.time)
        lasting_.erase(at->first);
    else
        lasting_.insert(at->first);
    candidates.merge(touched_by(at->second));
    settle(candidates, findings);
}

void CorrelationWindow::remove(int part, const EventOrder& order, Findings& findings) {
    Matches& matches = matches_of(part);
    const auto at = matches.find({order, part});
    if (at == matches.end()) return;
    Places candidates = touched_by(at->second);
    erase(at);
    settle(candidates, findings);
}

void CorrelationWindow::reach(WallTime time, Findings& findings) {
    if (time <= reached_) return;
    reached_ = time;
    Places candidates;
    for (auto at = due_.begin(); at != due_.end() && at->first <= time; ++at)
        candidates.insert(at->second);
    settle(candidates, findings);
}

std::optional<WallTime> CorrelationWindow::deadline() const {
    return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

// The window being counted is a range of the matches: what is put into the range is counted in.
void CorrelationWindow::insert(WindowMatch match) {
    Matches& matches = matches_of(match.part);
    const Place place{match.order, match.part};
    if (match.until > match.order.time) lasting_.insert(place);
    const auto [at, is_new] = matches.emplace(place, std::move(match));
    if (!is_new || is_temporal()) return;
    if (first_in_ == first_after_) {
        if (std::next(at) == first_after_) first_in_ = first_after_ = at;
    } else if (first_in_->first < place && (first_after_ == matches.end() || place < first_after_->first)) {
        aggregate_.add(at->second.value, at->second.number);
    }
}

void CorrelationWindow::erase(Matches::iterator at) {
    Matches& matches = matches_of(at->second.part);
    if (!is_temporal()) {
        const bool counted = first_in_ != first_after_ && first_in_->first <= at->first &&
                             (first_after_ == matches.end() || at->first < first_after_->first);
        if (counted) aggregate_.remove(at->second.value, at->second.number);
        if (first_in_ == at) ++first_in_;
        if (first_after_ == at) ++first_after_;
    }
    lasting_.erase(at->first);
    matches.erase(at);
}

// Counts the window that ends there: only what enters or leaves on the way is looked at.
void CorrelationWindow::seek(const Place& end) {
    Matches& matches = matches_.front();
    while (first_after_ != matches.end() && !(end < first_after_->first)) {
        aggregate_.add(first_after_->second.value, first_after_->second.number);
        ++first_after_;
    }
    while (first_after_ != matches.begin() && end < std::prev(first_after_)->first) {
        const bool empty = first_in_ == first_after_;
        --first_after_;
        if (empty)
            first_in_ = first_after_;
        else
            aggregate_.remove(first_after_->second.value, first_after_->second.number);
    }
    const WallTime start = end.order.time - numbers_.timespan;
    for (; first_in_ != first_after_ && first_in_->first.order.time < start; ++first_in_)
        aggregate_.remove(first_in_->second.value, first_in_->second.number);
    while (first_in_ != matches.begin() && std::prev(first_in_)->first.order.time >= start) {
        --first_in_;
        aggregate_.add(first_in_->second.value, first_in_->second.number);
    }
}

// --- judging
// -------------------------------------------------------------------------------------------------------------

// The windows that this match is in end with it or at most a timespan later, and not with what stands before it in the
// order, be it of the same time; a `not` looks both ways.
CorrelationWindow::Places CorrelationWindow::touched_by(const WindowMatch& match) const {
    const Place own{match.order, match.part};
    Places places{own};
    const WallTime last = later(match.until, numbers_.timespan);
    add_between(match.order, last, places);
    if (negated_[static_cast<std::size_t>(match.part)]) {
        const WallTime first = match.order.time - numbers_.timespan;
        for (const auto* judged : {&holds_, &pending_})
            for (auto at = judged->lower_bound({EventOrder::before(first), INT_MIN});
                 at != judged->end() && at->first.order.time <= last; ++at)
                places.insert(at->first);
    }
    std::erase_if(places, [&](const Place& place) { return place != own && !is_open(place.order); });
    return places;
}

void CorrelationWindow::add_between(const EventOrder& from, WallTime until, Places& places) const {
    for (const Matches& matches : matches_)
        for (auto at = matches.lower_bound({from, INT_MIN});
             at != matches.end() && at->first.order.time <= until; ++at)
            places.insert(at->first);
}

void CorrelationWindow::settle(const Places& candidates, Findings& findings) {
    Places changed;
    for (const Place& place : candidates) {
        judge(place);
        changed.insert(place);
        const auto next = holds_.upper_bound(place);
        if (next != holds_.end() && is_whole(next->first.order)) changed.insert(next->first);
    }
    speak(changed, findings);
    if (!is_temporal() && !matches_.front().empty()) seek(std::prev(matches_.front().end())->first);
}

void CorrelationWindow::judge(const Place& place) {
    if (const auto at = pending_.find(place); at != pending_.end()) {
        due_.erase({at->second.at, place});
        pending_.erase(at);
    }
    holds_.erase(place);
    if (find(place) == nullptr) return;
    auto verdict = verdict_on(place);
    if (!verdict) return;
    if (verdict->at <= reached_) {
        holds_.emplace(place, std::move(*verdict));
    } else {
        due_.emplace(verdict->at, place);
        pending_.emplace(place, std::move(*verdict));
    }
}

bool CorrelationWindow::is_first(std::map<Place, Verdict>::const_iterator at) const {
    return at == holds_.begin() || std::prev(at)->first.order.time < at->first.order.time - numbers_.timespan;
}

void CorrelationWindow::speak(const Places& changed, Findings& findings) {
    Findings raised;
    for (const Place& place : changed) {
        const auto holds = holds_.find(place);
        std::optional<WindowFinding> now;
        if (holds != holds_.end() && is_first(holds)) now = finding_of(place, holds->second);
        const auto said = said_.find(place);
        if (said != said_.end() && now && said->second == *now) continue;
        if (said != said_.end()) {
            said->second.phase = FindingPhase::withdrawn;
            findings.push_back(std::move(said->second));
            said_.erase(said);
        }
        if (now) {
            said_.emplace(place, *now);
            raised.push_back(std::move(*now));
        }
    }
    std::move(raised.begin(), raised.end(), std::back_inserter(findings));
}

std::optional<CorrelationWindow::Verdict> CorrelationWindow::verdict_on(const Place& end) {
    if (spec_->terms.empty()) return by_number(end);
    std::optional<Verdict> first;
    for (std::size_t term = 0; term < spec_->terms.size(); ++term) {
        auto verdict = by_term(end, static_cast<int>(term));
        if (verdict && (!first || verdict->at < first->at)) first = std::move(verdict);
    }
    return first;
}

std::optional<CorrelationWindow::Verdict> CorrelationWindow::by_number(const Place& end) {
    std::optional<double> value;
    if (is_temporal()) {
        value = parts_present(end);
    } else {
        seek(end);
        value = aggregate_.value();
    }
    if (!value || !conditions_hold(*value)) return std::nullopt;
    return Verdict{end.order.time, -1, {}, *value};
}

bool CorrelationWindow::conditions_hold(double value) const {
    for (std::size_t i = 0; i < spec_->conditions.size(); ++i)
        if (!compare(value, spec_->conditions[i].comparison, numbers_.thresholds[i])) return false;
    return true;
}

// A term is judged where one of its own matches ends the window.
std::optional<CorrelationWindow::Verdict> CorrelationWindow::by_term(const Place& end, int term) const {
    const std::vector<int>& with = spec_->terms[static_cast<std::size_t>(term)].with;
    if (std::find(with.begin(), with.end(), end.part) == with.end()) return std::nullopt;
    return spec_->type == CorrelationType::temporal ? together(end, term) : in_order(end, term);
}

// Its parts within a timespan, and none of the others in any timespan that holds them all.
std::optional<CorrelationWindow::Verdict> CorrelationWindow::together(const Place& end, int number) const {
    const Conjunction& term = spec_->terms[static_cast<std::size_t>(number)];
    const WallTime last = end.order.time, start = last - numbers_.timespan;
    WallTime first = last;
    for (const int part : term.with) {
        const WindowMatch* match = latest(part, end.order, start);
        if (match == nullptr) return std::nullopt;
        first = std::min(first, std::max(match->order.time, std::min(match->until, last)));
    }
    const WallTime decided = first + numbers_.timespan;
    for (const int part : term.without)
        if (touches(part, start, decided)) return std::nullopt;
    return Verdict{term.without.empty() ? last : decided, number, {}, parts_present(end)};
}

// Its parts one after the other within a timespan, and none of the others in their place.
std::optional<CorrelationWindow::Verdict> CorrelationWindow::in_order(const Place& end, int number) const {
    const Conjunction& term = spec_->terms[static_cast<std::size_t>(number)];
    if (end.part != term.with.back()) return std::nullopt;
    std::vector<Place> chain{end};
    const WallTime start = end.order.time - numbers_.timespan;
    if (!find_chain(term.with, term, term.with.size() - 1, start, chain)) return std::nullopt;
    std::reverse(chain.begin(), chain.end());
    const WallTime decided = chain.front().order.time + numbers_.timespan;
    bool waits = false;
    for (const int part : term.without) {
        if (part < term.with.front() && lies_between(part, EventOrder::before(start), chain.front().order))
            return std::nullopt;
        if (part < term.with.back()) continue;  // find_chain() looked between the others
        waits = true;
        if (lies_between(part, end.order, EventOrder::after(decided))) return std::nullopt;
    }
    const auto value = static_cast<double>(chain.size());
    return Verdict{waits ? decided : end.order.time, number, std::move(chain), value};
}

// `chain` is from its end backwards. The nearest predecessor leaves the most time and the smallest gap; only
// where something forbidden lies before it is another one tried.
bool CorrelationWindow::find_chain(const std::vector<int>& with, const Conjunction& term, std::size_t level,
                                   WallTime start, std::vector<Place>& chain) const {
    if (level == 0) return true;
    const int part = with[level - 1];
    const Place next = chain.back();
    const Matches& matches = matches_of(part);
    auto at = matches.lower_bound({next.order, INT_MIN});
    while (at != matches.begin()) {
        --at;
        if (at->first.order.time < start) return false;
        for (const int forbidden : term.without)
            if (forbidden > part && forbidden < with[level] &&
                lies_between(forbidden, at->first.order, next.order))
                return false;
        chain.push_back(at->first);
        if (find_chain(with, term, level - 1, start, chain)) return true;
        chain.pop_back();
        if (term.without.empty()) return false;
    }
    return false;
}

// The last match of a part up to there that reaches into the window.
const WindowMatch* CorrelationWindow::latest(int part, const EventOrder& end, WallTime start) const {
    const Matches& matches = matches_of(part);
    if (auto at = matches.upper_bound({end, INT_MAX}); at != matches.begin() && (--at)->second.until >= start)
        return &at->second;
    for (auto place = lasting_.rbegin(); place != lasting_.rend(); ++place) {
        if (place->part != part || place->order > end) continue;
        if (const WindowMatch* match = find(*place); match->until >= start) return match;
    }
    return nullptr;
}

bool CorrelationWindow::touches(int part, WallTime from, WallTime until) const {
    const Matches& matches = matches_of(part);
    const auto at = matches.lower_bound({EventOrder::before(from), INT_MIN});
    if (at != matches.end() && at->first.order.time <= until) return true;
    return std::any_of(lasting_.begin(), lasting_.end(), [&](const Place& place) {
        return place.part == part && place.order.time <= until && find(place)->until >= from;
    });
}

bool CorrelationWindow::lies_between(int part, const EventOrder& low, const EventOrder& high) const {
    const Matches& matches = matches_of(part);
    const auto at = matches.upper_bound({low, INT_MAX});
    return at != matches.end() && at->first.order < high;
}

double CorrelationWindow::parts_present(const Place& end) const {
    int count = 0;
    for (std::size_t part = 0; part < spec_->parts.size(); ++part)
        if (latest(static_cast<int>(part), end.order, end.order.time - numbers_.timespan) != nullptr) ++count;
    return count;
}

// --- what is said
// -------------------------------------------------------------------------------------------------------------

std::vector<const WindowMatch*> CorrelationWindow::members_of(const Place& end,
                                                              const Verdict& verdict) const {
    std::vector<const WindowMatch*> members;
    for (const Place& place : verdict.chain)
        members.push_back(find(place));
    if (!members.empty()) return members;
    const WallTime start = end.order.time - numbers_.timespan;
    const auto belongs = [&](int part) {
        if (verdict.term < 0) return true;
        const auto& with = spec_->terms[static_cast<std::size_t>(verdict.term)].with;
        return std::find(with.begin(), with.end(), part) != with.end();
    };
    for (const Place& place : lasting_)
        if (const WindowMatch* match = find(place);
            place.order.time < start && match->until >= start && is_temporal() && belongs(place.part))
            members.push_back(match);
    for (const Matches& matches : matches_)
        for (auto at = matches.lower_bound({EventOrder::before(start), INT_MIN});
             at != matches.end() && at->first.order <= end.order; ++at)
            if (belongs(at->second.part)) members.push_back(&at->second);
    std::sort(members.begin(), members.end(), [](const WindowMatch* a, const WindowMatch* b) {
        return std::tie(a->order, a->part) < std::tie(b->order, b->part);
    });
    return members;
}

WindowFinding CorrelationWindow::finding_of(const Place& end, const Verdict& verdict) const {
    const auto members = members_of(end, verdict);
    WindowFinding finding;
    finding.order = end.order;
    finding.order.time = verdict.at;
    finding.started_at = members.front()->order.time;
    finding.value = verdict.value;
    std::set<std::int64_t> taken;
    for (const WindowMatch* match : members)
        for (const std::int64_t reference : match->evidence)
            if (taken.insert(reference).second) finding.evidence.push_back(reference);
    if (finding.evidence.size() > kEvidenceMax) {
        finding.evidence[kEvidenceMax - 1] = finding.evidence.back();
        finding.evidence.resize(kEvidenceMax);
    }
    return finding;
}

// --- bounds
// -------------------------------------------------------------------------------------------------------------

void CorrelationWindow::forget_before(WallTime time) {
    kept_from_ = std::max(kept_from_, time);
    const Place limit{EventOrder::before(time), INT_MIN};
    std::size_t surplus = size() > kMatchesMax ? size() - kMatchesMax : 0;
    for (Matches& matches : matches_)
        for (auto at = matches.begin(); at != matches.end() && (at->first < limit || surplus > 0);) {
            const auto here = at++;
            if (here->second.until == WallTime::max()) continue;
            const bool old = here->second.until < time;
            if (!old && surplus == 0) continue;
            if (!old) {
                ++dropped_, --surplus;
                thinned_to_ = std::max(thinned_to_, here->first.order.time + std::chrono::milliseconds(1));
            }
            erase(here);
        }
    // What a later match is joined to may be older than the matches themselves.
    const Place joined{EventOrder::before(time - numbers_.timespan), INT_MIN};
    holds_.erase(holds_.begin(), holds_.lower_bound(joined));
    said_.erase(said_.begin(), said_.lower_bound(joined));
}

std::size_t CorrelationWindow::size() const {
    std::size_t size = 0;
    for (const Matches& matches : matches_)
        size += matches.size();
    return size;
}

bool CorrelationWindow::lasts() const {
    return std::any_of(lasting_.begin(), lasting_.end(),
                       [&](const Place& place) { return find(place)->until == WallTime::max(); });
}

WallTime CorrelationWindow::newest() const {
    WallTime newest = WallTime::min();
    for (const Matches& matches : matches_)
        if (!matches.empty()) newest = std::max(newest, std::prev(matches.end())->first.order.time);
    return newest;
}

// --- restart
// -------------------------------------------------------------------------------------------------------------

Record CorrelationWindow::snapshot() const {
    List list, thresholds;
    for (const Matches& matches : matches_)
        for (const auto& [place, match] : matches) {
            List evidence;
            for (const std::int64_t reference : match.evidence)
                evidence.emplace_back(reference);
            list.emplace_back(
                List{match.part, match.order.to_list(),
                     match.until == WallTime::max() ? Value(nullptr) : Value(to_number(match.until)),
                     std::move(evidence), match.value, match.number ? Value(*match.number) : Value(nullptr)});
        }
    for (const double threshold : numbers_.thresholds)
        thresholds.emplace_back(threshold);
    Record record{{"timespan", static_cast<std::int64_t>(numbers_.timespan.count())},
                  {"reached", to_number(reached_)},
                  {"kept_from", to_number(kept_from_)},
                  {"dropped", dropped_}};
    record.set("matches", std::move(list));  // an initializer would copy them
    record.set("thresholds", std::move(thresholds));
    return record;
}

void CorrelationWindow::restore(const Record& record) {
    const auto list = [&](std::string_view name) -> const List& {
        static const List kNone;
        const Value* value = record.find(name);
        return value != nullptr && value->as<List>() != nullptr ? *value->as<List>() : kNone;
    };
    for (const Value& item : list("matches")) {
        const auto* row = item.as<List>();
        if (row == nullptr || row->size() != 6 || (*row)[1].as<List>() == nullptr) continue;
        WindowMatch match;
        match.part = static_cast<int>(to_integer((*row)[0]));
        if (match.part < 0 || match.part >= static_cast<int>(spec_->parts.size())) continue;
        match.order = EventOrder::from_list(*(*row)[1].as<List>());
        match.until = (*row)[2].is_null() ? WallTime::max() : to_time((*row)[2]);
        if (const auto* evidence = (*row)[3].as<List>())
            for (const Value& reference : *evidence)
                match.evidence.push_back(to_integer(reference));
        if (const auto* text = (*row)[4].as<std::string>()) match.value = *text;
        match.number = number_of((*row)[5]);
        insert(std::move(match));
    }
    numbers_.timespan = std::chrono::milliseconds(integer_of(record, "timespan"));
    if (list("thresholds").size() == numbers_.thresholds.size())
        for (std::size_t i = 0; i < numbers_.thresholds.size(); ++i)
            numbers_.thresholds[i] = number_of(list("thresholds")[i]).value_or(0);
    reached_ = WallTime(std::chrono::milliseconds(integer_of(record, "reached")));
    dropped_ = static_cast<std::uint64_t>(integer_of(record, "dropped"));
    // What was said follows from the matches.
    Places all;
    for (const Matches& matches : matches_)
        for (const auto& [place, match] : matches)
            all.insert(place);
    Findings said;
    settle(all, said);
    if (record.contains("kept_from")) kept_from_ = WallTime(std::chrono::milliseconds(integer_of(record, "kept_from")));
}

}  // namespace sallyport::rules
