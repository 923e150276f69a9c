// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/rehearsal.hpp"

#include <algorithm>
#include <limits>

#include "collector/alerts/alert_book.hpp"
#include "collector/alerts/alert_identity.hpp"
#include "collector/alerts/sighting_reader.hpp"

namespace sallyport::alerts {
namespace {

constexpr std::size_t kEventsAtOnce = 500;
constexpr std::size_t kCandidatesMax = 64;  // sightings kept until it is known which became alerts

class ReplayClock final : public Clock {
public:
    [[nodiscard]] WallTime now() const override { return now_; }
    [[nodiscard]] MonotonicTime monotonic() const override {
        return MonotonicTime(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    }
    [[nodiscard]] ClockState state() const override { return ClockState::synced; }
    void set(WallTime now) { now_ = std::max(now_, now); }

private:
    WallTime now_{};
};

// One replay. Its parts know each other, so it stays where it was made.
class Replay {
public:
    Replay(const RehearsalPlan& plan, Database reader, std::unique_ptr<registers::Enrichment> enrichment,
           Database for_members, Database& scratch, const Clock& clock)
        : plan_(plan),
          reader_(std::move(reader)),
          enrichment_(std::move(enrichment)),
          events_(reader_, *enrichment_),
          members_(std::move(for_members), *enrichment_),
          sightings_(*plan.rules, events_, *enrichment_, members_),
          book_(*plan.rules),
          scratch_(scratch),
          clock_(clock),
          engine_(rules::Engine::create(
              plan.rules, [this](const rules::Rule& rule, std::string_view name, const Record& fields) {
                  return events_.site_parameter(rule, name, fields);
              })) {}

    Result<Rehearsal> run() {
        const WallTime from = plan_.since - engine_->fresh().span;
        replayed_.set(from);
        auto first = events_.first_received_at(from, std::numeric_limits<std::int64_t>::max());
        if (!first) return first.error();
        auto transaction = scratch_.begin();
        if (!transaction) return transaction.error();
        if (auto done = judge_from(*first - 1); !done) return done.error();
        if (auto done = pass_time(plan_.until); !done) return done.error();
        if (auto done = collect(); !done) return done.error();
        return std::move(outcome_);
    }

private:
    Result<void> judge_from(std::int64_t cursor) {
        for (;;) {
            auto events = store::read_events_after(reader_, cursor, kEventsAtOnce);
            if (!events) return events.error();
            if (events->empty()) return {};
            for (const store::StoredEvent& stored : *events) {
                if (stored.received_at >= plan_.until) return {};
                if (auto done = judge(stored); !done) return done;
            }
            cursor = events->back().ingest_id;
            remember_load();
        }
    }

    Result<void> judge(const store::StoredEvent& stored) {
        if (auto done = pass_time(stored.received_at); !done) return done;
        replayed_.set(stored.received_at);
        ++outcome_.events;
        const auto input = events_.input_of(stored, terminals_);
        if (!input) {
            ++outcome_.not_judged;
            return {};
        }
        std::vector<rules::Finding> findings;
        const MonotonicTime start = clock_.monotonic();
        engine_->process(*input, findings);
        outcome_.judging += std::chrono::milliseconds((clock_.monotonic() - start).count());
        return raise(std::move(findings), stored.ingest_id, &input->fields);
    }

    // Every timer that was due by then fires at its time, and expected terminals are told of each minute.
    Result<void> pass_time(WallTime until) {
        for (auto next = next_moment(); next && *next <= until; next = next_moment()) {
            replayed_.set(*next);
            if (auto done = let_timers_fire(*next); !done) return done;
        }
        return {};
    }

    std::optional<WallTime> next_moment() const {
        std::optional<WallTime> next = engine_->next_deadline();
        if (next && looked_at_ && *next <= *looked_at_) next = *looked_at_ + MemberWatch::kLookEvery;
        if (!engine_->watches(MemberWatch::kTerminals)) return next;
        const WallTime telling = looked_at_ ? told_at_ + MemberWatch::kTellEvery : replayed_.now();
        return next ? std::min(*next, telling) : telling;
    }

    Result<void> let_timers_fire(WallTime now) {
        std::vector<rules::Finding> findings;
        const auto deadline = engine_->next_deadline();
        const bool told = members_.tell(*engine_, deadline && *deadline <= now, now, findings);
        if (told || !looked_at_) told_at_ = now;
        looked_at_ = now;
        engine_->advance(now, findings);
        return raise(std::move(findings), 0, nullptr);
    }

    Result<void> raise(std::vector<rules::Finding> findings, std::int64_t current, const Record* fields) {
        if (findings.empty()) return {};
        auto sightings = sightings_.read(std::move(findings), replayed_.now(), current, fields);
        if (!sightings) return sightings.error();
        for (Sighting& sighting : *sightings) {
            const bool rehearsed = plan_.as_live.contains(rule_id_of(*sighting.rule));
            sighting.live = sighting.live || rehearsed;
            auto changed = book_.apply(scratch_, sighting, replayed_.now());
            if (!changed) return changed.error();
            if (rehearsed) keep_example(sighting);
        }
        return {};
    }

    // Once an alert, by its id: the alert itself is looked up when all is judged.
    void keep_example(const Sighting& sighting) {
        if (outcome_.examples.size() >= kCandidatesMax || replayed_.now() < plan_.since ||
            sighting.finding.phase != rules::FindingPhase::raised)
            return;
        const std::string id = alert_id(rule_id_of(*sighting.rule),
                                        dedupe_key(*sighting.rule, sighting.finding, sighting.fields),
                                        sighting.first_leaf);
        if (std::any_of(outcome_.examples.begin(), outcome_.examples.end(),
                        [&](const Rehearsal::Example& kept) { return kept.alert.alert_id == id; }))
            return;
        Rehearsal::Example example{{}, sighting.rule->key, sighting.fields};
        example.alert.alert_id = id;
        outcome_.examples.push_back(std::move(example));
    }

    void remember_load() {
        const auto now = engine_->statistics();
        rules::EngineStatistics& most = outcome_.most;
        most.groups = std::max(most.groups, now.groups);
        most.matches = std::max(most.matches, now.matches);
        most.timers = std::max(most.timers, now.timers);
    }

    Result<void> collect() {
        remember_load();
        auto all = store::list_alerts(scratch_, {.limit = std::numeric_limits<std::int32_t>::max()});
        if (!all) return all.error();
        std::reverse(all->begin(), all->end());
        std::erase_if(*all, [&](const store::Alert& alert) {
            return alert.raised_at < plan_.since || alert.raised_at > plan_.until;
        });
        outcome_.alerts = std::move(*all);
        // Of what only repeated an alert there is no alert of that id.
        std::erase_if(outcome_.examples, [&](Rehearsal::Example& example) {
            const auto at = std::find_if(
                outcome_.alerts.begin(), outcome_.alerts.end(),
                [&](const store::Alert& alert) { return alert.alert_id == example.alert.alert_id; });
            if (at != outcome_.alerts.end()) example.alert = *at;
            return at == outcome_.alerts.end();
        });
        if (outcome_.examples.size() > plan_.examples)
            outcome_.examples.erase(outcome_.examples.begin() + static_cast<std::ptrdiff_t>(plan_.examples),
                                    outcome_.examples.end());
        return {};
    }

    const RehearsalPlan& plan_;
    ReplayClock replayed_;
    Database reader_;
    std::unique_ptr<registers::Enrichment> enrichment_;
    EventReader events_;
    MemberWatch members_;
    SightingReader sightings_;
    AlertBook book_;
    Database& scratch_;
    const Clock& clock_;
    std::unique_ptr<rules::Engine> engine_;
    TerminalStates terminals_;
    std::optional<WallTime> looked_at_;
    WallTime told_at_{};
    Rehearsal outcome_;
};

}  // namespace

bool Rehearsal::is_queue_item(const store::Alert& alert) { return alert.lane == "queue" && !alert.part_of; }

bool Rehearsal::is_page(const store::Alert& alert) {
    return is_queue_item(alert) && alert.severity == "critical";
}

Result<Rehearsal> rehearse(const RehearsalPlan& plan, const std::function<Result<Database>()>& connect,
                           Database& scratch, const Clock& clock) {
    auto reader = connect(), for_enrichment = connect(), for_members = connect();
    for (const auto* connection : {&reader, &for_enrichment, &for_members})
        if (!*connection) return connection->error().within("rehearsal");
    auto enrichment = registers::Enrichment::open(std::move(*for_enrichment));
    if (!enrichment) return enrichment.error().within("rehearsal");
    Replay replay(plan, std::move(*reader), std::move(*enrichment), std::move(*for_members), scratch, clock);
    auto outcome = replay.run();
    if (!outcome) return outcome.error().within("rehearsal");
    return outcome;
}

}  // namespace sallyport::alerts
