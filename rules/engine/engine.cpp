// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/engine.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "protocol/json.hpp"
#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/correlation_window.hpp"
#include "rules/engine/event_groups.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/group.hpp"
#include "rules/engine/group_table.hpp"
#include "rules/engine/matcher.hpp"
#include "rules/engine/reference_set.hpp"
#include "rules/engine/state_ledger.hpp"
#include "rules/engine/state_timer.hpp"
#include "rules/engine/timer_queue.hpp"

namespace sallyport::rules {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kFormat = "rules-state/4";
constexpr std::string_view kAnyFormat = "rules-state/";
// Windows stay open for late events this long (decision 2).
constexpr std::chrono::hours kLateness{72};
constexpr std::chrono::hours kSweepEvery{1};

// How long the caller may be silent about members before that counts as not having listened: a quarter of the
// rule's time, so that a restart does not start long silences anew, and short ones get their time again.
constexpr std::chrono::seconds kPatienceMin{90};
constexpr std::chrono::minutes kPatienceMax{5};
milliseconds patience_of(milliseconds lasts) {
    return std::clamp<milliseconds>(lasts / 4, kPatienceMin, kPatienceMax);
}

// The state of one group under one rule. There are some thirty of each terminal: its order saves their
// padding.
template <class State>
struct Slot {
    template <class Argument>
    Slot(Argument&& argument, TimerQueue::Id id) : state(std::forward<Argument>(argument)), timer(id) {}

    [[no_unique_address]] State state;
    bool expected = false;  // a member, when members were told last
    TimerQueue::Id timer;
    std::uint32_t told = 0;              // the last telling that named it
    WallTime touched = WallTime::min();  // on the collector's clock
};
using TimerSlot = Slot<StateTimer>;
using WindowSlot = Slot<CorrelationWindow>;

// What a rule was told of the members it watches over.
struct Telling {
    WallTime before = WallTime::min(), told = WallTime::min();  // the last but one, and the last
    std::vector<TimerQueue::Id> later;                          // timers with something later than that
};

class Machine final : public Engine {
public:
    Machine(std::shared_ptr<const CompiledRules> rules, ParameterSource parameters, EngineLimits limits)
        : rules_(std::move(rules)),
          parameters_(std::move(parameters)),
          limits_(limits),
          matcher_(rules_),
          timers_(rules_->compiled.size()),
          windows_(rules_->compiled.size()),
          tellings_(rules_->compiled.size()),
          one_terminal_(rules_->compiled.size(), false),
          taken_up_(rules_->compiled.size(), false),
          ledger_(rules_->compiled.size()) {
        grouped_by_.resize(rules_->compiled.size());
        for (std::size_t i = 0; i < rules_->compiled.size(); ++i)
            if (const StateSpec* state = rules_->compiled[i].state()) {
                states_.push_back(static_cast<int>(i));
                grouped_by_[i] = event_groups_.number_of(state->group_by);
                one_terminal_[i] = std::find(state->group_by.begin(), state->group_by.end(), "terminal_id") !=
                                   state->group_by.end();
            }
    }

    void process(const InputEvent& event, std::vector<Finding>& findings) override {
        if (event.reference != 0) {
            if (!seen_.insert(event.reference)) return;
            ledger_.change_own();
        }
        out_ = &findings;
        ++arrivals_;
        event_groups_.begin(event.fields);
        let_due_timers_fire(event);
        const EventOrder order = order_of(event);
        for (const int rule : find_matches(event))
            on_detection(rule, event, order);
        for (const int rule : states_)
            mark_state(rule, event, order);
    }

    void advance(WallTime now, std::vector<Finding>& findings) override {
        out_ = &findings;
        clock_ = std::max(clock_, now);
        for (auto due = queue_.take_due(now); !due.empty(); due = queue_.take_due(now)) {
            sort_by_values(due);
            for (const TimerQueue::Id id : due)
                on_due(id);
        }
        if (clock_ - swept_at_ >= kSweepEvery) sweep();
    }

    std::optional<WallTime> next_deadline() const override { return queue_.next(); }

    bool watches(std::string_view each) const override {
        return std::any_of(states_.begin(), states_.end(),
                           [&](int rule) { return state_of(rule).each == each; });
    }
    void expect(std::string_view each, const Members& members, WallTime as_of,
                std::vector<Finding>& findings) override;
    bool expect_same(std::string_view each, WallTime as_of, std::vector<Finding>& findings) override;
    void await(std::string_view field, std::string_view value,
               std::optional<WallTime> complete_until) override;

    Result<void> snapshot(const StateSink& sink) const override;
    Result<void> changes(const StateSink& sink) const override;
    void saved() override;
    Result<void> restore(const StateSource& kept) override { return take_up(kept, true); }
    Result<void> take_over(const StateSource& other) override { return take_up(other, false); }
    Fresh fresh() const override;
    EngineStatistics statistics() const override;

private:
    [[nodiscard]] Result<void> hand_own(const StateSink& sink) const;
    [[nodiscard]] Result<void> hand_rule(int rule, const StateSink& sink) const;
    [[nodiscard]] Result<void> hand_group(TimerQueue::Id group, const StateSink& sink) const;
    [[nodiscard]] Result<void> hand_dropped(const StateSink& sink) const;
    class TakingUp;
    [[nodiscard]] Result<void> take_up(const StateSource& source, bool kept);

    using Timers = std::unordered_map<GroupTable::Id, TimerSlot>;
    using Windows = std::unordered_map<GroupTable::Id, WindowSlot>;
    // Whose timer it is.
    struct Owner {
        int rule = -1;
        GroupTable::Id group = 0;
    };

    [[nodiscard]] const CompiledRule& compiled(int rule) const {
        return rules_->compiled[static_cast<std::size_t>(rule)];
    }
    [[nodiscard]] const Rule& about(int rule) const { return rules_->rules_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] const StateSpec& state_of(int rule) const { return *compiled(rule).state(); }
    [[nodiscard]] const CorrelationSpec& correlation(int rule) const {
        return std::get<CorrelationSpec>(compiled(rule).body);
    }
    [[nodiscard]] Timers& timers(int rule) { return timers_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] Windows& windows(int rule) { return windows_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] const Timers& timers(int rule) const { return timers_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] const Windows& windows(int rule) const { return windows_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] Telling& telling(int rule) { return tellings_[static_cast<std::size_t>(rule)]; }
    [[nodiscard]] bool is_told(int rule) const { return !state_of(rule).each.empty(); }

    EventOrder order_of(const InputEvent& event) const {
        return {event.time, event.origin, event.sequence,
                event.reference != 0 ? event.reference : static_cast<std::int64_t>(arrivals_)};
    }

    // --- parameters
    // -------------------------------------------------------------------------------------------

    double parameter(int rule, int index, const Record& fields) const {
        const Parameter& parameter = about(rule).parameters[static_cast<std::size_t>(index)];
        const auto value = parameters_ ? parameters_(about(rule), parameter.name, fields) : std::nullopt;
        const bool taken =
            value && *value >= 0 && (parameter.basis == Basis::project || is_tightening(parameter, *value));
        return taken ? *value : parameter.value;
    }

    milliseconds duration(int rule, const Timespan& timespan, const Record& fields) const {
        if (timespan.parameter < 0) return timespan.value;
        return milliseconds(static_cast<std::int64_t>(parameter(rule, timespan.parameter, fields) * 1000.0));
    }

    WindowNumbers numbers_of(int rule, const CorrelationSpec& spec, const Record& fields) const {
        WindowNumbers numbers{duration(rule, spec.timespan, fields), {}};
        for (const CountCondition& condition : spec.conditions)
            numbers.thresholds.push_back(
                condition.parameter < 0 ? condition.number : parameter(rule, condition.parameter, fields));
        return numbers;
    }

    // --- groups
    // -------------------------------------------------------------------------------------------

    template <class Groups>
    static auto* find_slot(Groups& groups, GroupTable::Id group) {
        const auto at = groups.find(group);
        return at == groups.end() ? nullptr : &at->second;
    }

    // Nothing where the rule has as many groups as it may: the match is refused, and that is counted.
    template <class Groups, class... Arguments>
    typename Groups::mapped_type* slot_of(Groups& groups, int rule, GroupTable::Id group,
                                          Arguments&&... arguments) {
        auto* slot = find_slot(groups, group);
        if (slot == nullptr) {
            if (groups.size() >= limits_.groups_per_rule) {
                ++refused_;
                full_.insert(rule);
                return nullptr;
            }
            const TimerQueue::Id timer = queue_.make();
            if (owners_.size() <= timer) owners_.resize(timer + 1);
            owners_[timer] = {rule, group};
            groups_.hold_again(group);
            slot = &groups
                        .emplace(std::piecewise_construct, std::forward_as_tuple(group),
                                 std::forward_as_tuple(std::forward<Arguments>(arguments)..., timer))
                        .first->second;
        }
        slot->touched = clock_;
        return slot;
    }

    // Whatever they are numbered: the same timers in the same order after a restart.
    void sort_by_values(std::vector<TimerQueue::Id>& timers) const {
        std::sort(timers.begin(), timers.end(), [&](TimerQueue::Id a, TimerQueue::Id b) {
            const Owner &one = owners_[a], &other = owners_[b];
            return std::tie(one.rule, groups_[one.group]) < std::tie(other.rule, groups_[other.group]);
        });
    }

    // Of the event, or the member, that is looked at.
    [[nodiscard]] GroupTable::Id group_of_event(int rule) {
        return event_groups_.of(grouped_by_[static_cast<std::size_t>(rule)]);
    }

    TimerSlot* timer_of(int rule, GroupTable::Id group) {
        return slot_of(timers(rule), rule, group,
                       StateTimer(is_told(rule) ? &telling(rule).told : nullptr,
                                  one_terminal_[static_cast<std::size_t>(rule)]));
    }

    // After whatever was done to it.
    template <class State>
    void set_timer(Slot<State>& slot) {
        queue_.set(slot.timer, slot.state.deadline());
        ledger_.change_group(slot.timer);
    }

    template <class Groups>
    void forget(Groups& groups, typename Groups::iterator at) {
        const TimerQueue::Id timer = at->second.timer;
        if (ledger_.is_kept(timer))
            ledger_.drop_piece(about(owners_[timer].rule).key, text_of_group(groups_[at->first]));
        ledger_.drop_group(timer);
        queue_.release(timer);
        owners_[timer] = {};
        groups_.release(at->first);
        groups.erase(at);
    }

    // --- detections
    // -------------------------------------------------------------------------------------------

    const std::vector<int>& find_matches(const InputEvent& event) {
        const ThresholdSource thresholds = [&](const NumberTest& test) {
            return test.parameter < 0 ? test.threshold : parameter(test.rule, test.parameter, event.fields);
        };
        return matcher_.match(event.fields, event.logsource, thresholds);
    }

    void on_detection(int rule, const InputEvent& event, const EventOrder& order) {
        const auto& spec = std::get<DetectionSpec>(compiled(rule).body);
        if (!spec.state)
            say(rule, FindingKind::detection, FindingPhase::raised,
                named(spec.group_by, group_of(spec.group_by, event.fields)), 1, event.time, event.time,
                {event.reference});
        for (const int consumer : compiled(rule).consumers)
            feed(consumer, rule, event.fields, order, event.time, {event.reference}, event.fields);
    }

    void say(int rule, FindingKind kind, FindingPhase phase,
             std::vector<std::pair<std::string, std::string>> group, double value, WallTime started_at,
             WallTime at, std::vector<std::int64_t> evidence) {
        if (!about(rule).generates) return;
        out_->push_back(
            {about(rule).key, kind, phase, std::move(group), value, started_at, at, std::move(evidence)});
    }

    // --- timers
    // -------------------------------------------------------------------------------------------

    // While nothing at all is due before the event, nobody has to look which timers are its group's.
    void let_due_timers_fire(const InputEvent& event) {
        if (const auto next = queue_.next(); !next || *next > event.time) return;
        std::vector<std::pair<WallTime, int>> due;
        for (const int rule : states_) {
            const TimerSlot* slot = find_slot(timers(rule), group_of_event(rule));
            const auto deadline = slot == nullptr ? std::nullopt : slot->state.deadline();
            if (deadline && *deadline <= event.time) due.emplace_back(*deadline, rule);
        }
        std::sort(due.begin(), due.end());
        for (const auto& [deadline, rule] : due)
            if (const auto group = group_of_event(rule); !waits(rule, group, deadline))
                reach(rule, group, *find_slot(timers(rule), group), deadline, event.fields);
    }

    void on_due(TimerQueue::Id id) {
        const auto [rule, group] = owners_[id];
        if (compiled(rule).state() != nullptr) {
            TimerSlot& slot = timers(rule).at(group);
            const auto deadline = slot.state.deadline();
            if (!deadline || waits(rule, group, *deadline)) return;
            // What is due later than members were told waits until they are told again.
            if (is_told(rule) && telling(rule).told < *deadline) return telling(rule).later.push_back(id);
            reach(rule, group, slot, *deadline, {});
        } else {
            WindowSlot& slot = windows(rule).at(group);
            const auto deadline = slot.state.deadline();
            if (!deadline || waits(rule, group, *deadline)) return;
            CorrelationWindow::Findings found;
            slot.state.reach(*deadline, found);
            on_window_findings(rule, group, found, {});
            set_timer(slot);
        }
    }

    // Whether events are still on their way that may decide it. Then it is set again by await().
    bool waits(int rule, GroupTable::Id id, WallTime deadline) const {
        if (awaited_.empty() || !compiled(rule).waits_for_members) return false;
        const Group& group = groups_[id];
        const auto& fields =
            compiled(rule).state() != nullptr ? state_of(rule).group_by : correlation(rule).group_by;
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (const auto at = awaited_.find({fields[i], group[i]});
                at != awaited_.end() && deadline > at->second)
                return true;
        return false;
    }

    // --- conditions that last
    // ---------------------------------------------------------------------------------

    void mark_state(int rule, const InputEvent& event, const EventOrder& order) {
        const StateSpec& spec = state_of(rule);
        const bool mentioned = matcher_.matched(spec.without);
        const bool begins = spec.after < 0 ? mentioned : matcher_.matched(spec.after);
        // A detection that matches again goes on, whatever else would end it.
        const bool ends = mentioned && !(begins && spec.after == rule);
        if (!begins && !ends) return;
        mark(rule, group_of_event(rule),
             {order, event.reference, begins, ends, duration(rule, spec.timespan, event.fields)},
             event.fields);
    }

    void mark(int rule, GroupTable::Id group, const StateMark& mark, const Record& fields) {
        TimerSlot* slot = timer_of(rule, group);
        if (slot == nullptr) return;
        StateTimer::Changes changes;
        slot->state.add(mark, changes);
        set_timer(*slot);
        if (is_told(rule) && mark.order.time > telling(rule).told && telling(rule).told != WallTime::min())
            telling(rule).later.push_back(slot->timer);
        for (const StateChange& change : changes)
            on_state_change(rule, group, change, fields);
    }

    void reach(int rule, GroupTable::Id group, TimerSlot& slot, WallTime time, const Record& fields) {
        StateTimer::Changes changes;
        slot.state.reach(time, changes);
        set_timer(slot);
        for (const StateChange& change : changes)
            on_state_change(rule, group, change, fields);
    }

    void on_state_change(int rule, GroupTable::Id id, const StateChange& change, const Record& fields) {
        const Group& group = groups_[id];
        const StateSpec& spec = state_of(rule);
        const bool absence = std::holds_alternative<AbsenceSpec>(compiled(rule).body);
        const auto seconds = static_cast<double>(change.lasts.count()) / 1000.0;
        say(rule, absence ? FindingKind::absence : FindingKind::detection, change.phase,
            named(spec.group_by, group), absence ? seconds : 1, change.begun.time, change.at,
            change.evidence);
        if (!absence) return;  // its matches were fed one by one
        const Record known = record_of(spec.group_by, group);
        const EventOrder order = change.order();
        for (const int consumer : compiled(rule).consumers)
            if (change.phase == FindingPhase::raised) {
                feed(consumer, rule, known, order, WallTime::max(), change.evidence,
                     fields.empty() ? known : fields);
            } else if (change.phase == FindingPhase::withdrawn) {
                retract(consumer, rule, known, order);
            } else {
                end_lasting(consumer, rule, known, order, change.at);
            }
    }

    // --- correlations
    // -----------------------------------------------------------------------------------------

    // Every place this rule has in the correlation, with the group the match belongs to there.
    template <class Use>
    void each_part(const CorrelationSpec& spec, int rule, const Record& known, const Use& use) {
        for (std::size_t part = 0; part < spec.parts.size(); ++part)
            if (const auto& fields = spec.field_of[part]; spec.parts[part] == rule)
                if (const Group group = group_of(fields, known); names_any(group))
                    use(static_cast<int>(part), HeldGroup(groups_, group).id());
    }

    void feed(int consumer, int rule, const Record& known, const EventOrder& order, WallTime until,
              const std::vector<std::int64_t>& evidence, const Record& fields) {
        const CorrelationSpec& spec = correlation(consumer);
        const WindowNumbers numbers = numbers_of(consumer, spec, fields);
        each_part(spec, rule, known, [&](int part, GroupTable::Id group) {
            WindowSlot* slot = slot_of(windows(consumer), consumer, group, spec);
            if (slot == nullptr) return;
            WindowMatch match{part, order, until, evidence, {}, {}};
            for (const std::string& field : spec.value_fields)
                if (const std::string text = field_text(known, field); !text.empty())
                    match.value += text + '\x1f';
            if (spec.value_fields.size() == 1) match.number = field_number(known, spec.value_fields.front());
            CorrelationWindow::Findings found;
            slot->state.add(numbers, std::move(match), found);
            // A sender whose clock is ahead does not age what the others sent.
            const WallTime newest = slot->state.newest();
            const WallTime now = clock_ == WallTime::min() ? newest : std::min(newest, clock_);
            slot->state.forget_before(now - numbers.timespan - kLateness);
            set_timer(*slot);
            on_window_findings(consumer, group, found, fields);
        });
    }

    template <class Change>
    void change_window(int consumer, int rule, const Record& known, const Change& change) {
        each_part(correlation(consumer), rule, known, [&](int part, GroupTable::Id group) {
            WindowSlot* slot = find_slot(windows(consumer), group);
            if (slot == nullptr) return;
            CorrelationWindow::Findings found;
            change(slot->state, part, found);
            set_timer(*slot);
            on_window_findings(consumer, group, found, known);
        });
    }

    void end_lasting(int consumer, int rule, const Record& known, const EventOrder& order, WallTime until) {
        change_window(consumer, rule, known, [&](CorrelationWindow& window, int part, auto& found) {
            window.end(part, order, until, found);
        });
    }

    void retract(int consumer, int rule, const Record& known, const EventOrder& order) {
        change_window(consumer, rule, known, [&](CorrelationWindow& window, int part, auto& found) {
            window.remove(part, order, found);
        });
    }

    void on_window_findings(int rule, GroupTable::Id id, const CorrelationWindow::Findings& findings,
                            const Record& fields) {
        if (findings.empty()) return;
        const Group& group = groups_[id];
        const CorrelationSpec& spec = correlation(rule);
        const Record known = record_of(spec.group_by, group);
        for (const WindowFinding& finding : findings) {
            say(rule, FindingKind::correlation, finding.phase, named(spec.group_by, group), finding.value,
                finding.started_at, finding.order.time, finding.evidence);
            for (const int consumer : compiled(rule).consumers)
                if (finding.phase == FindingPhase::raised)
                    feed(consumer, rule, known, finding.order, finding.order.time, finding.evidence,
                         fields.empty() ? known : fields);
                else
                    retract(consumer, rule, known, finding.order);
        }
    }

    // --- members
    // --------------------------------------------------------------------------------------------

    [[nodiscard]] std::vector<int> watching(std::string_view each) const;
    void begin_telling(int rule, WallTime as_of);
    void tell_member(int rule, const Record& member, WallTime as_of);
    void tell_absent(int rule, WallTime as_of);
    void tell_gate(int rule, GroupTable::Id group, TimerSlot& slot, bool open, milliseconds lasts,
                   const Record& fields);
    void settle(int rule, GroupTable::Id group, TimerSlot& slot, const Record& fields);

    void sweep();

    std::shared_ptr<const CompiledRules> rules_;
    ParameterSource parameters_;
    EngineLimits limits_;
    Matcher matcher_;
    std::vector<int> states_;
    std::vector<Finding>* out_ = nullptr;

    ReferenceSet seen_;
    GroupTable groups_;
    EventGroups event_groups_{groups_};
    std::vector<int> grouped_by_;  // one a rule: the number of its fields there
    std::vector<Timers> timers_;   // one a rule
    std::vector<Windows> windows_;
    std::vector<Telling> tellings_;   // likewise; timers look at them
    std::vector<bool> one_terminal_;  // one a rule: its groups are of one terminal each
    std::vector<bool> taken_up_;      // by restore() or take_over()
    StateLedger ledger_;
    TimerQueue queue_;
    std::vector<Owner> owners_;  // by timer
    std::map<std::pair<std::string, std::string>, WallTime> awaited_;
    WallTime clock_ = WallTime::min();
    WallTime swept_at_ = WallTime{};
    std::uint64_t arrivals_ = 0;
    std::uint32_t telling_ = 0;  // the how-manieth
    std::uint64_t refused_ = 0, dropped_ = 0;
    std::set<int> full_;
};

// --- members
// -------------------------------------------------------------------------------------------------------------

std::vector<int> Machine::watching(std::string_view each) const {
    std::vector<int> rules;
    std::copy_if(states_.begin(), states_.end(), std::back_inserter(rules),
                 [&](int rule) { return state_of(rule).each == each; });
    return rules;
}

void Machine::expect(std::string_view each, const Members& members, WallTime as_of,
                     std::vector<Finding>& findings) {
    out_ = &findings;
    ++telling_;
    const std::vector<int> rules = watching(each);
    for (const int rule : rules) {
        begin_telling(rule, as_of);
        telling(rule).later.clear();  // each of them is looked at
    }
    members([&](const Record& member) {
        event_groups_.begin(member);
        find_matches({0, as_of, std::nullopt, member});
        for (const int rule : rules)
            tell_member(rule, member, as_of);
    });
    for (const int rule : rules)
        tell_absent(rule, as_of);
}

// Those that are no members now.
void Machine::tell_absent(int rule, WallTime as_of) {
    std::vector<TimerQueue::Id> absent;
    for (const auto& [group, slot] : timers(rule))
        if (slot.told != telling_) absent.push_back(slot.timer);
    sort_by_values(absent);
    for (const TimerQueue::Id id : absent) {
        const GroupTable::Id group = owners_[id].group;
        TimerSlot& slot = timers(rule).at(group);
        tell_gate(rule, group, slot, false, {}, {});
        if (slot.expected) mark(rule, group, {EventOrder::after(as_of), 0, false, true, {}}, {});
        slot.expected = false;
    }
}

bool Machine::expect_same(std::string_view each, WallTime as_of, std::vector<Finding>& findings) {
    out_ = &findings;
    const std::vector<int> rules = watching(each);
    for (const int rule : rules)
        if (telling(rule).told == WallTime::min() || as_of - telling(rule).told > kPatienceMin) return false;
    for (const int rule : rules) {
        begin_telling(rule, as_of);
        for (const TimerQueue::Id id : std::exchange(telling(rule).later, {}))
            if (owners_[id].rule == rule) {
                const GroupTable::Id group = owners_[id].group;
                settle(rule, group, timers(rule).at(group), {});
            }
    }
    return true;
}

void Machine::begin_telling(int rule, WallTime as_of) {
    telling(rule).before = telling(rule).told;
    telling(rule).told = std::max(telling(rule).told, as_of);
    ledger_.change_rule(rule);
}

// Its fields are what was matched last.
void Machine::tell_member(int rule, const Record& member, WallTime as_of) {
    const StateSpec& spec = state_of(rule);
    const GroupTable::Id group = group_of_event(rule);
    TimerSlot* slot = timer_of(rule, group);
    if (slot == nullptr) return;
    const milliseconds lasts = duration(rule, spec.timespan, member);
    tell_gate(rule, group, *slot, spec.gate < 0 || matcher_.matched(spec.gate), lasts, member);
    slot->told = telling_;
    if (std::exchange(slot->expected, true)) return;
    ledger_.change_group(slot->timer);
    if (spec.after < 0 && slot->state.is_idle())
        mark(rule, group, {EventOrder::before(as_of), 0, true, false, lasts}, member);
}

void Machine::tell_gate(int rule, GroupTable::Id group, TimerSlot& slot, bool open, milliseconds lasts,
                        const Record& fields) {
    if (slot.state.tell_gate(open, telling(rule).before, patience_of(lasts)))
        ledger_.change_group(slot.timer);
    settle(rule, group, slot, fields);
}

// What came later than it was told of could not be judged yet, and what is due may have waited.
void Machine::settle(int rule, GroupTable::Id group, TimerSlot& slot, const Record& fields) {
    queue_.set(slot.timer, slot.state.deadline());
    if (!slot.state.is_unsettled(telling(rule).before)) return;
    StateTimer::Changes changes;
    slot.state.settle(changes);
    set_timer(slot);
    for (const StateChange& change : changes)
        on_state_change(rule, group, change, fields);
}

void Machine::await(std::string_view field, std::string_view value, std::optional<WallTime> complete_until) {
    const std::pair<std::string, std::string> member{field, value};
    if (complete_until)
        awaited_[member] = *complete_until;
    else
        awaited_.erase(member);
    // What waited may be due now.
    const auto set_again = [&](const std::vector<std::string>& fields, auto& groups) {
        const auto at = std::find(fields.begin(), fields.end(), field);
        if (at == fields.end()) return;
        if (fields.size() == 1) {
            if (const auto group = groups_.find(Group{std::string(value)}))
                if (const auto* slot = find_slot(groups, *group))
                    queue_.set(slot->timer, slot->state.deadline());
            return;
        }
        for (auto& [group, slot] : groups)
            if (groups_[group][static_cast<std::size_t>(at - fields.begin())] == value)
                queue_.set(slot.timer, slot.state.deadline());
    };
    for (std::size_t rule = 0; rule < rules_->compiled.size(); ++rule) {
        if (!rules_->compiled[rule].waits_for_members) continue;
        if (const StateSpec* state = rules_->compiled[rule].state())
            set_again(state->group_by, timers_[rule]);
        else
            set_again(std::get<CorrelationSpec>(rules_->compiled[rule].body).group_by, windows_[rule]);
    }
}

// --- bounds
// -------------------------------------------------------------------------------------------------------------

// What nothing came to for so long that nothing late can still belong to it.
void Machine::sweep() {
    swept_at_ = clock_;
    for (std::size_t rule = 0; rule < rules_->compiled.size(); ++rule) {
        for (auto at = timers_[rule].begin(); at != timers_[rule].end();) {
            const auto here = at++;
            if (here->second.touched == WallTime::min()) here->second.touched = clock_;
            const bool idle = here->second.state.is_idle() ||
                              (!rules_->compiled[rule].state()->each.empty() && !here->second.expected);
            if (idle && !here->second.expected && clock_ - here->second.touched > kLateness)
                forget(timers_[rule], here);
        }
        if (windows_[rule].empty()) continue;
        const auto& spec = std::get<CorrelationSpec>(rules_->compiled[rule].body);
        for (auto at = windows_[rule].begin(); at != windows_[rule].end();) {
            const auto here = at++;
            if (here->second.touched == WallTime::min()) here->second.touched = clock_;
            if (here->second.state.lasts() || here->second.state.deadline() ||
                clock_ - here->second.touched <= kLateness + spec.timespan.value)
                continue;
            dropped_ += here->second.state.dropped();
            forget(windows_[rule], here);
        }
    }
}

EngineStatistics Machine::statistics() const {
    EngineStatistics statistics;
    statistics.timers = queue_.size();
    statistics.refused = refused_;
    statistics.dropped = dropped_;
    for (const Timers& timers : timers_) {
        statistics.groups += timers.size();
        for (const auto& [group, slot] : timers)
            statistics.matches += slot.state.size();
    }
    for (const Windows& windows : windows_) {
        statistics.groups += windows.size();
        for (const auto& [group, slot] : windows) {
            statistics.matches += slot.state.size();
            statistics.dropped += slot.state.dropped();
        }
    }
    for (const int rule : full_)
        statistics.full.push_back(about(rule).key);
    return statistics;
}

// --- restart
// -------------------------------------------------------------------------------------------------------------

const List& list_in(const Record& record, std::string_view name) {
    static const List kNone;
    const Value* value = record.find(name);
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    return list == nullptr ? kNone : *list;
}

Result<void> Machine::snapshot(const StateSink& all) const {
    const StateSink sink = [&](const StatePart& part) {
        return part.state.empty() ? Result<void>() : all(part);  // that something is gone is no part of it
    };
    if (auto done = hand_own(sink); !done) return done;
    for (std::size_t i = 0; i < rules_->compiled.size(); ++i)
        if (rules_->compiled[i].has_state())
            if (auto done = hand_rule(static_cast<int>(i), sink); !done) return done;
    for (std::size_t id = 0; id < owners_.size(); ++id)
        if (auto done = hand_group(static_cast<TimerQueue::Id>(id), sink); !done) return done;
    return {};
}

Result<void> Machine::changes(const StateSink& sink) const {
    if (auto done = hand_dropped(sink); !done) return done;
    if (ledger_.own_changed())
        if (auto done = hand_own(sink); !done) return done;
    for (std::size_t i = 0; i < rules_->compiled.size(); ++i)
        if (rules_->compiled[i].has_state() && ledger_.rule_changed(static_cast<int>(i)))
            if (auto done = hand_rule(static_cast<int>(i), sink); !done) return done;
    for (const TimerQueue::Id id : ledger_.changed_groups())
        if (auto done = hand_group(id, sink); !done) return done;
    return {};
}

Result<void> Machine::hand_dropped(const StateSink& sink) const {
    for (const std::string& rule : ledger_.dropped_rules())
        if (auto done = sink({rule, {}, {}}); !done) return done;
    for (const auto& [rule, group] : ledger_.dropped_pieces())
        if (auto done = sink({rule, group, {}}); !done) return done;
    return {};
}

Result<void> Machine::hand_own(const StateSink& sink) const {
    List seen;
    for (const auto& [first, last] : seen_.ranges())
        seen.emplace_back(List{first, last});
    return sink({{}, {}, write_json(Record{{"format", kFormat}, {"seen", std::move(seen)}})});
}

Result<void> Machine::hand_rule(int rule, const StateSink& sink) const {
    Record own{{"fingerprint", about(rule).fingerprint}};
    if (compiled(rule).state() != nullptr && is_told(rule))
        own.set("told", to_number(tellings_[static_cast<std::size_t>(rule)].told));
    return sink({about(rule).key, {}, write_json(own)});
}

// To which nothing came yet, or of which nothing is left, there is no piece.
Result<void> Machine::hand_group(TimerQueue::Id id, const StateSink& sink) const {
    const auto [rule, number] = owners_[id];
    if (rule < 0) return {};
    const Group& group = groups_[number];
    const auto hand = [&](const auto& slot) -> Result<void> {
        const bool any = slot.state.size() > 0;
        if (!any && !ledger_.is_kept(id)) return {};
        Record state = any ? slot.state.snapshot() : Record();
        if (any && slot.expected) state.set("expected", true);
        return sink({about(rule).key, text_of_group(group), any ? write_json(state) : std::string()});
    };
    return compiled(rule).state() != nullptr ? hand(timers(rule).at(number)) : hand(windows(rule).at(number));
}

void Machine::saved() {
    ledger_.settle([&](TimerQueue::Id id) {
        const auto [rule, group] = owners_[id];
        if (rule < 0) return false;
        return (compiled(rule).state() != nullptr ? timers(rule).at(group).state.size()
                                                  : windows(rule).at(group).state.size()) > 0;
    });
}

// One pass over the pieces that a keeper or another engine has.
class Machine::TakingUp {
public:
    TakingUp(Machine& machine, bool kept) : machine_(machine), kept_(kept) {}

    Result<void> take(const StatePart& part) {
        const auto record = read_json_record(part.state, kStateLimits);
        if (!record) return record.error().within("rules: restore");
        if (part.rule.empty()) return take_own(*record);
        if (!format_) return Error(Errc::bad_input, "rules: restore: this is no state of rules");
        if (part.group.empty())
            take_rule(part.rule, *record);
        else if (const auto rule = taking_.find(part.rule); rule != taking_.end())
            take_group(rule->second, part.group, *record);
        return {};
    }

private:
    Result<void> take_own(const Record& record) {
        format_ = text_of(record, "format");
        if (!format_->starts_with(kAnyFormat))
            return Error(Errc::bad_input, "rules: restore: this is no state of rules");
        for (const Value& item : list_in(record, "seen"))
            if (const auto* range = item.as<List>(); range != nullptr && range->size() == 2)
                machine_.seen_.insert_range(to_integer((*range)[0]), to_integer((*range)[1]));
        kept_ ? machine_.ledger_.take_own() : machine_.ledger_.change_own();
        return {};
    }

    // Of a rule that is gone or changed, or of another make, what it had half seen says nothing of what it
    // now asks.
    void take_rule(std::string_view key, const Record& record) {
        const Rule* rule = machine_.rules_->find(key);
        const auto at = rule == nullptr ? 0 : static_cast<std::size_t>(rule - machine_.rules_->rules_.data());
        if (rule != nullptr && machine_.taken_up_[at]) return;
        if (rule == nullptr || format_ != kFormat || text_of(record, "fingerprint") != rule->fingerprint)
            return machine_.ledger_.drop_rule(key);
        machine_.taken_up_[at] = true;
        taking_.emplace(key, static_cast<int>(at));
        if (record.contains("told")) machine_.tellings_[at].told = to_time(*record.find("told"));
        if (kept_) machine_.ledger_.take_rule(static_cast<int>(at));
    }

    void take_group(int rule, std::string_view text, const Record& record) {
        const auto values = group_from(text);
        if (!values) return;
        const HeldGroup group(machine_.groups_, *values);
        if (machine_.compiled(rule).state() != nullptr)
            take(machine_.timer_of(rule, group.id()), record);
        else
            take(machine_.slot_of(machine_.windows(rule), rule, group.id(), machine_.correlation(rule)),
                 record);
    }

    template <class State>
    void take(Slot<State>* slot, const Record& record) {
        if (slot == nullptr) return;
        slot->state.restore(record);
        slot->expected = flag_of(record, "expected");
        machine_.queue_.set(slot->timer, slot->state.deadline());
        kept_ ? machine_.ledger_.take_group(slot->timer) : machine_.ledger_.change_group(slot->timer);
    }

    Machine& machine_;
    bool kept_;
    std::optional<std::string> format_;  // nothing: the first piece has not come yet
    std::map<std::string, int, std::less<>> taking_;
};

Result<void> Machine::take_up(const StateSource& source, bool kept) {
    TakingUp taking(*this, kept);
    return source([&](const StatePart& part) { return taking.take(part); });
}

Engine::Fresh Machine::fresh() const {
    Fresh fresh;
    for (std::size_t i = 0; i < rules_->compiled.size(); ++i) {
        const CompiledRule& rule = rules_->compiled[i];
        if (!rule.has_state() || taken_up_[i]) continue;
        fresh.rules.push_back(rules_->rules_[i].key);
        const auto* correlation = std::get_if<CorrelationSpec>(&rule.body);
        fresh.span = std::max(
            fresh.span, correlation != nullptr ? correlation->timespan.value : rule.state()->timespan.value);
    }
    return fresh;
}

}  // namespace

std::unique_ptr<Engine> Engine::create(std::shared_ptr<const RuleSet> rules, ParameterSource parameters,
                                       EngineLimits limits) {
    // RuleSet::load() is the only maker of rule sets.
    return std::make_unique<Machine>(std::static_pointer_cast<const CompiledRules>(std::move(rules)),
                                     std::move(parameters), limits);
}

}  // namespace sallyport::rules
