// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/state_timer.hpp"

#include <algorithm>

namespace sallyport::rules {
namespace {

// How much of a group's past can still be put in order; beyond it a late mark only acts on what is now.
constexpr std::size_t kMarksMax = 256;
constexpr std::size_t kSaidMax = 64;

std::int64_t to_number(WallTime time) {
    return time.time_since_epoch().count();
}
WallTime to_time(std::int64_t number) {
    return WallTime(std::chrono::milliseconds(number));
}

}  // namespace

void StateTimer::reach(State& state, WallTime time, std::vector<StateChange>& changes) {
    if (!state.active || state.raised || state.deadline > time) return;
    state.raised = true;
    changes.push_back({true, state.started_at, state.deadline, state.lasts, {state.reference}});
}

void StateTimer::apply(State& state, const StateMark& mark, std::vector<StateChange>& changes) {
    reach(state, mark.time, changes);
    if (mark.ends && state.active) {
        if (state.raised)
            changes.push_back(
                {false, state.started_at, mark.time, state.lasts, {state.reference, mark.reference}});
        state = {};
    }
    if (mark.begins && !state.active) {
        state = {true, false, mark.time, mark.time + mark.lasts, mark.reference, mark.lasts};
        reach(state, mark.time, changes);
    }
}

void StateTimer::say(StateChange change, std::vector<StateChange>& changes) {
    if (said_.emplace(change.started_at, change.raised).second) changes.push_back(std::move(change));
    while (said_.size() > kSaidMax)
        said_.erase(said_.begin());
}

void StateTimer::add(const StateMark& mark, std::vector<StateChange>& changes) {
    // What begins again while it lasts changes nothing, and nothing ends what is not there: unless something
    // comes late, and that is then judged by the marks that did.
    const bool late = mark.time < reached_ && (!marks_.empty() && mark.time < marks_.back().time);
    if (late) {
        recompute(mark, changes);
        return;
    }
    std::vector<StateChange> found;
    apply(now_, mark, found);
    marks_.push_back(mark);
    reached_ = std::max(reached_, mark.time);
    reach(now_, reached_, found);
    for (auto& change : found)
        say(std::move(change), changes);
    forget_old();
}

void StateTimer::recompute(const StateMark& late, std::vector<StateChange>& changes) {
    const auto before = [](const StateMark& a, const StateMark& b) { return a.time < b.time; };
    marks_.insert(std::upper_bound(marks_.begin(), marks_.end(), late, before), late);
    now_ = base_;
    std::vector<StateChange> found;
    for (const StateMark& mark : marks_)
        apply(now_, mark, found);
    reach(now_, reached_, found);
    std::set<WallTime> raised;
    for (auto& change : found) {
        if (change.raised) raised.insert(change.started_at);
        say(std::move(change), changes);
    }
    // Said too early, while the end was still on its way: it is taken back by clearing it.
    std::vector<StateChange> taken_back;
    for (const StateMark& mark : marks_)
        if (mark.begins && said_.contains({mark.time, true}) && !raised.contains(mark.time) &&
            !said_.contains({mark.time, false}))
            taken_back.push_back({false,
                                  mark.time,
                                  std::max(mark.time, late.time),
                                  mark.lasts,
                                  {mark.reference, late.reference}});
    for (auto& change : taken_back)
        say(std::move(change), changes);
    forget_old();
}

void StateTimer::forget_old() {
    while (marks_.size() > kMarksMax) {
        std::vector<StateChange> known;
        apply(base_, marks_.front(), known);
        marks_.pop_front();
    }
}

void StateTimer::reach(WallTime time, std::vector<StateChange>& changes) {
    if (time <= reached_) return;
    reached_ = time;
    std::vector<StateChange> found;
    reach(now_, time, found);
    for (auto& change : found)
        say(std::move(change), changes);
}

std::optional<WallTime> StateTimer::deadline() const {
    return now_.active && !now_.raised ? std::optional(now_.deadline) : std::nullopt;
}

Record StateTimer::snapshot() const {
    const auto state = [](const State& from) {
        return Record{{"active", from.active},
                      {"raised", from.raised},
                      {"started_at", to_number(from.started_at)},
                      {"deadline", to_number(from.deadline)},
                      {"reference", from.reference},
                      {"lasts", static_cast<std::int64_t>(from.lasts.count())}};
    };
    List marks, said;
    for (const StateMark& mark : marks_)
        marks.emplace_back(List{to_number(mark.time), mark.reference, mark.begins, mark.ends,
                                static_cast<std::int64_t>(mark.lasts.count())});
    for (const auto& [started_at, raised] : said_)
        said.emplace_back(List{to_number(started_at), raised});
    return Record{{"base", state(base_)},
                  {"now", state(now_)},
                  {"marks", std::move(marks)},
                  {"said", std::move(said)},
                  {"reached", to_number(reached_)}};
}

StateTimer StateTimer::restore(const Record& record) {
    StateTimer timer;
    const auto state = [](const Record* from) {
        State to;
        if (from == nullptr) return to;
        to.active = flag_of(*from, "active");
        to.raised = flag_of(*from, "raised");
        to.started_at = to_time(integer_of(*from, "started_at"));
        to.deadline = to_time(integer_of(*from, "deadline"));
        to.reference = integer_of(*from, "reference");
        to.lasts = std::chrono::milliseconds(integer_of(*from, "lasts"));
        return to;
    };
    const auto part = [&](std::string_view name) {
        const Value* value = record.find(name);
        return value == nullptr ? nullptr : value->as<Record>();
    };
    const auto each = [&](std::string_view name, std::size_t size, const auto& use) {
        const Value* value = record.find(name);
        if (const auto* list = value == nullptr ? nullptr : value->as<List>())
            for (const Value& item : *list)
                if (const auto* row = item.as<List>(); row != nullptr && row->size() == size) use(*row);
    };
    const auto number = [](const Value& value) {
        return value.as<std::int64_t>() != nullptr ? *value.as<std::int64_t>() : 0;
    };
    const auto flag = [](const Value& value) { return value.as<bool>() != nullptr && *value.as<bool>(); };
    timer.base_ = state(part("base"));
    timer.now_ = state(part("now"));
    timer.reached_ = to_time(integer_of(record, "reached"));
    each("marks", 5, [&](const List& row) {
        timer.marks_.push_back({to_time(number(row[0])), number(row[1]), flag(row[2]), flag(row[3]),
                                std::chrono::milliseconds(number(row[4]))});
    });
    each("said", 2, [&](const List& row) { timer.said_.emplace(to_time(number(row[0])), flag(row[1])); });
    return timer;
}

}  // namespace sallyport::rules
