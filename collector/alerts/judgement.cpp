// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/judgement.hpp"

#include <algorithm>
#include <set>

#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/escalation.hpp"
#include "collector/alerts/event_fields.hpp"
#include "collector/store/rule_engine_repository.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/window_relief.hpp"

namespace sallyport::alerts {
namespace {

// Events that a new rule is shown at most: about a minute's work.
constexpr std::int64_t kPastMax = 2'000'000;
constexpr JsonLimits kSnapshotLimits{
    .bytes_max = std::size_t{1} << 30, .depth_max = 12, .fields_max = std::size_t{1} << 26};

Result<Event> event_of(const store::StoredEvent& stored) {
    auto decoded = decode_event(*stored.line);
    if (const auto* refusal = std::get_if<EventRefusal>(&decoded))
        return Error(Errc::corrupt,
                     "event " + std::to_string(stored.ingest_id) + ": " + refusal->error.message());
    return std::get<Event>(std::move(decoded));
}

// What a late event only corrects is not ended: the finding that takes its place joins its alert.
void drop_corrected(std::vector<rules::Finding>& findings) {
    std::set<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> raised;
    for (const rules::Finding& finding : findings) {
        if (finding.phase == rules::FindingPhase::raised) raised.emplace(finding.rule, finding.group);
    }
    std::erase_if(findings, [&](const rules::Finding& finding) {
        return finding.phase == rules::FindingPhase::withdrawn &&
               raised.contains({finding.rule, finding.group});
    });
}

}  // namespace

Result<std::unique_ptr<Judgement>> Judgement::open(store::Writer& writer, const Clock& clock,
                                                   std::shared_ptr<const rules::RuleSet> rules,
                                                   JudgementLimits limits) {
    auto reader = writer.reader();
    auto enrichment_reader = writer.reader();
    if (!reader || !enrichment_reader) return (reader ? enrichment_reader : reader).error().within("judge");
    auto enrichment = registers::Enrichment::open(std::move(*enrichment_reader));
    if (!enrichment) return enrichment.error().within("judge");
    std::unique_ptr<Judgement> judgement(
        new Judgement(writer, clock, std::move(rules), limits, std::move(*reader)));
    judgement->enrichment_ = std::move(*enrichment);
    auto members = MemberWatch::open(writer, clock, *judgement->enrichment_);
    if (!members) return members.error().within("judge");
    judgement->members_ = std::move(*members);
    if (auto done = judgement->restore(); !done) return done.error().within("judge");
    return judgement;
}

Judgement::Judgement(store::Writer& writer, const Clock& clock, std::shared_ptr<const rules::RuleSet> rules,
                     JudgementLimits limits, Database reader)
    : writer_(writer),
      clock_(clock),
      rules_(std::move(rules)),
      limits_(limits),
      reader_(std::move(reader)),
      book_(*rules_),
      engine_(make_engine()),
      snapshot_at_(clock.monotonic()) {}

std::unique_ptr<rules::Engine> Judgement::make_engine() {
    return rules::Engine::create(
        rules_, [this](const rules::Rule& rule, std::string_view name, const Record& fields) {
            return site_parameter(rule, name, fields);
        });
}

// --- restart
// ---------------------------------------------------------------------------------------------------------

Result<void> Judgement::restore() {
    auto state = store::load_rule_engine(reader_);
    if (!state) return state.error();
    if (*state) {
        if (auto done = take_up((*state)->snapshot); !done) return done;
        cursor_ = snapshot_cursor_ = (*state)->snapshot_cursor;
        replaying_ = true;
        if (auto done = show_the_past(); !done) return done.error().within("past events");
        for (bool more = true; more;) {
            auto judged = judge_next((*state)->cursor);
            if (!judged) return judged.error().within("replay");
            more = judged->any;
            if (auto done = commit(); !done) return done.error().within("replay");
        }
        replaying_ = false;
    }
    auto next = next_escalation_at(reader_);
    if (!next) return next.error();
    escalation_at_ = *next;
    return {};
}

Result<void> Judgement::take_up(std::string_view snapshot) {
    if (snapshot.empty()) return {};
    auto record = read_json_record(snapshot, kSnapshotLimits);
    if (!record) return Error(Errc::corrupt, "snapshot of the rules: " + record.error().message());
    if (const Value* terminals = record->find("terminals"); terminals != nullptr && terminals->as<Record>()) {
        for (const auto& [terminal, state] : *terminals->as<Record>()) {
            if (const auto* fields = state.as<Record>())
                terminals_.insert_or_assign(terminal, TerminalState::restore(*fields));
        }
    }
    return engine_->restore(text_of(*record, "engine"));
}

// Another engine judges the past by the new rules; ours takes over what those have half seen. What terminals
// were doing before the first of these events is not known to it.
Result<void> Judgement::show_the_past() {
    const auto fresh = engine_->fresh();
    if (fresh.rules.empty() || cursor_ == 0) return {};
    auto last = event_at(cursor_);
    if (!last) return last.error();
    auto first = first_received_at(last->received_at - fresh.span, cursor_);
    if (!first) return first.error();
    const auto past = make_engine();
    TerminalStates terminals;
    std::vector<rules::Finding> findings;
    for (std::int64_t cursor = std::max(*first - 1, cursor_ - kPastMax); cursor < cursor_;) {
        auto events = store::read_events_after(reader_, cursor, limits_.events_per_step);
        if (!events) return events.error();
        for (const store::StoredEvent& stored : *events) {
            if (stored.ingest_id > cursor_) break;
            auto input = input_of(stored, terminals);
            if (!input) return input.error();
            if (*input) past->process(**input, findings);
        }
        cursor = events->empty() ? cursor_ : events->back().ingest_id;
    }
    std::erase_if(findings, [&](const rules::Finding& finding) {
        return std::find(fresh.rules.begin(), fresh.rules.end(), finding.rule) == fresh.rules.end();
    });
    if (auto gathered = gather(std::move(findings), 0, nullptr); !gathered) return gathered;
    if (auto restored = engine_->restore(past->snapshot()); !restored) return restored;
    snapshot_due_ = true;
    auto done = commit();
    return done ? Result<void>() : Result<void>(done.error());
}

// Lines are received in the order of their numbers: the first one from then on.
Result<std::int64_t> Judgement::first_received_at(WallTime time, std::int64_t last) {
    std::int64_t low = 0;  // received before
    while (low + 1 < last) {
        const std::int64_t middle = low + (last - low) / 2;
        auto events = store::read_events_after(reader_, middle - 1, 1);
        if (!events) return events.error();
        if (events->empty() || events->front().received_at >= time)
            last = middle;
        else
            low = middle;
    }
    return last;
}

Result<std::unique_ptr<Judgement>> Judgement::with_rules(std::shared_ptr<const rules::RuleSet> rules) {
    if (auto done = save(); !done) return done.error();
    return open(writer_, clock_, std::move(rules), limits_);
}

std::string Judgement::snapshot() const {
    Record terminals;
    for (const auto& [terminal, state] : terminals_)
        terminals.append(terminal, state.snapshot());
    return write_json(Record{{"terminals", std::move(terminals)}, {"engine", engine_->snapshot()}});
}

// --- judging
// ---------------------------------------------------------------------------------------------------------

Result<Judgement::Progress> Judgement::step() {
    Progress progress;
    const WallTime now = clock_.now();
    auto judged = judge_next(INT64_MAX);
    if (!judged) return judged.error().within("judge");
    progress.judged = judged->any;
    if (judged->all) {
        if (auto done = let_timers_fire(now); !done) return done.error().within("judge");
    }
    auto changed = commit();
    if (!changed) return changed.error().within("judge");
    auto escalated = escalate(now);
    if (!escalated) return escalated.error().within("judge");
    progress.changed = *changed || *escalated;
    return progress;
}

Result<Judgement::Judged> Judgement::judge_next(std::int64_t up_to) {
    site_parameters_.clear();
    auto events = store::read_events_after(reader_, cursor_, limits_.events_per_step);
    if (!events) return events.error();
    // Once a step, and after its events were read: nothing that was recorded before them is missing.
    if (auto done = enrichment_->refresh(); !done) return done.error();
    for (const store::StoredEvent& stored : *events) {
        if (stored.ingest_id > up_to) return Judged{false, true};
        if (auto done = judge(stored); !done) return done.error();
        cursor_ = stored.ingest_id;
    }
    return Judged{!events->empty(), events->size() < limits_.events_per_step};
}

Result<void> Judgement::judge(const store::StoredEvent& stored) {
    auto input = input_of(stored, terminals_);
    if (!input) return input.error();
    if (!*input) {
        // Withheld, or intake took it once and another program's version of the schema understood it: it must
        // not hold up all that follows.
        ++(stored.line ? unreadable_ : withheld_);
        return {};
    }
    std::vector<rules::Finding> findings;
    engine_->process(**input, findings);
    return gather(std::move(findings), stored.ingest_id, &(*input)->fields);
}

Result<std::optional<rules::InputEvent>> Judgement::input_of(const store::StoredEvent& stored,
                                                             TerminalStates& terminals) {
    if (!stored.line) return std::optional<rules::InputEvent>();
    auto event = event_of(stored);
    if (!event) return std::optional<rules::InputEvent>();
    // What the collector saw comes in another stream: what the terminal was doing then, is not known to it.
    const std::string& terminal = event->terminal_id;
    const bool own = !terminal.empty() && terminal_of(*event) == terminal;
    if (own) terminals[terminal].apply(*event);
    rules::InputEvent input;
    input.reference = stored.ingest_id;
    input.time = event_time(*event);
    input.origin = origin_of(*event);
    input.sequence = event->seq;
    input.logsource = logsource_of(event->type);
    input.fields = fields_of(stored, *event);
    if (own) terminals[terminal].add_to(input.fields, input.time);
    return std::optional(std::move(input));
}

Result<void> Judgement::let_timers_fire(WallTime now) {
    std::vector<rules::Finding> findings;
    const auto is_due = [&] {
        const auto deadline = engine_->next_deadline();
        return deadline && *deadline <= now;
    };
    auto told = members_->tell(*engine_, is_due(), now, findings);
    if (!told) return told.error();
    told_ = told_ || *told;
    if (auto done = members_->await_backlogs(*engine_, is_due(), now); !done) return done;
    if (is_due() || *told) engine_->advance(now, findings);
    snapshot_due_ = snapshot_due_ || !findings.empty();
    return gather(std::move(findings), 0, nullptr);
}

std::optional<WallTime> Judgement::next_deadline() const {
    const auto timer = engine_->next_deadline();
    if (!timer || !escalation_at_) return timer ? timer : escalation_at_;
    return std::min(*timer, *escalation_at_);
}

// Asked for every event by every rule with a parameter: the registers answer once a step.
std::optional<double> Judgement::site_parameter(const rules::Rule& rule, std::string_view name,
                                                const Record& fields) {
    const auto site = text_of(fields, "site.id");
    std::string key = rule_id_of(rule);
    key.append("\n").append(site).append("\n").append(name);
    if (const auto known = site_parameters_.find(key); known != site_parameters_.end()) return known->second;
    const auto value = enrichment_->parameter(rule_id_of(rule), site, name);
    site_parameters_.emplace(std::move(key), value);
    return value;
}

// --- what a finding needs to become an alert
// -------------------------------------------------------------------------

Result<void> Judgement::gather(std::vector<rules::Finding> findings, std::int64_t current,
                               const Record* fields) {
    drop_corrected(findings);
    for (rules::Finding& finding : findings) {
        auto sighting = sighting_of(std::move(finding), current, fields);
        if (!sighting) return sighting.error();
        if (sighting->rule->is_inactive()) continue;
        pending_.push_back(std::move(*sighting));
    }
    return {};
}

Result<Sighting> Judgement::sighting_of(rules::Finding finding, std::int64_t current, const Record* fields) {
    Sighting sighting;
    sighting.rule = rules_->find(finding.rule);
    if (sighting.rule == nullptr)
        return Error(Errc::internal, "a finding of '" + finding.rule + "', which is no rule");
    sighting.finding = std::move(finding);
    sighting.replayed = replaying_;
    auto added =
        sighting.finding.evidence.empty() ? add_member(sighting) : add_event(sighting, current, fields);
    if (!added) return added.error();
    const std::string site(text_of(sighting.fields, "site.id"));
    sighting.live = sighting.rule->live_at_once || enrichment_->is_live(rule_id_of(*sighting.rule), site);
    sighting.parameters = parameters_of(*sighting.rule, sighting.fields);
    return sighting;
}

Result<void> Judgement::add_event(Sighting& sighting, std::int64_t current, const Record* fields) {
    const std::int64_t telling = rules::telling_event(*sighting.rule, sighting.finding);
    auto first = event_at(sighting.finding.evidence.front());
    auto stored = event_at(telling);
    if (!first || !stored) return (first ? stored : first).error();
    if (telling == current && fields != nullptr) {
        sighting.fields = *fields;
    } else if (stored->line) {
        auto event = event_of(*stored);
        if (!event) return event.error();
        sighting.fields = fields_of(*stored, *event);
    } else {
        sighting.fields.set("terminal_id", stored->terminal_id);
    }
    sighting.ori = stored->ori;
    sighting.first_leaf = first->leaf;
    sighting.known_at = stored->received_at;
    sighting.received_lag_ms = std::max<std::int64_t>(0, (stored->received_at - stored->event_time).count());
    return {};
}

// Of a terminal that was never heard of there is no event: its start stands for one.
Result<void> Judgement::add_member(Sighting& sighting) {
    std::string terminal;
    for (const auto& [field, value] : sighting.finding.group) {
        if (field == "terminal_id") terminal = value;
    }
    const WallTime now = clock_.now();
    sighting.fields = members_->fields_of(terminal, now);
    sighting.ori = members_->ori_of(terminal);
    sighting.first_leaf = sha256(bytes_of("expected since " + format_time(sighting.finding.started_at)));
    sighting.known_at = now;
    return {};
}

Result<store::StoredEvent> Judgement::event_at(std::int64_t ingest_id) {
    auto events = store::read_events(reader_, {ingest_id});
    if (!events) return events.error();
    if (events->empty())
        return Error(Errc::corrupt, "event " + std::to_string(ingest_id) + " is not in the log");
    return std::move(events->front());
}

// The registers as known when the event came: judged again, it is judged alike (system.md 9.8).
Record Judgement::fields_of(const store::StoredEvent& stored, const Event& event) {
    Record fields = event_fields(event, stored.received_at);
    for (const auto& [name, value] : enrichment_->fields_for(event, terminal_of(event), stored.received_at))
        fields.append(name, value);
    return fields;
}

std::string Judgement::parameters_of(const rules::Rule& rule, const Record& fields) {
    Record parameters{{"document", rule.key}};
    for (const rules::Parameter& parameter : rule.parameters) {
        const auto own = site_parameter(rule, parameter.name, fields);
        const bool taken =
            own && *own >= 0 &&
            (parameter.basis == rules::Basis::project || rules::is_tightening(parameter, *own));
        parameters.set(parameter.name, taken ? *own : parameter.value);
    }
    return write_json(parameters);
}

// --- writing
// ---------------------------------------------------------------------------------------------------------

// Cursor and findings stand or fall together. Without findings the cursor waits for the next snapshot:
// judging those events again costs a little time at a restart, and changes nothing.
Result<bool> Judgement::commit() {
    const auto age = clock_.monotonic() - snapshot_at_;
    const bool old = (age >= limits_.snapshot_every && cursor_ != snapshot_cursor_) ||
                     (age >= limits_.told_snapshot_every && told_);
    const bool with_snapshot = !replaying_ && (snapshot_due_ || old);
    if (pending_.empty() && !with_snapshot) return false;
    const std::string state = with_snapshot ? snapshot() : std::string();
    const WallTime now = clock_.now();
    bool changed = false;
    std::optional<WallTime> escalation_at;
    auto done = writer_.run([&](Database& database) -> Result<void> {
        changed = false;
        for (const Sighting& sighting : pending_) {
            auto applied = book_.apply(database, sighting, now);
            if (!applied) return applied.error();
            changed = changed || *applied;
        }
        auto next = next_escalation_at(database);
        if (!next) return next.error();
        escalation_at = *next;
        // While judging again, the stored cursor is ahead of ours.
        if (replaying_) return {};
        return with_snapshot ? store::save_rule_snapshot(database, cursor_, state)
                             : store::save_rule_cursor(database, cursor_);
    });
    if (!done) return done.error();
    pending_.clear();
    escalation_at_ = escalation_at;
    if (with_snapshot) {
        snapshot_due_ = told_ = false;
        snapshot_cursor_ = cursor_;
        snapshot_at_ = clock_.monotonic();
    }
    return changed;
}

Result<bool> Judgement::escalate(WallTime now) {
    if (!escalation_at_ || *escalation_at_ > now) return false;
    bool changed = false;
    std::optional<WallTime> next_at;
    auto done = writer_.run([&](Database& database) -> Result<void> {
        auto any = escalate_due(database, now);
        if (!any) return any.error();
        changed = *any;
        auto next = next_escalation_at(database);
        if (!next) return next.error();
        next_at = *next;
        return {};
    });
    if (!done) return done.error();
    escalation_at_ = next_at;
    return changed;
}

Result<void> Judgement::save() {
    snapshot_due_ = snapshot_due_ || told_ || cursor_ != snapshot_cursor_;
    auto done = commit();
    return done ? Result<void>() : Result<void>(done.error().within("judge"));
}

}  // namespace sallyport::alerts
