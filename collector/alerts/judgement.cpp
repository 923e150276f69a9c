// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/judgement.hpp"

#include <algorithm>

#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/escalation.hpp"
#include "collector/alerts/event_fields.hpp"
#include "collector/store/rule_engine_repository.hpp"
#include "protocol/json.hpp"
#include "rules/engine/window_relief.hpp"

namespace sallyport::alerts {
namespace {

constexpr JsonLimits kSnapshotLimits{
    .bytes_max = std::size_t{1} << 30, .depth_max = 12, .fields_max = std::size_t{1} << 26};

Result<Event> event_of(const store::StoredEvent& stored) {
    auto decoded = decode_event(*stored.line);
    if (const auto* refusal = std::get_if<EventRefusal>(&decoded))
        return Error(Errc::corrupt,
                     "event " + std::to_string(stored.ingest_id) + ": " + refusal->error.message());
    return std::get<Event>(std::move(decoded));
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
      engine_(rules::Engine::create(
          rules_, [this](const rules::Rule& rule, std::string_view name,
                         const Record& fields) { return site_parameter(rule, name, fields); })),
      snapshot_at_(clock.monotonic()) {}

// --- restart
// ---------------------------------------------------------------------------------------------------------

Result<void> Judgement::restore() {
    auto state = store::load_rule_engine(reader_);
    if (!state) return state.error();
    if (*state) {
        if (auto done = take_up((*state)->snapshot); !done) return done;
        cursor_ = snapshot_cursor_ = (*state)->snapshot_cursor;
        replaying_ = true;
        for (bool more = true; more;) {
            auto judged = judge_next((*state)->cursor);
            if (!judged) return judged.error().within("replay");
            more = *judged;
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
    progress.judged = *judged;
    if (!*judged) {
        if (auto done = let_timers_fire(now); !done) return done.error().within("judge");
    }
    auto changed = commit();
    if (!changed) return changed.error().within("judge");
    auto escalated = escalate(now);
    if (!escalated) return escalated.error().within("judge");
    progress.changed = *changed || *escalated;
    return progress;
}

// False when there is nothing up to there.
Result<bool> Judgement::judge_next(std::int64_t up_to) {
    site_parameters_.clear();
    auto events = store::read_events_after(reader_, cursor_, limits_.events_per_step);
    if (!events) return events.error();
    for (const store::StoredEvent& stored : *events) {
        if (stored.ingest_id > up_to) return false;
        if (auto done = judge(stored); !done) return done.error();
        cursor_ = stored.ingest_id;
    }
    return !events->empty();
}

Result<void> Judgement::judge(const store::StoredEvent& stored) {
    if (!stored.line) {
        ++withheld_;
        return {};
    }
    auto event = event_of(stored);
    if (!event) {
        // Intake took it once, so another program's version of the schema did: it must not hold up all that
        // follows.
        ++unreadable_;
        return {};
    }
    const std::string terminal = terminal_of(*event);
    if (terminal == event->terminal_id && !terminal.empty()) terminals_[terminal].apply(*event);
    auto fields = fields_of(stored, *event);
    if (!fields) return fields.error();
    rules::InputEvent input;
    input.reference = stored.ingest_id;
    input.time = event_time(*event);
    input.logsource = logsource_of(event->type);
    input.fields = std::move(*fields);
    if (const auto state = terminals_.find(terminal); state != terminals_.end())
        state->second.add_to(input.fields);
    std::vector<rules::Finding> findings;
    engine_->process(input, findings);
    if (parameter_error_) return *parameter_error_;
    return gather(std::move(findings), stored.ingest_id, &input.fields);
}

Result<void> Judgement::let_timers_fire(WallTime now) {
    const auto deadline = engine_->next_deadline();
    if (!deadline || *deadline > now) return {};
    std::vector<rules::Finding> findings;
    engine_->advance(now, findings);
    snapshot_due_ = true;
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
    auto value = enrichment_->parameter(rule_id_of(rule), site, name);
    if (!value) {
        parameter_error_ = value.error();
        return std::nullopt;
    }
    site_parameters_.emplace(std::move(key), *value);
    return *value;
}

// --- what a finding needs to become an alert
// -------------------------------------------------------------------------

Result<void> Judgement::gather(std::vector<rules::Finding> findings, std::int64_t current,
                               const Record* fields) {
    for (rules::Finding& finding : findings) {
        auto sighting = sighting_of(std::move(finding), current, fields);
        if (!sighting) return sighting.error();
        pending_.push_back(std::move(*sighting));
    }
    return {};
}

Result<Sighting> Judgement::sighting_of(rules::Finding finding, std::int64_t current, const Record* fields) {
    Sighting sighting;
    sighting.rule = rules_->find(finding.rule);
    if (sighting.rule == nullptr || finding.evidence.empty())
        return Error(Errc::internal, "a finding of '" + finding.rule + "' without rule or evidence");
    const std::int64_t telling = rules::telling_event(*sighting.rule, finding);
    auto first = event_at(finding.evidence.front());
    auto stored = event_at(telling);
    if (!first || !stored) return (first ? stored : first).error();
    if (telling == current && fields != nullptr) {
        sighting.fields = *fields;
    } else if (stored->line) {
        auto event = event_of(*stored);
        if (!event) return event.error();
        auto known = fields_of(*stored, *event);
        if (!known) return known.error();
        sighting.fields = std::move(*known);
    } else {
        sighting.fields.set("terminal_id", stored->terminal_id);
    }
    const std::string site(text_of(sighting.fields, "site.id"));
    auto live = enrichment_->is_live(rule_id_of(*sighting.rule), site);
    if (!live) return live.error();
    auto parameters = parameters_of(*sighting.rule, sighting.fields);
    if (!parameters) return parameters.error();
    sighting.finding = std::move(finding);
    sighting.ori = stored->ori;
    sighting.first_leaf = first->leaf;
    sighting.live = *live || sighting.rule->live_at_once;
    sighting.parameters = std::move(*parameters);
    sighting.known_at = stored->received_at;
    sighting.received_lag_ms = std::max<std::int64_t>(0, (stored->received_at - stored->event_time).count());
    sighting.replayed = replaying_;
    return sighting;
}

Result<store::StoredEvent> Judgement::event_at(std::int64_t ingest_id) {
    auto events = store::read_events(reader_, {ingest_id});
    if (!events) return events.error();
    if (events->empty())
        return Error(Errc::corrupt, "event " + std::to_string(ingest_id) + " is not in the log");
    return std::move(events->front());
}

// The registers as known when the event came: judged again, it is judged alike (system.md 9.8).
Result<Record> Judgement::fields_of(const store::StoredEvent& stored, const Event& event) {
    Record fields = event_fields(event);
    auto known = enrichment_->fields_for(event, terminal_of(event), stored.received_at);
    if (!known) return known.error();
    for (const auto& [name, value] : *known)
        fields.append(name, value);
    return fields;
}

Result<std::string> Judgement::parameters_of(const rules::Rule& rule, const Record& fields) {
    Record parameters{{"document", rule.key}};
    for (const rules::Parameter& parameter : rule.parameters) {
        const auto own = site_parameter(rule, parameter.name, fields);
        if (parameter_error_) return *parameter_error_;
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
    const bool old =
        clock_.monotonic() - snapshot_at_ >= limits_.snapshot_every && cursor_ != snapshot_cursor_;
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
        snapshot_due_ = false;
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
    snapshot_due_ = snapshot_due_ || cursor_ != snapshot_cursor_;
    auto done = commit();
    return done ? Result<void>() : Result<void>(done.error().within("judge"));
}

}  // namespace sallyport::alerts
