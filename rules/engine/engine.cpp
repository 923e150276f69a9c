// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/engine.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "protocol/json.hpp"
#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/correlation_window.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/group.hpp"
#include "rules/engine/matcher.hpp"
#include "rules/engine/reference_set.hpp"
#include "rules/engine/state_timer.hpp"
#include "rules/engine/timer_queue.hpp"

namespace sallyport::rules {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kSnapshotFormat = "rules-snapshot/3";
constexpr std::string_view kOlderFormats[] = {"rules-snapshot/1", "rules-snapshot/2"};
// Windows stay open for late events this long (decision 2).
constexpr std::chrono::hours kLateness{72};
constexpr std::chrono::hours kSweepEvery{1};

// How long the caller may be silent about members before that counts as not having listened: a quarter of the
// rule's time, so that a restart does not start long silences anew, and short ones get their time again.
milliseconds patience_of(milliseconds lasts) {
    return std::clamp<milliseconds>(lasts / 4, std::chrono::seconds(90), std::chrono::minutes(5));
}

// The state of one group under one rule.
template <class State>
struct Slot {
    template <class Argument>
    Slot(Argument&& argument, TimerQueue::Id id) : state(std::forward<Argument>(argument)), timer(id) {}

    State state;
    TimerQueue::Id timer;
    WallTime touched = WallTime::min();  // on the collector's clock
    bool expected = false;               // a member, when members were told last
    std::uint64_t told = 0;              // the last telling that named it
};
using TimerSlot = Slot<StateTimer>;
using WindowSlot = Slot<CorrelationWindow>;

class Machine final : public Engine {
public:
    Machine(std::shared_ptr<const CompiledRules> rules, ParameterSource parameters, EngineLimits limits)
        : rules_(std::move(rules)),
          parameters_(std::move(parameters)),
          limits_(limits),
          matcher_(rules_),
          timers_(rules_->compiled.size()),
          windows_(rules_->compiled.size()),
          taken_up_(rules_->compiled.size(), false) {
        for (std::size_t i = 0; i < rules_->compiled.size(); ++i)
            if (rules_->compiled[i].state() != nullptr) states_.push_back(static_cast<int>(i));
    }

    void process(const InputEvent& event, std::vector<Finding>& findings) override {
        if (event.reference != 0 && !seen_.insert(event.reference)) return;
        out_ = &findings;
        ++arrivals_;
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
            std::sort(due.begin(), due.end(), [&](TimerQueue::Id a, TimerQueue::Id b) {
                return std::tie(owners_[a].rule, *owners_[a].group) <
                       std::tie(owners_[b].rule, *owners_[b].group);
            });
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
    void expect(std::string_view each, const std::vector<Record>& members, WallTime as_of,
                std::vector<Finding>& findings) override;
    void await(std::string_view field, std::string_view value,
               std::optional<WallTime> complete_until) override;

    std::string snapshot() const override;
    Result<void> restore(std::string_view snapshot) override;
    Fresh fresh() const override;
    EngineStatistics statistics() const override;

private:
    [[nodiscard]] Result<void> restore_header(const Record& record);
    [[nodiscard]] int restorable_rule(const Record& saved);
    void restore_group(int rule, const Record& record);

    using Timers = std::map<Group, TimerSlot>;
    using Windows = std::map<Group, WindowSlot>;
    // Whose timer it is.
    struct Owner {
        int rule = -1;
        const Group* group = nullptr;
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

    // Nothing where the rule has as many groups as it may: the match is refused, and that is counted.
    template <class Groups, class... Arguments>
    typename Groups::mapped_type* slot_of(Groups& groups, int rule, const Group& group,
                                          Arguments&&... arguments) {
        auto at = groups.find(group);
        if (at == groups.end()) {
            if (groups.size() >= limits_.groups_per_rule) {
                ++refused_;
                full_.insert(rule);
                return nullptr;
            }
            const TimerQueue::Id timer = queue_.make();
            at = groups
                     .emplace(std::piecewise_construct, std::forward_as_tuple(group),
                              std::forward_as_tuple(std::forward<Arguments>(arguments)..., timer))
                     .first;
            if (owners_.size() <= timer) owners_.resize(timer + 1);
            owners_[timer] = {rule, &at->first};
        }
        at->second.touched = clock_;
        return &at->second;
    }

    TimerSlot* timer_of(int rule, const Group& group) {
        return slot_of(timers(rule), rule, group, StateTimer(!state_of(rule).each.empty()));
    }

    template <class Groups>
    void forget(Groups& groups, typename Groups::iterator at) {
        queue_.release(at->second.timer);
        owners_[at->second.timer] = {};
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
        std::vector<std::tuple<WallTime, int, Group>> due;
        for (const int rule : states_) {
            Group group = group_of(state_of(rule).group_by, event.fields);
            const auto at = timers(rule).find(group);
            if (at == timers(rule).end()) continue;
            const auto deadline = at->second.state.deadline();
            if (deadline && *deadline <= event.time) due.emplace_back(*deadline, rule, std::move(group));
        }
        std::sort(due.begin(), due.end());
        for (const auto& [deadline, rule, group] : due)
            if (TimerSlot& slot = timers(rule).at(group); !waits(rule, group, deadline))
                reach(rule, group, slot, deadline, event.fields);
    }

    void on_due(TimerQueue::Id id) {
        const auto [rule, group] = owners_[id];
        if (compiled(rule).state() != nullptr) {
            TimerSlot& slot = timers(rule).at(*group);
            const auto deadline = slot.state.deadline();
            if (!deadline || waits(rule, *group, *deadline)) return;
            // What is due later than members were told waits until they are told again.
            if (!state_of(rule).each.empty() && slot.state.told() < *deadline) return;
            reach(rule, *group, slot, *deadline, {});
        } else {
            WindowSlot& slot = windows(rule).at(*group);
            const auto deadline = slot.state.deadline();
            if (!deadline || waits(rule, *group, *deadline)) return;
            CorrelationWindow::Findings found;
            slot.state.reach(*deadline, found);
            on_window_findings(rule, *group, found, {});
            queue_.set(slot.timer, slot.state.deadline());
        }
    }

    // Whether events are still on their way that may decide it. Then it is set again by await().
    bool waits(int rule, const Group& group, WallTime deadline) const {
        if (awaited_.empty() || !compiled(rule).waits_for_members) return false;
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
        mark(rule, group_of(spec.group_by, event.fields),
             {order, event.reference, begins, ends, duration(rule, spec.timespan, event.fields)},
             event.fields);
    }

    void mark(int rule, const Group& group, const StateMark& mark, const Record& fields) {
        TimerSlot* slot = timer_of(rule, group);
        if (slot == nullptr) return;
        StateTimer::Changes changes;
        slot->state.add(mark, changes);
        set_timer(*slot);
        for (const StateChange& change : changes)
            on_state_change(rule, group, change, fields);
    }

    void reach(int rule, const Group& group, TimerSlot& slot, WallTime time, const Record& fields) {
        StateTimer::Changes changes;
        slot.state.reach(time, changes);
        set_timer(slot);
        for (const StateChange& change : changes)
            on_state_change(rule, group, change, fields);
    }

    void set_timer(TimerSlot& slot) { queue_.set(slot.timer, slot.state.deadline()); }

    void on_state_change(int rule, const Group& group, const StateChange& change, const Record& fields) {
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
            if (spec.parts[part] == rule) use(static_cast<int>(part), group_of(spec.field_of[part], known));
    }

    void feed(int consumer, int rule, const Record& known, const EventOrder& order, WallTime until,
              const std::vector<std::int64_t>& evidence, const Record& fields) {
        const CorrelationSpec& spec = correlation(consumer);
        const WindowNumbers numbers = numbers_of(consumer, spec, fields);
        each_part(spec, rule, known, [&](int part, const Group& group) {
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
            queue_.set(slot->timer, slot->state.deadline());
            on_window_findings(consumer, group, found, fields);
        });
    }

    template <class Change>
    void change_window(int consumer, int rule, const Record& known, const Change& change) {
        each_part(correlation(consumer), rule, known, [&](int part, const Group& group) {
            const auto at = windows(consumer).find(group);
            if (at == windows(consumer).end()) return;
            CorrelationWindow::Findings found;
            change(at->second.state, part, found);
            queue_.set(at->second.timer, at->second.state.deadline());
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

    void on_window_findings(int rule, const Group& group, const CorrelationWindow::Findings& findings,
                            const Record& fields) {
        if (findings.empty()) return;
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

    void sweep();

    std::shared_ptr<const CompiledRules> rules_;
    ParameterSource parameters_;
    EngineLimits limits_;
    Matcher matcher_;
    std::vector<int> states_;
    std::vector<Finding>* out_ = nullptr;

    ReferenceSet seen_;
    std::vector<Timers> timers_;  // one a rule
    std::vector<Windows> windows_;
    std::vector<bool> taken_up_;  // from a snapshot
    TimerQueue queue_;
    std::vector<Owner> owners_;  // by timer
    std::map<std::pair<std::string, std::string>, WallTime> awaited_;
    WallTime clock_ = WallTime::min();
    WallTime swept_at_ = WallTime{};
    std::uint64_t arrivals_ = 0;
    std::uint64_t tellings_ = 0;
    std::uint64_t refused_ = 0, dropped_ = 0;
    std::set<int> full_;
};

// --- members
// -------------------------------------------------------------------------------------------------------------

void Machine::expect(std::string_view each, const std::vector<Record>& members, WallTime as_of,
                     std::vector<Finding>& findings) {
    out_ = &findings;
    ++tellings_;
    std::vector<int> watching;
    std::copy_if(states_.begin(), states_.end(), std::back_inserter(watching),
                 [&](int rule) { return state_of(rule).each == each; });
    const auto tell = [&](int rule, const Group& group, TimerSlot& slot, bool open, milliseconds lasts,
                          const Record& fields) {
        StateTimer::Changes changes;
        slot.state.tell_gate(open, patience_of(lasts), as_of, changes);
        set_timer(slot);
        for (const StateChange& change : changes)
            on_state_change(rule, group, change, fields);
    };
    for (const Record& member : members) {
        find_matches({0, as_of, std::nullopt, member});
        for (const int rule : watching) {
            const StateSpec& spec = state_of(rule);
            const bool open = spec.gate < 0 || matcher_.matched(spec.gate);
            const Group group = group_of(spec.group_by, member);
            TimerSlot* slot = timer_of(rule, group);
            if (slot == nullptr) continue;
            const milliseconds lasts = duration(rule, spec.timespan, member);
            tell(rule, group, *slot, open, lasts, member);
            slot->told = tellings_;
            if (!slot->expected && spec.after < 0 && slot->state.is_idle())
                mark(rule, group, {EventOrder::before(as_of), 0, true, false, lasts}, member);
            slot->expected = true;
        }
    }
    for (const int rule : watching)
        for (auto& [group, slot] : timers(rule)) {
            if (slot.told == tellings_) continue;
            tell(rule, group, slot, false, {}, {});
            if (slot.expected) mark(rule, group, {EventOrder::after(as_of), 0, false, true, {}}, {});
            slot.expected = false;
        }
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
            if (const auto found = groups.find(Group{std::string(value)}); found != groups.end())
                queue_.set(found->second.timer, found->second.state.deadline());
            return;
        }
        for (auto& [group, slot] : groups)
            if (group[static_cast<std::size_t>(at - fields.begin())] == value)
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

void append_line(const Record& record, std::string& text) {
    text += write_json(record);
    text += '\n';
}

template <class Groups>
void append_groups(const Groups& groups, std::string& text) {
    for (const auto& [group, slot] : groups) {
        if (slot.state.size() == 0) continue;  // nothing came to it yet
        List values;
        for (const std::string& value : group)
            values.emplace_back(value);
        Record record{{"group", std::move(values)}, {"state", slot.state.snapshot()}};
        if (slot.expected) record.set("expected", true);
        append_line(record, text);
    }
}

const List& list_in(const Record& record, std::string_view name) {
    static const List kNone;
    const Value* value = record.find(name);
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    return list == nullptr ? kNone : *list;
}

// One record a line: a header, then each rule and behind it its groups. Neither side ever holds more of it as records than
// one group, however many terminals there are.
std::string Machine::snapshot() const {
    List seen;
    for (const auto& [first, last] : seen_.ranges())
        seen.emplace_back(List{first, last});
    std::string text;
    append_line({{"format", kSnapshotFormat}, {"seen", std::move(seen)}}, text);
    for (std::size_t i = 0; i < rules_->compiled.size(); ++i) {
        if (!rules_->compiled[i].has_state()) continue;
        append_line({{"rule", rules_->rules_[i].key}, {"fingerprint", rules_->rules_[i].fingerprint}}, text);
        append_groups(timers_[i], text);
        append_groups(windows_[i], text);
    }
    return text;
}

Result<void> Machine::restore(std::string_view snapshot) {
    const JsonLimits limits{std::size_t{1} << 30, 16, std::size_t{1} << 28};
    int rule = -1;  // whose groups are read; -1: those of a rule that changed or was taken up before
    for (bool header = true; header || !snapshot.empty(); header = false) {
        const std::size_t end = std::min(snapshot.find('\n'), snapshot.size());
        const auto record = read_json_record(snapshot.substr(0, end), limits);
        snapshot.remove_prefix(std::min(end + 1, snapshot.size()));
        if (!record) return record.error().within("rules: restore");
        if (header) {
            if (auto done = restore_header(*record); !done) return done;
            if (text_of(*record, "format") != kSnapshotFormat) return {};  // of another make: every rule is fresh
        } else if (record->contains("rule")) {
            rule = restorable_rule(*record);
        } else if (rule >= 0) {
            restore_group(rule, *record);
        }
    }
    return {};
}

Result<void> Machine::restore_header(const Record& record) {
    const auto format = text_of(record, "format");
    if (format != kSnapshotFormat &&
        std::find(std::begin(kOlderFormats), std::end(kOlderFormats), format) == std::end(kOlderFormats))
        return Error(Errc::bad_input, "rules: restore: this is no snapshot of rules");
    for (const Value& item : list_in(record, "seen"))
        if (const auto* range = item.as<List>(); range != nullptr && range->size() == 2)
            seen_.insert_range(to_integer((*range)[0]), to_integer((*range)[1]));
    return {};
}

// -1: the rule is gone or changed, and what it had half seen says nothing of what it now asks; or it was taken up before.
int Machine::restorable_rule(const Record& saved) {
    const Rule* rule = rules_->find(text_of(saved, "rule"));
    if (rule == nullptr) return -1;
    const auto number = static_cast<std::size_t>(rule - rules_->rules_.data());
    if (taken_up_[number] || text_of(saved, "fingerprint") != rule->fingerprint) return -1;
    taken_up_[number] = true;
    return static_cast<int>(number);
}

void Machine::restore_group(int rule, const Record& record) {
    const Value* state = record.find("state");
    if (state == nullptr || state->as<Record>() == nullptr) return;
    Group group;
    for (const Value& text : list_in(record, "group"))
        group.push_back(text_of_scalar(text).value_or(""));
    if (compiled(rule).state() != nullptr) {
        TimerSlot* slot = timer_of(rule, group);
        if (slot == nullptr) return;
        slot->state.restore(*state->as<Record>());
        slot->expected = flag_of(record, "expected");
        set_timer(*slot);
    } else {
        WindowSlot* slot = slot_of(windows(rule), rule, group, correlation(rule));
        if (slot == nullptr) return;
        slot->state.restore(*state->as<Record>());
        queue_.set(slot->timer, slot->state.deadline());
    }
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
