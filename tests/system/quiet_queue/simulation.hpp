// SPDX-License-Identifier: Apache-2.0
//
// The collector from behind its front door: what a broker would bring is put in as actions with their times, on a clock
// that the actions move. Admission, own log, liveness, store and judgement are the product's own.
//
// Left out on purpose: broker, TLS and the signatures of batches (intake_test has them); a batch is admitted as
// BatchCheck would hand it on. The clock moves in slices; within one, everything that arrives is stored in the order and
// with the time of its arrival, then liveness is asked, then the log is judged and due timers fire.
//
// One thread beside the writer's.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "collector/alerts/judgement.hpp"
#include "collector/intake/admission.hpp"
#include "collector/intake/liveness_tracker.hpp"
#include "collector/registers/daily_sweep.hpp"
#include "collector/registers/expected_terminals.hpp"
#include "collector/store/alert_repository.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::quiet_queue {

struct Settings {
    std::filesystem::path store;
    std::string ori;
    WallTime start{};
    std::chrono::milliseconds slice{60'000};
};

class Simulation {
public:
    // Called for each alert as it stands after a commit that changed it, and for each incident likewise.
    using AlertSink = std::function<void(const store::Alert&, WallTime)>;
    using IncidentSink = std::function<void(const store::Incident&, WallTime)>;

    [[nodiscard]] static Result<std::unique_ptr<Simulation>> open(Settings settings,
                                                                  std::shared_ptr<const rules::RuleSet> rules,
                                                                  AlertSink alert, IncidentSink incident);

    // Time first: everything that falls due before the action is done. Actions come in order of time.
    //   {"at": ms, "do": "birth"|"announce", "terminal", "instance", "seq"}  `seq`: the last that its spool holds
    //   {"at", "do": "will", "terminal"}
    //   {"at", "do": "batch", "terminal", "instance", "first_seq", "lines": [...], "backlog"?: true}
    //       a part of a backlog is judged before the next comes, as the judge may be quicker than the link
    //   {"at", "do": "notice", "type", "body"}       what the collector saw itself at the broker
    //   {"at", "do": "stop"}, {"at", "do": "start"}  the collector is down between them
    [[nodiscard]] Result<void> apply(const Record& action);
    // Lets the time pass up to `end` and judges what is left.
    [[nodiscard]] Result<void> finish(WallTime end);

    [[nodiscard]] std::uint64_t lines() const { return lines_; }
    [[nodiscard]] std::uint64_t refused() const { return refused_; }
    [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

private:
    struct Link {
        std::string instance;
        std::uint64_t spooled = 0;
        bool connected = false;
        WallTime next_heartbeat{};
    };
    struct Chain {
        Digest genesis{}, head{};
        std::string key;
    };

    Simulation(Settings settings, std::shared_ptr<const rules::RuleSet> rules, SigningKey key, AlertSink alert,
               IncidentSink incident);
    [[nodiscard]] Result<void> open_collector();
    [[nodiscard]] Result<void> close_collector();
    [[nodiscard]] Result<void> pass_until(WallTime time);
    [[nodiscard]] Result<void> end_slice(WallTime end);
    [[nodiscard]] Result<void> pass_time(WallTime end);
    [[nodiscard]] Result<void> sweep();
    [[nodiscard]] Result<void> save_board();
    [[nodiscard]] Result<void> tell_sweep(const std::vector<registers::SweepLine>& lines, WallTime at,
                                          const store::Writer::Job& with);
    [[nodiscard]] Result<void> judge();
    [[nodiscard]] Result<void> tell_changes();

    // In the slice's transaction, on the writer's thread, while this one waits.
    [[nodiscard]] Result<void> store_slice(Database& database, WallTime end);
    [[nodiscard]] Result<void> take(Database& database, store::EventAppender& appender, const Record& action);
    [[nodiscard]] Result<void> admit_batch(Database& database, store::EventAppender& appender, const Record& action);
    [[nodiscard]] Result<intake::CheckedBatch> checked(Database& database, const Record& action);
    [[nodiscard]] Result<Chain*> chain_of(Database& database, const std::string& terminal, const std::string& instance);

    static void spool(Link& link, std::string instance, std::uint64_t seq);
    [[nodiscard]] intake::LivenessChange hear(const std::string& terminal, StatusKind kind);
    void heartbeats_until(WallTime time);
    void remark(intake::LivenessChange change);

    Settings settings_;
    std::shared_ptr<const rules::RuleSet> rules_;
    AlertSink alert_;
    IncidentSink incident_;
    testing::ManualClock clock_;
    SigningKey key_;

    std::unique_ptr<store::Writer> writer_;
    std::optional<Database> reader_;
    std::unique_ptr<registers::ExpectedTerminals> expected_;
    std::unique_ptr<registers::DailySweep> sweep_;
    std::unique_ptr<alerts::Judgement> judgement_;
    std::optional<intake::OwnLog> own_log_;
    std::optional<intake::LivenessTracker> liveness_;

    std::vector<Record> waiting_;  // this slice's actions
    WallTime slice_end_;
    std::map<std::string, Link> links_;
    std::set<std::pair<WallTime, std::string>> heartbeats_;  // which are due when
    std::map<std::string, std::string> terminal_keys_;  // base64 of the public one: nothing is ever signed by them
    std::map<std::pair<std::string, std::string>, Chain> chains_;
    std::map<std::string, store::TerminalLiveness> rows_;  // on the board, as it stands now
    std::set<std::string> rows_changed_;                   // by more than a heartbeat
    std::vector<intake::Notice> notices_;
    WallTime board_saved_{};
    std::int64_t alert_revision_ = 0, incident_revision_ = 0;
    std::uint64_t lines_ = 0, refused_ = 0, unreadable_ = 0;
};

}  // namespace sallyport::quiet_queue
