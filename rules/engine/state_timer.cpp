// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/state_timer.hpp"

#include <algorithm>

namespace sallyport::rules {
namespace {

// How much of a group's past can still be put in order; beyond it a late mark only acts on what is now. At the upper
// bound all but the lower go at once: dropping one at a time would move all others for each mark.
constexpr std::size_t kMarksMin = 48;
constexpr std::size_t kMarksMax = 64;
// One terminal's events come in their order, and among them only what the collector saw itself: where nothing ever began
// its last end is enough. With every event an end, as of most rules on a terminal in order, ten thousand terminals would
// keep hundreds of megabytes of them.
constexpr std::size_t kEndsMin = 1;
constexpr std::size_t kEndsMax = 2;
constexpr std::size_t kOpeningsMax = 64;

}  // namespace

const StateTimer::Course& StateTimer::course() const {
    static const Course kNone;
    return course_ ? *course_ : kNone;
}

StateTimer::Course& StateTimer::begin_course() {
    if (!course_) course_ = std::make_unique<Course>();
    return *course_;
}

// The first time at which the condition has lasted that long, as far as it is known.
std::optional<WallTime> StateTimer::deadline_of(const State& state) const {
    if (told_ == nullptr) return state.begun.time + state.lasts;
    for (const Opening& opening : course().openings) {
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
    const bool replaces = in_order && one_terminal_ && !course_ && !mark.begins && marks_.size() == 1;
    if (replaces)
        marks_.front() = mark;  // as forget_old() would, without room for two
    else
        marks_.insert(std::upper_bound(marks_.begin(), marks_.end(), mark, before), mark);
    reached_ = std::max(reached_, mark.order.time);
    if (mark.begins) begin_course();
    if (!in_order)
        fold_again(changes);
    else if (course_)
        apply_last(changes);
    forget_needless();
    forget_old();
}

void StateTimer::apply_last(Changes& changes) {
    Episodes episodes;
    apply(course_->now, marks_.back(), episodes);
    for (auto& [begun, episode] : episodes) {
        const auto [said, is_new] = course_->said.emplace(begun, episode);
        if (is_new) {
            say(episode, changes);
        } else if (episode.cleared) {
            said->second.cleared = episode.cleared;
            changes.push_back(*episode.cleared);
        }
    }
}

// All that the kept marks come to, beside what was said of them.
void StateTimer::fold_again(Changes& changes) {
    if (!course_) return;
    auto& [base, now, known, openings] = *course_;
    Episodes episodes;
    if (base.raised)
        if (const auto said = known.find(base.begun); said != known.end())
            episodes[base.begun] = {said->second.raised, {}};
    now = base;
    for (const StateMark& mark : marks_)
        apply(now, mark, episodes);
    reach(now, reached_, episodes);
    Changes raised;
    for (const auto& [begun, said] : known) {
        const auto at = episodes.find(begun);
        const bool stands = at != episodes.end() && at->second.raised.at == said.raised.at;
        const bool goes_on = stands && said.cleared && !at->second.cleared;
        if (stands && !goes_on) continue;
        changes.push_back(said.raised);
        changes.back().phase = FindingPhase::withdrawn;
        if (at != episodes.end()) say(at->second, raised);
    }
    for (const auto& [begun, episode] : episodes) {
        const auto said = known.find(begun);
        if (said == known.end())
            say(episode, raised);
        else if (said->second.raised.at == episode.raised.at && episode.cleared &&
                 (!said->second.cleared || said->second.cleared->at != episode.cleared->at))
            raised.push_back(*episode.cleared);
    }
    known = std::move(episodes);
    std::move(raised.begin(), raised.end(), std::back_inserter(changes));
}

// Between two ends that are closer than the condition has to last, a third says nothing: whatever begins between them,
// however late that is told, ends in time.
void StateTimer::forget_needless() {
    if (marks_.size() < 3) return;
    const auto last = marks_.end() - 1, first = marks_.end() - 3;
    const bool only_ends = std::none_of(first, marks_.end(), [](const StateMark& mark) { return mark.begins; });
    const auto lasts = std::min({first->lasts, std::next(first)->lasts, last->lasts});
    if (only_ends && last->order.time - first->order.time < lasts) marks_.erase(std::next(first));
}

void StateTimer::forget_old() {
    const bool only_ends = one_terminal_ && !course_;
    if (marks_.size() >= (only_ends ? kEndsMax : kMarksMax)) {
        Episodes known;
        const auto kept = marks_.end() - static_cast<std::ptrdiff_t>(only_ends ? kEndsMin : kMarksMin);
        for (auto mark = marks_.begin(); course_ && mark != kept; ++mark)
            apply(course_->base, *mark, known);
        marks_.erase(marks_.begin(), kept);
    }
    if (!course_) return;
    auto& [base, now, said, openings] = *course_;
    const EventOrder oldest = marks_.empty() ? EventOrder{} : marks_.front().order;
    for (auto at = said.begin(); at != said.end() && at->first < oldest;)
        at = base.active && at->first == base.begun ? std::next(at) : said.erase(at);
}

void StateTimer::reach(WallTime time, Changes& changes) {
    reached_ = std::max(reached_, time);
    if (!course_) return;
    Episodes episodes;
    reach(course_->now, reached_, episodes);
    for (auto& [begun, episode] : episodes) {
        say(episode, changes);
        course_->said.insert_or_assign(begun, std::move(episode));
    }
}

std::optional<WallTime> StateTimer::deadline() const {
    const State& now = course().now;
    return now.active && !now.raised ? deadline_of(now) : std::nullopt;
}

bool StateTimer::tell_gate(bool open, WallTime before, std::chrono::milliseconds patience) {
    const bool goes_on = before != WallTime::min() && *told_ - before <= patience;
    const bool was_open = !course().openings.empty() && !course().openings.back().until;
    const bool stays_open = was_open && open && goes_on;
    if (stays_open || (!was_open && !open)) return false;
    auto& openings = begin_course().openings;
    if (was_open) openings.back().until = before;
    if (open) openings.push_back({*told_, {}});
    if (openings.size() > kOpeningsMax) openings.erase(openings.begin());
    return true;
}

// --- restart
// -------------------------------------------------------------------------------------------------------------

Record StateTimer::snapshot() const {
    List marks, openings;
    for (const StateMark& mark : marks_)
        marks.emplace_back(List{mark.order.to_list(), mark.reference, mark.begins, mark.ends,
                                static_cast<std::int64_t>(mark.lasts.count())});
    for (const Opening& opening : course().openings)
        openings.emplace_back(
            List{to_number(opening.from), opening.until ? Value(to_number(*opening.until)) : Value(nullptr)});
    Record record{{"marks", std::move(marks)}, {"reached", to_number(reached_)}};
    if (const State& base = course().base; base.active)
        record.set("base", List{base.begun.to_list(), base.reference,
                                static_cast<std::int64_t>(base.lasts.count()),
                                base.raised ? Value(to_number(base.at)) : Value(nullptr)});
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
            begin_course().openings.push_back(
                {to_time((*row)[0]), (*row)[1].is_null() ? std::nullopt : std::optional(to_time((*row)[1]))});
    reached_ = WallTime(std::chrono::milliseconds(integer_of(record, "reached")));
    if (std::any_of(marks_.begin(), marks_.end(), [](const StateMark& mark) { return mark.begins; }))
        begin_course();
    if (const List& base = list("base"); base.size() == 4) {
        begin_course().base = {true,
                               !base[3].is_null(),
                               order(base[0]),
                               to_integer(base[1]),
                               std::chrono::milliseconds(to_integer(base[2])),
                               to_time(base[3])};
        if (const State& kept = course_->base; kept.raised) course_->said[kept.begun] = {raised_of(kept), {}};
    }
    // What was said follows from the marks.
    Changes said;
    fold_again(said);
}

}  // namespace sallyport::rules
