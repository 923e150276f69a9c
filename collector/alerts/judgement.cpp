// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/judgement.hpp"

#include <algorithm>

#include "collector/alerts/escalation.hpp"
#include "collector/alerts/rule_memory.hpp"
#include "collector/store/rule_engine_repository.hpp"

namespace sallyport::alerts {
namespace {

// Where much changed a snapshot takes long: it may take one part of so many of the time.
constexpr int kSnapshotShare = 50;
// Events that a new rule is shown at most: about a minute's work.
constexpr std::int64_t kPastMax = 2'000'000;

}  // namespace

Result<std::unique_ptr<Judgement>> Judgement::open(store::Writer& writer, const Clock& clock,
                                                   std::shared_ptr<const rules::RuleSet> rules,
                                                   JudgementLimits limits,
                                                   std::optional<WallTime> listening_since) {
    auto reader = writer.reader();
    auto enrichment_reader = writer.reader(), members_reader = writer.reader();
    for (const auto* connection : {&reader, &enrichment_reader, &members_reader})
        if (!*connection) return connection->error().within("judge");
    auto enrichment = registers::Enrichment::open(std::move(*enrichment_reader));
    if (!enrichment) return enrichment.error().within("judge");
    std::unique_ptr<Judgement> judgement(
        new Judgement(writer, clock, std::move(rules), limits,
                                                       listening_since.value_or(clock.now()), std::move(*reader)));
    judgement->enrichment_ = std::move(*enrichment);
    judgement->events_ = std::make_unique<EventReader>(judgement->reader_, *judgement->enrichment_);
    judgement->members_ = std::make_unique<MemberWatch>(std::move(*members_reader), *judgement->enrichment_);
    judgement->sightings_ = std::make_unique<SightingReader>(
        *judgement->rules_, *judgement->events_, *judgement->enrichment_, *judgement->members_);
    if (auto done = judgement->restore(); !done) return done.error().within("judge");
    return judgement;
}

Judgement::Judgement(store::Writer& writer, const Clock& clock, std::shared_ptr<const rules::RuleSet> rules,
                     JudgementLimits limits, WallTime listening_since, Database reader)
    : writer_(writer),
      clock_(clock),
      rules_(std::move(rules)),
      limits_(limits),
      listening_since_(listening_since),
      reader_(std::move(reader)),
      book_(*rules_),
      engine_(make_engine()),
      snapshot_at_(clock.monotonic()) {}

std::unique_ptr<rules::Engine> Judgement::make_engine() {
    return rules::Engine::create(
        rules_, [this](const rules::Rule& rule, std::string_view name, const Record& fields) {
            return events_->site_parameter(rule, name, fields);
        });
}

// --- restart
// ---------------------------------------------------------------------------------------------------------

Result<void> Judgement::restore() {
    auto position = store::load_rule_position(reader_);
    if (!position) return position.error();
    if (*position) {
        if (auto done = take_up_saved(reader_, *engine_, terminals_); !done) return done;
        cursor_ = snapshot_cursor_ = (*position)->state_cursor;
        replaying_ = true;
        if (auto done = show_the_past(); !done) return done.error().within("past events");
        for (bool more = true; more;) {
            auto judged = judge_next((*position)->cursor);
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

// Another engine judges the past by the new rules; ours takes over what those have half seen. What terminals
// were doing before the first of these events is not known to it.
Result<void> Judgement::show_the_past() {
    const auto fresh = engine_->fresh();
    if (fresh.rules.empty() || cursor_ == 0) return {};
    auto last = events_->event_at(cursor_);
    if (!last) return last.error();
    auto first = events_->first_received_at(last->received_at - fresh.span, cursor_);
    if (!first) return first.error();
    const auto past = make_engine();
    TerminalStates terminals;
    std::vector<rules::Finding> findings;
    for (std::int64_t cursor = std::max(*first - 1, cursor_ - kPastMax); cursor < cursor_;) {
        auto events = store::read_events_after(reader_, cursor, limits_.events_per_step);
        if (!events) return events.error();
        for (const store::StoredEvent& stored : *events) {
            if (stored.ingest_id > cursor_) break;
            if (const auto input = events_->input_of(stored, terminals)) past->process(*input, findings);
        }
        cursor = events->empty() ? cursor_ : events->back().ingest_id;
    }
    std::erase_if(findings, [&](const rules::Finding& finding) {
        return std::find(fresh.rules.begin(), fresh.rules.end(), finding.rule) == fresh.rules.end();
    });
    if (auto gathered = gather(std::move(findings), 0, nullptr); !gathered) return gathered;
    auto taken = engine_->take_over([&](const rules::StateSink& sink) { return past->snapshot(sink); });
    if (!taken) return taken;
    if (terminals_.empty()) terminals_ = std::move(terminals);  // better than nothing
    snapshot_due_ = true;
    auto done = commit();
    return done ? Result<void>() : Result<void>(done.error());
}

Result<std::unique_ptr<Judgement>> Judgement::with_rules(std::shared_ptr<const rules::RuleSet> rules) {
    if (auto done = save(); !done) return done.error();
    return open(writer_, clock_, std::move(rules), limits_, listening_since_);
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
    events_->ask_sites_anew();
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
    const auto drilled = events_->drilled();
    const auto input = events_->input_of(stored, terminals_);
    if (!input) {
        // Withheld, of a drill, or intake took it once and another program's version of the schema understood it: it
        // must not hold up all that follows.
        if (events_->drilled() == drilled) ++(stored.line ? unreadable_ : withheld_);
        return {};
    }
    std::vector<rules::Finding> findings;
    engine_->process(*input, findings);
    return gather(std::move(findings), stored.ingest_id, &input->fields);
}

Result<void> Judgement::let_timers_fire(WallTime now) {
    std::vector<rules::Finding> findings;
    const auto is_due = [&] {
        const auto deadline = engine_->next_deadline();
        return deadline && *deadline <= now;
    };
    const bool told = members_->tell(*engine_, is_due(), now, findings);
    told_ = told_ || told;
    if (auto done = members_->await_terminals(*engine_, is_due(), now, listening_since_); !done) return done;
    if (is_due() || told) engine_->advance(now, findings);
    snapshot_due_ = snapshot_due_ || !findings.empty();
    return gather(std::move(findings), 0, nullptr);
}

std::optional<WallTime> Judgement::next_deadline() const {
    const auto timer = engine_->next_deadline();
    if (!timer || !escalation_at_) return timer ? timer : escalation_at_;
    return std::min(*timer, *escalation_at_);
}

Result<void> Judgement::gather(std::vector<rules::Finding> findings, std::int64_t current,
                               const Record* fields) {
    auto sightings = sightings_->read(std::move(findings), clock_.now(), current, fields);
    if (!sightings) return sightings.error();
    for (Sighting& sighting : *sightings) {
        sighting.replayed = replaying_;
        pending_.push_back(std::move(sighting));
    }
    return {};
}

// --- writing
// ---------------------------------------------------------------------------------------------------------

// Cursor and findings stand or fall together. Without findings the cursor waits for the next snapshot:
// judging those events again costs a little time at a restart, and changes nothing.
Result<bool> Judgement::commit() {
    const auto age = clock_.monotonic() - snapshot_at_;
    const auto pause = snapshot_took_ * kSnapshotShare;
    const bool old = (age >= std::max(limits_.snapshot_every, pause) && cursor_ != snapshot_cursor_) ||
                     (age >= std::max(limits_.told_snapshot_every, pause) && told_);
    const bool with_snapshot = !replaying_ && (snapshot_due_ || old);
    if (pending_.empty() && !with_snapshot) return false;
    const auto started = clock_.monotonic();
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
        if (!with_snapshot) return store::save_rule_cursor(database, cursor_);
        if (auto saved = save_changes(database, *engine_, terminals_); !saved) return saved;
        return store::save_rule_position(database, cursor_);
    });
    if (!done) return done.error();
    pending_.clear();
    escalation_at_ = escalation_at;
    if (with_snapshot) note_saved(started);
    return changed;
}

void Judgement::note_saved(MonotonicTime started) {
    engine_->saved();
    terminals_.saved();
    snapshot_due_ = told_ = false;
    snapshot_cursor_ = cursor_;
    snapshot_at_ = clock_.monotonic();
    snapshot_took_ = std::chrono::duration_cast<std::chrono::milliseconds>(snapshot_at_ - started);
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
