// SPDX-License-Identifier: Apache-2.0
//
// The event log judged by the rules, one step at a time: reads what is new, lets the engine judge it, and
// writes what came of it together with the cursor in one transaction. Killed between any two steps and opened
// again, it comes to the same alerts.
//
// One thread. Durable when step() returns. After a step that failed it is of no more use: what it had not
// written is judged again by the one opened next.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "collector/alerts/alert_book.hpp"
#include "collector/alerts/event_reader.hpp"
#include "collector/alerts/member_watch.hpp"
#include "collector/alerts/sighting_reader.hpp"
#include "collector/registers/enrichment.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/writer.hpp"

namespace sallyport::alerts {

struct JudgementLimits {
    std::size_t events_per_step = 500;
    std::chrono::milliseconds snapshot_every{10'000};
    // What was told of members is in no log: a crash forgets no more than this of it.
    std::chrono::milliseconds told_snapshot_every{60'000};
};

class Judgement {
public:
    // Takes up the last snapshot and judges again what was judged since. A rule that is new or changed is
    // shown the events of the time it looks back on, so that its windows stand as if it had always been
    // there; what it finds in them is raised. `listening_since`: when the collector began to hear terminals, if
    // that was not just now; those that were alive before are waited for. The clock outlives it.
    [[nodiscard]] static Result<std::unique_ptr<Judgement>> open(
        store::Writer& writer, const Clock& clock, std::shared_ptr<const rules::RuleSet> rules,
        JudgementLimits limits = {}, std::optional<WallTime> listening_since = std::nullopt);

    struct Progress {
        bool judged = false;   // there were events: more may be waiting
        bool changed = false;  // alerts or incidents are not what they were
    };
    [[nodiscard]] Result<Progress> step();
    // When step() has something to do though no event comes.
    [[nodiscard]] std::optional<WallTime> next_deadline() const;
    // Another one with other rules, for what comes next: it goes on where this one stands, and rules that are
    // the same keep what they had half seen. All or nothing: after an error this one goes on as if nothing
    // had been.
    [[nodiscard]] Result<std::unique_ptr<Judgement>> with_rules(std::shared_ptr<const rules::RuleSet> rules);
    // Writes the snapshot now, so that the next start has nothing to judge again.
    [[nodiscard]] Result<void> save();

    // Lines that cannot be judged, counted: taken out of the log by retention or redaction, or not
    // understood.
    [[nodiscard]] std::uint64_t withheld() const { return withheld_; }
    [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }
    // Bounds that were reached, among others.
    [[nodiscard]] rules::EngineStatistics statistics() const { return engine_->statistics(); }
    [[nodiscard]] std::int64_t cursor() const { return cursor_; }

private:
    Judgement(store::Writer& writer, const Clock& clock, std::shared_ptr<const rules::RuleSet> rules,
              JudgementLimits limits, WallTime listening_since, Database reader);
    [[nodiscard]] std::unique_ptr<rules::Engine> make_engine();
    [[nodiscard]] Result<void> restore();
    // The rules that no snapshot knew, and what they look back on.
    [[nodiscard]] Result<void> show_the_past();
    struct Judged {
        bool any = false;  // there were events
        bool all = false;  // and these were the last
    };
    [[nodiscard]] Result<Judged> judge_next(std::int64_t up_to);
    [[nodiscard]] Result<void> judge(const store::StoredEvent& stored);
    [[nodiscard]] Result<void> let_timers_fire(WallTime now);
    [[nodiscard]] Result<void> gather(std::vector<rules::Finding> findings, std::int64_t current,
                                      const Record* fields);
    [[nodiscard]] Result<bool> commit();
    [[nodiscard]] Result<bool> escalate(WallTime now);
    void note_saved(MonotonicTime started);

    store::Writer& writer_;
    const Clock& clock_;
    std::shared_ptr<const rules::RuleSet> rules_;
    JudgementLimits limits_;
    WallTime listening_since_;
    Database reader_;
    AlertBook book_;
    std::unique_ptr<registers::Enrichment> enrichment_;
    std::unique_ptr<EventReader> events_;
    std::unique_ptr<MemberWatch> members_;
    std::unique_ptr<SightingReader> sightings_;
    std::unique_ptr<rules::Engine> engine_;
    TerminalStates terminals_;

    std::int64_t cursor_ = 0;
    std::int64_t snapshot_cursor_ = 0;
    std::vector<Sighting> pending_;  // judged, not yet written
    bool replaying_ = false;
    bool snapshot_due_ = false;  // a timer fired: no replay of events could tell when
    bool told_ = false;          // of members since the snapshot: nor that
    MonotonicTime snapshot_at_{};
    std::chrono::milliseconds snapshot_took_{};
    std::optional<WallTime> escalation_at_;
    std::uint64_t withheld_ = 0, unreadable_ = 0;
};

}  // namespace sallyport::alerts
