// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/state_timer.hpp"

#include <algorithm>

namespace sallyport::rules {
namespace {

// How much of a group's past can still be put in order; beyond it a late mark only acts on what is now. At the upper
// bound all but the lower go at once: dropping one at a time would move all others for each mark.
constexpr std::size_t kMarksMin = 48;
constexpr std::size_t kMarksMax = 64;
constexpr std::size_t kOpeningsMax = 64;

}  // namespace

// The first time at which the condition has lasted that long, as far as it is known.
std::optional<WallTime> StateTimer::deadline_of(const State& state) const {
    if (told_ == nullptr) return state.begun.time + state.lasts;
    for (const Opening& opening : openings_) {
        const WallTime due = std::max(state.begun.time, opening.from) + state.lasts;
        if (!opening.until || due <= *opening.until) return due;
    }
    return std::nullopt;
}

StateChange StateTimer::raised_of(const State& state) {
    StateChange change{FindingPhase::raised, state.begun, state.at, state.at, state.lasts, {}};
    if (state.reference != 0) change.evidence.push_back(state.reference);
    return change;
}

void StateTimer::reach(State& state, WallTime time, Episodes& episodes) const {
    if (!state.active || state.raised) return;
    const auto due = deadline_of(state);
    if (!due || *due > time || (told_ != nullptr && *due > *told_)) return;
    state.raised = true;
    state.at = *due;
    episodes[state.begun] = {raised_of(state), {}};
}

void StateTimer::apply(State& state, const StateMark& mark, Episodes& episodes) const {
    reach(state, mark.order.time, episodes);
    if (mark.ends && state.active) {
        if (state.raised) {
            StateChange cleared = raised_of(state);
            cleared.phase = FindingPhase::cleared;
            cleared.at = mark.order.time;
            // What no event began is known by its start, not by the event that ended it.
            if (state.reference != 0 && mark.reference != 0) cleared.evidence.push_back(mark.reference);
            episodes[state.begun] = {raised_of(state), std::move(cleared)};
        }
        state = {};
    }
    if (mark.begins && !state.active) {
        state = {true, false, mark.order, mark.reference, mark.lasts, {}};
        reach(state, mark.order.time, episodes);
    }
}

void StateTimer::say(const Episode& episode, Changes& changes) {
    changes.push_back(episode.raised);
    if (episode.cleared) changes.push_back(*episode.cleared);
}

void StateTimer::add(const StateMark& mark, Changes& changes) {
    const auto before = [](const StateMark& a, const StateMark& b) { return a.order < b.order; };
    const bool in_order = mark.order.time >= reached_ && (marks_.empty() || marks_.back().order < mark.order);
    marks_.insert(std::upper_bound(marks_.begin(), marks_.end(), mark, before), mark);
    reached_ = std::max(reached_, mark.order.time);
    if (!in_order) {
        fold_again(changes);
    } else {
        Episodes episodes;
        apply(now_, mark, episodes);
        for (auto& [begun, episode] : episodes) {
            const auto [said, is_new] = said_.emplace(begun, episode);
            if (is_new) {
                say(episode, changes);
            } else if (episode.cleared) {
                said->second.cleared = episode.cleared;
                changes.push_back(*episode.cleared);
            }
        }
    }
    forget_old();
}

// All that the kept marks come to, beside what was said of them.
void StateTimer::fold_again(Changes& changes) {
    Episodes episodes;
    if (base_.raised)
        if (const auto said = said_.find(base_.begun); said != said_.end())
            episodes[base_.begun] = {said->second.raised, {}};
    now_ = base_;
    for (const StateMark& mark : marks_)
        apply(now_, mark, episodes);
    reach(now_, reached_, episodes);
    Changes raised;
    for (const auto& [begun, said] : said_) {
        const auto at = episodes.find(begun);
        const bool stands = at != episodes.end() && at->second.raised.at == said.raised.at;
        const bool goes_on = stands && said.cleared && !at->second.cleared;
        if (stands && !goes_on) continue;
        changes.push_back(said.raised);
        changes.back().phase = FindingPhase::withdrawn;
        if (at != episodes.end()) say(at->second, raised);
    }
    for (const auto& [begun, episode] : episodes) {
        const auto said = said_.find(begun);
        if (said == said_.end())
            say(episode, raised);
        else if (said->second.raised.at == episode.raised.at && episode.cleared &&
                 (!said->second.cleared || said->second.cleared->at != episode.cleared->at))
            raised.push_back(*episode.cleared);
    }
    said_ = std::move(episodes);
    std::move(raised.begin(), raised.end(), std::back_inserter(changes));
}

void StateTimer::forget_old() {
    if (marks_.size() >= kMarksMax) {
        Episodes known;
        const auto kept = marks_.end() - kMarksMin;
        for (auto mark = marks_.begin(); mark != kept; ++mark)
            apply(base_, *mark, known);
        marks_.erase(marks_.begin(), kept);
    }
    const EventOrder oldest = marks_.empty() ? EventOrder{} : marks_.front().order;
    for (auto at = said_.begin(); at != said_.end() && at->first < oldest;)
        at = base_.active && at->first == base_.begun ? std::next(at) : said_.erase(at);
}

void StateTimer::reach(WallTime time, Changes& changes) {
    reached_ = std::max(reached_, time);
    Episodes episodes;
    reach(now_, reached_, episodes);
    for (auto& [begun, episode] : episodes) {
        say(episode, changes);
        said_.insert_or_assign(begun, std::move(episode));
    }
}

std::optional<WallTime> StateTimer::deadline() const {
    return now_.active && !now_.raised ? deadline_of(now_) : std::nullopt;
}

bool StateTimer::tell_gate(bool open, WallTime before, std::chrono::milliseconds patience) {
    const bool goes_on = before != WallTime::min() && *told_ - before <= patience;
    const bool was_open = !openings_.empty() && !openings_.back().until;
    const bool stays_open = was_open && open && goes_on;
    if (stays_open || (!was_open && !open)) return false;
    if (was_open) openings_.back().until = before;
    if (open) openings_.push_back({*told_, {}});
    if (openings_.size() > kOpeningsMax) openings_.erase(openings_.begin());
    return true;
}

// --- restart
// -------------------------------------------------------------------------------------------------------------

Record StateTimer::snapshot() const {
    List marks, openings;
    for (const StateMark& mark : marks_)
        marks.emplace_back(List{mark.order.to_list(), mark.reference, mark.begins, mark.ends,
                                static_cast<std::int64_t>(mark.lasts.count())});
    for (const Opening& opening : openings_)
        openings.emplace_back(
            List{to_number(opening.from), opening.until ? Value(to_number(*opening.until)) : Value(nullptr)});
    Record record{{"marks", std::move(marks)}, {"reached", to_number(reached_)}};
    if (base_.active)
        record.set("base", List{base_.begun.to_list(), base_.reference,
                                static_cast<std::int64_t>(base_.lasts.count()),
                                base_.raised ? Value(to_number(base_.at)) : Value(nullptr)});
    if (told_ != nullptr) record.set("openings", std::move(openings));
    return record;
}

void StateTimer::restore(const Record& record) {
    const auto list = [&](std::string_view name) -> const List& {
        static const List kNone;
        const Value* value = record.find(name);
        return value != nullptr && value->as<List>() != nullptr ? *value->as<List>() : kNone;
    };
    const auto order = [](const Value& value) {
        return value.as<List>() != nullptr ? EventOrder::from_list(*value.as<List>()) : EventOrder{};
    };
    for (const Value& item : list("marks"))
        if (const auto* row = item.as<List>(); row != nullptr && row->size() == 5)
            marks_.push_back({order((*row)[0]), to_integer((*row)[1]), (*row)[2] == Value(true),
                              (*row)[3] == Value(true), std::chrono::milliseconds(to_integer((*row)[4]))});
    for (const Value& item : list("openings"))
        if (const auto* row = item.as<List>(); row != nullptr && row->size() == 2)
            openings_.push_back(
                {to_time((*row)[0]), (*row)[1].is_null() ? std::nullopt : std::optional(to_time((*row)[1]))});
    reached_ = WallTime(std::chrono::milliseconds(integer_of(record, "reached")));
    if (const List& base = list("base"); base.size() == 4) {
        base_ = {true,
                 !base[3].is_null(),
                 order(base[0]),
                 to_integer(base[1]),
                 std::chrono::milliseconds(to_integer(base[2])),
                 to_time(base[3])};
        if (base_.raised) said_[base_.begun] = {raised_of(base_), {}};
    }
    // What was said follows from the marks.
    Changes said;
    fold_again(said);
}

}  // namespace sallyport::rules
