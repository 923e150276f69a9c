// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/engine.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "protocol/json.hpp"
#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/correlation_window.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/matcher.hpp"
#include "rules/engine/reference_set.hpp"
#include "rules/engine/state_timer.hpp"

namespace sallyport::rules {
namespace {

constexpr std::size_t kEvidenceMax = 500;
constexpr std::string_view kSnapshotFormat = "rules-snapshot/1";

// The values of a group's fields, in the fields' order.
using Group = std::vector<std::string>;

Group group_of(const std::vector<std::string>& fields, const Record& record) {
    Group group;
    for (const std::string& field : fields)
        group.push_back(field_text(record, field));
    return group;
}

std::vector<std::pair<std::string, std::string>> named(const std::vector<std::string>& fields,
                                                       const Group& group) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t i = 0; i < fields.size(); ++i)
        pairs.emplace_back(fields[i], group[i]);
    return pairs;
}

class Machine final : public Engine {
public:
    Machine(std::shared_ptr<const CompiledRules> rules, ParameterSource parameters)
        : rules_(std::move(rules)),
          parameters_(std::move(parameters)),
          matcher_(rules_),
          timers_(rules_->compiled.size()),
          windows_(rules_->compiled.size()) {
        for (std::size_t i = 0; i < rules_->compiled.size(); ++i)
            if (rules_->compiled[i].state() != nullptr) states_.push_back(static_cast<int>(i));
    }

    void process(const InputEvent& event, std::vector<Finding>& findings) override {
        if (event.reference != 0 && !seen_.insert(event.reference)) return;
        out_ = &findings;
        let_due_timers_fire(event);
        for (const int rule : find_matches(event))
            on_detection(rule, event);
        for (const int rule : states_)
            mark_state(rule, event);
    }

    void advance(WallTime now, std::vector<Finding>& findings) override {
        out_ = &findings;
        while (!deadlines_.empty() && std::get<0>(*deadlines_.begin()) <= now) {
            const auto [deadline, rule, group] = *deadlines_.begin();
            reach(rule, group, deadline, {});
        }
    }

    std::optional<WallTime> next_deadline() const override {
        return deadlines_.empty() ? std::nullopt : std::optional(std::get<0>(*deadlines_.begin()));
    }

    std::string snapshot() const override;
    Result<void> restore(std::string_view snapshot) override;

private:
    [[nodiscard]] const CompiledRule& compiled(int rule) const {
        return rules_->compiled[static_cast<std::size_t>(rule)];
    }
    [[nodiscard]] const Rule& about(int rule) const { return rules_->rules_[static_cast<std::size_t>(rule)]; }

    // --- parameters
    // -------------------------------------------------------------------------------------------

    double parameter(int rule, int index, const Record& fields) const {
        const Parameter& parameter = about(rule).parameters[static_cast<std::size_t>(index)];
        const auto value = parameters_ ? parameters_(about(rule), parameter.name, fields) : std::nullopt;
        const bool taken =
            value && *value >= 0 && (parameter.basis == Basis::project || is_tightening(parameter, *value));
        return taken ? *value : parameter.value;
    }

    std::chrono::milliseconds duration(int rule, const Timespan& timespan, const Record& fields) const {
        if (timespan.parameter < 0) return timespan.value;
        return std::chrono::milliseconds(
            static_cast<std::int64_t>(parameter(rule, timespan.parameter, fields) * 1000.0));
    }

    // --- detections
    // -------------------------------------------------------------------------------------------

    const std::vector<int>& find_matches(const InputEvent& event) {
        const ThresholdSource thresholds = [&](const NumberTest& test) {
            return test.parameter < 0 ? test.threshold : parameter(test.rule, test.parameter, event.fields);
        };
        return matcher_.match(event.fields, event.logsource, thresholds);
    }

    void on_detection(int rule, const InputEvent& event) {
        const auto& spec = std::get<DetectionSpec>(compiled(rule).body);
        if (!spec.state)
            say(rule, FindingKind::detection, FindingPhase::raised,
                named(spec.group_by, group_of(spec.group_by, event.fields)), 1, event.time, event.time,
                {event.reference});
        for (const int consumer : compiled(rule).consumers)
            feed(consumer, rule, event.fields, event.time, event.time, {event.reference}, event.fields);
    }

    void say(int rule, FindingKind kind, FindingPhase phase,
             std::vector<std::pair<std::string, std::string>> group, double value, WallTime started_at,
             WallTime at, std::vector<std::int64_t> evidence) {
        if (!about(rule).generates) return;
        if (evidence.size() > kEvidenceMax) evidence.resize(kEvidenceMax);
        out_->push_back(
            {about(rule).key, kind, phase, std::move(group), value, started_at, at, std::move(evidence)});
    }

    // --- conditions that last
    // ---------------------------------------------------------------------------------

    using Timers = std::map<Group, StateTimer>;

    void let_due_timers_fire(const InputEvent& event) {
        std::vector<std::tuple<WallTime, int, Group>> due;
        for (const int rule : states_) {
            Group group = group_of(compiled(rule).state()->group_by, event.fields);
            const Timers& timers = timers_[static_cast<std::size_t>(rule)];
            const auto at = timers.find(group);
            if (at == timers.end()) continue;
            const auto deadline = at->second.deadline();
            if (deadline && *deadline <= event.time) due.emplace_back(*deadline, rule, std::move(group));
        }
        std::sort(due.begin(), due.end());
        for (const auto& [deadline, rule, group] : due)
            reach(rule, group, deadline, event.fields);
    }

    void mark_state(int rule, const InputEvent& event) {
        const StateSpec& spec = *compiled(rule).state();
        const bool begins = matcher_.matched(spec.after);
        const bool ends = matcher_.matched(spec.without);
        if (!begins && !ends) return;
        const Group group = group_of(spec.group_by, event.fields);
        Timers& timers = timers_[static_cast<std::size_t>(rule)];
        StateTimer& timer = timers[group];
        const auto before = timer.deadline();
        std::vector<StateChange> changes;
        timer.add({event.time, event.reference, begins, ends, duration(rule, spec.timespan, event.fields)},
                  changes);
        reschedule(rule, group, before, timer.deadline());
        for (const StateChange& change : changes)
            on_state_change(rule, group, change, event.fields);
    }

    void reach(int rule, const Group& group, WallTime time, const Record& fields) {
        StateTimer& timer = timers_[static_cast<std::size_t>(rule)].at(group);
        const auto before = timer.deadline();
        std::vector<StateChange> changes;
        timer.reach(time, changes);
        reschedule(rule, group, before, timer.deadline());
        for (const StateChange& change : changes)
            on_state_change(rule, group, change, fields);
    }

    void reschedule(int rule, const Group& group, std::optional<WallTime> before,
                    std::optional<WallTime> after) {
        if (before == after) return;
        if (before) deadlines_.erase({*before, rule, group});
        if (after) deadlines_.insert({*after, rule, group});
    }

    void on_state_change(int rule, const Group& group, const StateChange& change, const Record& fields) {
        const StateSpec& spec = *compiled(rule).state();
        const bool absence = std::holds_alternative<AbsenceSpec>(compiled(rule).body);
        const auto seconds = static_cast<double>(change.lasts.count()) / 1000.0;
        say(rule, absence ? FindingKind::absence : FindingKind::detection,
            change.raised ? FindingPhase::raised : FindingPhase::cleared, named(spec.group_by, group),
            absence ? seconds : 1, change.started_at, change.at, change.evidence);
        if (!absence) return;  // its matches were fed one by one
        Record known;
        for (std::size_t i = 0; i < group.size(); ++i)
            known.set(spec.group_by[i], group[i]);
        for (const int consumer : compiled(rule).consumers)
            if (change.raised)
                feed(consumer, rule, known, change.at, WallTime::max(), change.evidence,
                     fields.empty() ? known : fields);
            else
                end_lasting(consumer, rule, known, change);
    }

    // --- correlations
    // -----------------------------------------------------------------------------------------

    using Windows = std::map<Group, CorrelationWindow>;

    // Every place this rule has in the correlation, with the group the match belongs to there.
    template <class Use>
    void each_part(const CorrelationSpec& spec, int rule, const Record& known, const Use& use) {
        for (std::size_t part = 0; part < spec.parts.size(); ++part)
            if (spec.parts[part] == rule) use(static_cast<int>(part), group_of(spec.field_of[part], known));
    }

    void feed(int consumer, int rule, const Record& known, WallTime from, WallTime until,
              const std::vector<std::int64_t>& evidence, const Record& fields) {
        const auto& spec = std::get<CorrelationSpec>(compiled(consumer).body);
        WindowNumbers numbers{duration(consumer, spec.timespan, fields), {}};
        for (const CountCondition& condition : spec.conditions)
            numbers.thresholds.push_back(condition.parameter < 0
                                             ? condition.number
                                             : parameter(consumer, condition.parameter, fields));
        each_part(spec, rule, known, [&](int part, const Group& group) {
            WindowMatch match{part, from, until, evidence, {}, {}};
            for (const std::string& field : spec.value_fields)
                if (const std::string text = field_text(known, field); !text.empty())
                    match.value += text + '\x1f';
            if (spec.value_fields.size() == 1) match.number = field_number(known, spec.value_fields.front());
            std::vector<WindowFinding> found;
            windows_[static_cast<std::size_t>(consumer)][group].add(spec, numbers, std::move(match), found);
            for (const WindowFinding& finding : found)
                on_correlation(consumer, spec, group, finding, fields);
        });
    }

    void end_lasting(int consumer, int rule, const Record& known, const StateChange& change) {
        const auto& spec = std::get<CorrelationSpec>(compiled(consumer).body);
        // It has held since it had lasted long enough, not since it began.
        each_part(spec, rule, known, [&](int part, const Group& group) {
            windows_[static_cast<std::size_t>(consumer)][group].end(part, change.started_at + change.lasts,
                                                                    change.at);
        });
    }

    void on_correlation(int rule, const CorrelationSpec& spec, const Group& group,
                        const WindowFinding& finding, const Record& fields) {
        say(rule, FindingKind::correlation, FindingPhase::raised, named(spec.group_by, group), finding.value,
            finding.started_at, finding.at, finding.evidence);
        Record known;
        for (std::size_t i = 0; i < group.size(); ++i)
            known.set(spec.group_by[i], group[i]);
        for (const int consumer : compiled(rule).consumers)
            feed(consumer, rule, known, finding.at, finding.at, finding.evidence, fields);
    }

    std::shared_ptr<const CompiledRules> rules_;
    ParameterSource parameters_;
    Matcher matcher_;
    std::vector<int> states_;
    std::vector<Finding>* out_ = nullptr;

    ReferenceSet seen_;
    std::vector<Timers> timers_;  // one a rule
    std::vector<Windows> windows_;
    std::set<std::tuple<WallTime, int, Group>> deadlines_;
};

template <class Groups>
List groups_to_list(const Groups& groups) {
    List list;
    for (const auto& [group, state] : groups) {
        List values;
        for (const std::string& value : group)
            values.emplace_back(value);
        list.emplace_back(Record{{"group", std::move(values)}, {"state", state.snapshot()}});
    }
    return list;
}

template <class State>
void groups_from_list(const Record& rule, std::string_view name, std::map<Group, State>& groups) {
    const Value* value = rule.find(name);
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    if (list == nullptr) return;
    for (const Value& item : *list) {
        const auto* record = item.as<Record>();
        const Value* values = record == nullptr ? nullptr : record->find("group");
        const Value* state = record == nullptr ? nullptr : record->find("state");
        if (values == nullptr || values->as<List>() == nullptr || state == nullptr ||
            state->as<Record>() == nullptr)
            continue;
        Group group;
        for (const Value& text : *values->as<List>())
            group.push_back(text_of_scalar(text).value_or(""));
        groups.insert_or_assign(std::move(group), State::restore(*state->as<Record>()));
    }
}

std::string Machine::snapshot() const {
    List seen, rules;
    for (const auto& [first, last] : seen_.ranges())
        seen.emplace_back(List{first, last});
    for (std::size_t i = 0; i < rules_->compiled.size(); ++i) {
        if (timers_[i].empty() && windows_[i].empty()) continue;
        rules.emplace_back(Record{{"rule", rules_->rules_[i].key},
                                  {"fingerprint", rules_->compiled[i].fingerprint},
                                  {"timers", groups_to_list(timers_[i])},
                                  {"windows", groups_to_list(windows_[i])}});
    }
    return write_json(
        Record{{"format", kSnapshotFormat}, {"seen", std::move(seen)}, {"rules", std::move(rules)}});
}

Result<void> Machine::restore(std::string_view snapshot) {
    const JsonLimits limits{std::size_t{1} << 30, 16, std::size_t{1} << 28};
    const auto record = read_json_record(snapshot, limits);
    if (!record) return record.error().within("rules: restore");
    if (text_of(*record, "format") != kSnapshotFormat)
        return Error(Errc::bad_input, "rules: restore: this is no snapshot of rules");
    const auto list = [&](std::string_view name) {
        const Value* value = record->find(name);
        return value != nullptr && value->as<List>() != nullptr ? *value->as<List>() : List{};
    };
    for (const Value& item : list("seen"))
        if (const auto* range = item.as<List>(); range != nullptr && range->size() == 2 &&
                                                 (*range)[0].as<std::int64_t>() &&
                                                 (*range)[1].as<std::int64_t>())
            seen_.insert_range(*(*range)[0].as<std::int64_t>(), *(*range)[1].as<std::int64_t>());
    std::unordered_map<std::string, std::size_t> by_key;
    for (std::size_t i = 0; i < rules_->rules_.size(); ++i)
        by_key.emplace(rules_->rules_[i].key, i);
    for (const Value& item : list("rules")) {
        const auto* rule = item.as<Record>();
        const auto at = rule == nullptr ? by_key.end() : by_key.find(std::string(text_of(*rule, "rule")));
        if (at == by_key.end() || text_of(*rule, "fingerprint") != rules_->compiled[at->second].fingerprint)
            continue;  // the rule changed: what it had half seen says nothing of what it now asks
        groups_from_list(*rule, "timers", timers_[at->second]);
        groups_from_list(*rule, "windows", windows_[at->second]);
        for (const auto& [group, timer] : timers_[at->second])
            reschedule(static_cast<int>(at->second), group, std::nullopt, timer.deadline());
    }
    return {};
}

}  // namespace

std::unique_ptr<Engine> Engine::create(std::shared_ptr<const RuleSet> rules, ParameterSource parameters) {
    // RuleSet::load() is the only maker of rule sets.
    return std::make_unique<Machine>(std::static_pointer_cast<const CompiledRules>(std::move(rules)),
                                     std::move(parameters));
}

}  // namespace sallyport::rules
