// SPDX-License-Identifier: Apache-2.0
#include "collector/retention/retention.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "collector/retention/keeper.hpp"
#include "collector/store/alert_repository.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/legal_hold.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/store_file.hpp"
#include "protocol/chain.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::retention {
namespace {

using store::DataClass;
using namespace std::chrono_literals;
using std::chrono::days;

class RetentionTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto opened = store::Writer::open(file_);
        ASSERT_TRUE(opened) << opened.error().message();
        writer_ = std::move(*opened);
    }

    void run(const store::Writer::Job& job) {
        auto done = writer_->run(job);
        ASSERT_TRUE(done) << done.error().message();
    }
    void sql(const std::string& text) {
        run([&](Database& database) { return database.execute(text); });
    }
    std::int64_t count(const std::string& text) {
        auto reader = *writer_->reader();
        auto query = *reader.prepare(text);
        return *query.step() ? query.integer(0) : -1;
    }

    // So many lines of a terminal, received now; each with `mark` in it. The rules have judged them.
    void receive(const std::string& terminal, const std::string& type, int lines, const std::string& mark = "x") {
        run([&](Database& database) -> Result<void> {
            auto stream = store::find_stream(database, terminal, terminal + "-1");
            auto position = *stream ? **stream : *store::create_stream(database, "CA0010000", terminal, terminal + "-1", {}, clock_.now());
            std::vector<store::NewEvent> events;
            for (int i = 0; i < lines; ++i) {
                const std::string line = R"({"type":")" + type + R"(","operator_account":"ann","n":)" + std::to_string(i) +
                                         R"(,"mark":")" + mark + std::string(static_cast<std::size_t>(i) % 900, 'p') + mark + "\"}";
                events.push_back({type, clock_.now(), leaf_of(line), line, std::nullopt});
            }
            auto appender = store::EventAppender::open(database);
            if (auto done = appender->append(position, std::nullopt, events, clock_.now()); !done)
                return done;
            return database.execute("INSERT OR REPLACE INTO rule_engine (id, cursor, snapshot_cursor) SELECT 1, max(ingest_id), "
                                    "max(ingest_id) FROM event");
        });
    }
    // A resolved alert over that line.
    void raise(const std::string& id, std::int64_t ingest_id, const std::string& terminal, const std::string& lane = "queue") {
        run([&](Database& database) -> Result<void> {
            store::Alert alert;
            alert.alert_id = id;
            alert.ori = "CA0010000";
            alert.rule_id = "CAM-01";
            alert.severity = "medium";
            alert.terminal_id = terminal;
            alert.dedupe_key = id;
            alert.lane = lane;
            alert.kind = "event";
            alert.state = "resolved";
            alert.first_event_at = alert.last_event_at = alert.condition_at = alert.raised_at = alert.known_at = clock_.now();
            alert.evidence = {ingest_id};
            return store::insert_alert(database, alert);
        });
    }

    // As the collector does it, until nothing is left to do.
    void keep() {
        auto keeper = Keeper::open(file_, *writer_, clock_);
        ASSERT_TRUE(keeper);
        for (;;) {
            auto more = (*keeper)->run_due();
            ASSERT_TRUE(more) << more.error().message();
            if (!*more)
                return;
        }
    }
    // The open proposal of the class, made now where the night made none.
    std::int64_t proposed(DataClass data_class, const std::string& by = "system") {
        std::int64_t id = 0;
        {
            auto reader = *writer_->reader();
            if (const auto open = *store::open_deletion(reader, data_class))
                return open->deletion_id;
        }
        run([&](Database& database) -> Result<void> {
            auto made = propose(database, data_class, {by, "administrator"}, "past its period", clock_.now());
            if (!made)
                return made.error();
            id = made->deletion_id;
            return {};
        });
        return id;
    }
    Result<void> approved(std::int64_t id, const std::string& by, const std::string& role = "acc") {
        return writer_->run([&](Database& database) -> Result<void> {
            auto done = approve(database, id, {by, role}, clock_.now());
            return done ? Result<void>() : Result<void>(done.error());
        });
    }
    store::Deletion deletion(std::int64_t id) {
        auto reader = *writer_->reader();
        return **store::find_deletion(reader, id);
    }
    bool files_hold(const std::string& text) {
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
            std::ifstream in(entry.path(), std::ios::binary);
            const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
            if (content.find(text) != std::string::npos)
                return true;
        }
        return false;
    }

    static store::AuditEntry act(const std::string& alert) {
        store::AuditEntry entry;
        entry.actor = "ann";
        entry.actor_role = "acc";
        entry.action = "alert.acknowledge";
        entry.object_type = "alert";
        entry.object_id = alert;
        return entry;
    }

    testing::TemporaryFolder folder_;
    const std::filesystem::path file_ = folder_ / "store.db";
    testing::ManualClock clock_;
    std::unique_ptr<store::Writer> writer_;
};

TEST_F(RetentionTest, GivenPresenceWhenAWeekIsOverThenItsDetailGoesByItselfAndItsHoursAreCounted) {
    receive("T-1", "camera.presence", 1200);
    receive("T-1", "usb.attach", 3);
    clock_.advance(days(7) + 1h);
    receive("T-1", "camera.presence", 10);
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE type = 'camera.presence' AND line IS NULL AND withheld_reason = 'deleted'"), 1200);
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE line IS NOT NULL"), 13);
    EXPECT_EQ(count("SELECT sum(reports) FROM presence_hour WHERE terminal_id = 'T-1'"), 1200);
    EXPECT_EQ(count("SELECT count(*) FROM audit WHERE action = 'deletion.run' AND detail LIKE '%\"deleted\":1200%'"), 1);
}

TEST_F(RetentionTest, GivenPresenceBeneathAnAlertThenItStaysAndBeneathWhatWasOnlyObservedItGoes) {
    receive("T-1", "camera.presence", 3);
    raise("A-1", 1, "T-1");
    raise("A-2", 2, "T-1", "observe");
    clock_.advance(days(8));
    keep();
    EXPECT_EQ(count("SELECT group_concat(ingest_id) FROM event WHERE line IS NOT NULL"), 1);
    EXPECT_EQ(deletion(1).tied, 1);
}

TEST_F(RetentionTest, GivenDeletedLinesThenNoFileHoldsThemAndTheChainStillLeadsToItsHead) {
    receive("T-1", "camera.presence", 2500, "SECRET-OF-THE-DESK");
    ASSERT_TRUE(files_hold("SECRET-OF-THE-DESK"));
    const std::int64_t leaves = count("SELECT count(*) FROM event WHERE length(leaf) = 32");
    clock_.advance(days(8));
    keep();
    EXPECT_FALSE(files_hold("SECRET-OF-THE-DESK"));
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE length(leaf) = 32"), leaves);
    auto reader = *writer_->reader();
    Digest head{};
    auto rows = *reader.prepare("SELECT leaf FROM event ORDER BY seq");
    while (*rows.step()) {
        const Bytes bytes = rows.blob(0);
        Digest leaf{};
        std::copy(bytes.begin(), bytes.end(), leaf.begin());
        head = chain_link(head, leaf);
    }
    EXPECT_EQ(head, (*store::find_stream(reader, "T-1", "T-1-1"))->head);
}

TEST_F(RetentionTest, GivenALineThatTheRulesMaySeeAgainThenItStays) {
    receive("T-1", "camera.presence", 10);
    sql("UPDATE rule_engine SET snapshot_cursor = 4");
    clock_.advance(days(8));
    keep();
    EXPECT_EQ(count("SELECT min(ingest_id) FROM event WHERE line IS NOT NULL"), 5);
}

TEST_F(RetentionTest, GivenOldEventsWhenNobodyApprovedThenNothingGoes) {
    receive("T-1", "usb.attach", 20);
    clock_.advance(days(731));
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM deletion WHERE data_class = 'events' AND state = 'proposed'"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE line IS NULL"), 0);
}

TEST_F(RetentionTest, GivenAProposalWhenAnotherPersonApprovesThenItGoes) {
    receive("T-1", "usb.attach", 1700);
    clock_.advance(days(731));
    receive("T-1", "usb.attach", 5);
    const std::int64_t id = proposed(DataClass::events, "root");
    EXPECT_EQ(approved(id, "root").error().code(), Errc::refused);
    EXPECT_EQ(approved(id, "eve", "administrator").error().code(), Errc::refused);
    ASSERT_TRUE(approved(id, "ann"));
    keep();
    EXPECT_EQ(deletion(id).state, "done");
    EXPECT_EQ(deletion(id).deleted, 1700);
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE line IS NOT NULL"), 5);
}

TEST_F(RetentionTest, GivenTheAuditLogThenTwoPeopleMustApproveAndOneTwiceIsOne) {
    const std::int64_t id = proposed(DataClass::audit, "root");
    ASSERT_TRUE(approved(id, "ann"));
    EXPECT_EQ(deletion(id).state, "proposed");
    EXPECT_EQ(approved(id, "ann").error().code(), Errc::refused);
    ASSERT_TRUE(approved(id, "dan", "psd_director"));
    EXPECT_EQ(deletion(id).state, "approved");
}

TEST_F(RetentionTest, GivenAnOldAuditLogWhenItsBeginningGoesThenTheRestStillVerifies) {
    run([&](Database& database) -> Result<void> {
        for (int i = 0; i < 700; ++i)
            if (auto done = store::append_audit(database, act("gone"), clock_.now()); !done)
                return done;
        return store::save_audit_relayed(database, 700);
    });
    clock_.advance(days(5 * 365 + 2));
    const std::int64_t id = proposed(DataClass::audit, "root");
    ASSERT_TRUE(approved(id, "ann"));
    ASSERT_TRUE(approved(id, "dan", "psd_director"));
    keep();
    EXPECT_EQ(deletion(id).deleted, 700);
    auto reader = *writer_->reader();
    auto verified = store::verify_audit(reader);
    ASSERT_TRUE(verified) << verified.error().message();
    EXPECT_EQ(count("SELECT min(log_id) FROM audit"), 701);

    // Without the act that says so, it is an audit log whose beginning is missing.
    sql("UPDATE audit_anchor SET log_id = log_id + 1, hash = (SELECT hash FROM audit WHERE log_id = 701); DELETE FROM audit WHERE log_id = 701");
    auto again = *writer_->reader();
    EXPECT_EQ(store::verify_audit(again).error().code(), Errc::corrupt);
}

TEST_F(RetentionTest, GivenYoungAuditEntriesThenNothingButThatTriggerLetsThemGo) {
    run([&](Database& database) {
        return store::append_audit(database, act("gone"), clock_.now());
    });
    EXPECT_FALSE(writer_->run([](Database& database) { return database.execute("DELETE FROM audit"); }));
}

TEST_F(RetentionTest, GivenALegalHoldOnATerminalThenItsLinesStayUntilItIsLifted) {
    receive("T-1", "camera.presence", 5);
    receive("T-2", "camera.presence", 5);
    run([&](Database& database) -> Result<void> {
        store::LegalHold hold;
        hold.kind = "terminal";
        hold.subject = "T-1";
        hold.reason = "request";
        hold.placed_by = "ann";
        auto placed = store::place_hold(database, hold);
        return placed ? Result<void>() : Result<void>(placed.error());
    });
    clock_.advance(days(8));
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE line IS NOT NULL"), 5);
    EXPECT_EQ(deletion(1).held, 5);
    run([&](Database& database) -> Result<void> {
        auto lifted = store::lift_hold(database, 1, "ann", "settled", clock_.now());
        return lifted ? Result<void>() : Result<void>(lifted.error());
    });
    clock_.advance(days(1));
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE line IS NOT NULL"), 0);
}

TEST_F(RetentionTest, GivenALegalHoldOnAnOperatorThenEveryAccountTheyEverHadIsKept) {
    run([&](Database& database) {
        store::RegisterEntry entry{"CA0010000", "operators", "OP-1", 1, clock_.now() - days(9), {}, clock_.now(), "ann", "new",
                                   Record{{"os_accounts", List{std::string("ann")}}}, {}};
        return store::record_entry(database, entry);
    });
    run([&](Database& database) {
        store::RegisterEntry entry{"CA0010000", "operators", "OP-1", 1, clock_.now(), {}, clock_.now(), "ann", "renamed",
                                   Record{{"os_accounts", List{std::string("bea")}}}, {}};
        return store::record_entry(database, entry);
    });
    run([&](Database& database) -> Result<void> {
        store::LegalHold hold;
        hold.kind = "operator";
        hold.subject = "OP-1";
        hold.reason = "request";
        auto placed = store::place_hold(database, hold);
        return placed ? Result<void>() : Result<void>(placed.error());
    });
    receive("T-1", "camera.presence", 5);
    clock_.advance(days(8));
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE line IS NOT NULL"), 5);
}

TEST_F(RetentionTest, GivenALegalHoldOnASpanThenWhatHappenedInItStays) {
    receive("T-1", "camera.presence", 5);
    const WallTime first = clock_.now();
    clock_.advance(2h);
    receive("T-1", "camera.presence", 4);
    run([&](Database& database) -> Result<void> {
        store::LegalHold hold;
        hold.kind = "span";
        hold.from = first - 1h;
        hold.to = first + 1h;
        auto placed = store::place_hold(database, hold);
        return placed ? Result<void>() : Result<void>(placed.error());
    });
    clock_.advance(days(8));
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE line IS NOT NULL"), 5);
}

TEST_F(RetentionTest, GivenAnIncidentWhenItIsHeldThenWhatItsTerminalSaidAroundItStaysToo) {
    receive("T-1", "camera.presence", 3);
    receive("T-2", "camera.presence", 3);
    raise("A-1", 1, "T-1");
    sql("INSERT INTO incident (incident_id, ori, number, kind, severity, status, discovered_at, discovered_by, discovery_method, summary, "
        "closed_at, revision) VALUES ('I-1', 'CA0010000', '2026-0001', 'misuse', 'high', 'closed', 0, 'ann', 'alert', 's', 1, 1); "
        "INSERT INTO incident_alert VALUES ('I-1', 'A-1')");
    run([&](Database& database) -> Result<void> {
        store::LegalHold hold;
        hold.kind = "incident";
        hold.subject = "2026-0001";
        auto placed = store::place_hold(database, hold);
        return placed ? Result<void>() : Result<void>(placed.error());
    });
    clock_.advance(days(8));
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM event JOIN stream USING (stream_id) WHERE line IS NOT NULL AND terminal_id = 'T-1'"), 3);
    EXPECT_EQ(count("SELECT count(*) FROM event JOIN stream USING (stream_id) WHERE line IS NOT NULL AND terminal_id = 'T-2'"), 0);

    clock_.advance(days(6 * 365));
    for (const DataClass data_class : {DataClass::incidents, DataClass::alerts}) {
        const std::int64_t id = proposed(data_class, "root");
        ASSERT_TRUE(approved(id, "ann"));
    }
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM incident") + count("SELECT count(*) FROM alert"), 2);
}

TEST_F(RetentionTest, GivenAClosedIncidentOfLongAgoWhenApprovedThenItThenItsAlertThenItsEventsGo) {
    receive("T-1", "usb.attach", 3);
    raise("A-1", 1, "T-1");
    sql("INSERT INTO incident (incident_id, ori, number, kind, severity, status, discovered_at, discovered_by, discovery_method, summary, "
        "closed_at, revision) VALUES ('I-1', 'CA0010000', '2026-0001', 'misuse', 'high', 'closed', 0, 'ann', 'alert', 's', 1, 1); "
        "INSERT INTO incident_alert VALUES ('I-1', 'A-1')");
    clock_.advance(days(6 * 365));
    const std::int64_t alerts = proposed(DataClass::alerts, "root");
    ASSERT_TRUE(approved(alerts, "ann"));
    keep();
    EXPECT_EQ(deletion(alerts).tied, 1);
    for (const DataClass data_class : {DataClass::incidents, DataClass::alerts, DataClass::events}) {
        const std::int64_t id = proposed(data_class, "root");
        ASSERT_TRUE(approved(id, "dan"));
        keep();
        EXPECT_EQ(deletion(id).state, "done");
    }
    EXPECT_EQ(count("SELECT count(*) FROM incident") + count("SELECT count(*) FROM alert") +
                  count("SELECT count(*) FROM alert_evidence") + count("SELECT count(*) FROM event WHERE line IS NOT NULL"), 0);
}

TEST_F(RetentionTest, GivenRegisterEntriesThenOnlyThoseWhoseLifeIsLongOverGo) {
    const auto record = [&](const std::string& name, const std::string& id, std::optional<WallTime> to, Record data) {
        run([&](Database& database) {
            return store::record_entry(database, {"CA0010000", name, id, 1, clock_.now() - days(10), to, clock_.now(), "ann", "new", std::move(data), {}});
        });
    };
    record("printers", "P-1", clock_.now(), {});
    record("printers", "P-2", std::nullopt, {});
    record("operators", "OP-1", clock_.now(), {});
    record("windows", "W-1", clock_.now(), {{"kind", "visitor"}});
    record("windows", "W-2", clock_.now(), {{"kind", "maintenance"}});
    clock_.advance(days(2 * 365 + 2));
    for (const DataClass data_class : {DataClass::registers, DataClass::visitor_windows, DataClass::people}) {
        const std::int64_t id = proposed(data_class, "root");
        ASSERT_TRUE(approved(id, "ann"));
    }
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM register_entry WHERE id IN ('P-2', 'OP-1')"), 2);
    EXPECT_EQ(count("SELECT count(*) FROM register_entry"), 2);
}

TEST_F(RetentionTest, GivenAPeriodOutsideItsBoundsThenItIsRefused) {
    const auto set = [&](DataClass data_class, int period) {
        return writer_->run([&](Database& database) {
            return set_period(database, data_class, days(period), {"ann", "administrator"}, "r", clock_.now());
        });
    };
    EXPECT_EQ(set(DataClass::presence, 8).error().code(), Errc::bad_input);
    EXPECT_EQ(set(DataClass::events, 364).error().code(), Errc::bad_input);
    EXPECT_EQ(set(DataClass::audit, 1824).error().code(), Errc::bad_input);
    ASSERT_TRUE(set(DataClass::presence, 3));
    ASSERT_TRUE(set(DataClass::events, 4000));
    receive("T-1", "camera.presence", 2);
    clock_.advance(days(4));
    keep();
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE line IS NOT NULL"), 0);
}

TEST_F(RetentionTest, GivenAHoldOnNothingThenItIsRefused) {
    EXPECT_EQ(writer_->run([&](Database& database) -> Result<void> {
                  store::LegalHold hold;
                  hold.kind = "terminal";
                  hold.subject = "T-0";
                  auto placed = store::place_hold(database, hold);
                  return placed ? Result<void>() : Result<void>(placed.error());
              }).error().code(),
              Errc::not_found);
}

TEST_F(RetentionTest, GivenAKilledDeletionWhenItGoesOnThenNothingIsCountedTwice) {
    receive("T-1", "camera.presence", 1200);
    clock_.advance(days(8));
    {
        auto keeper = Keeper::open(file_, *writer_, clock_);
        ASSERT_TRUE(*(*keeper)->run_due());
    }
    EXPECT_EQ(deletion(1).deleted, 500);
    keep();
    EXPECT_EQ(deletion(1).deleted, 1200);
    EXPECT_EQ(count("SELECT sum(reports) FROM presence_hour"), 1200);
}

}  // namespace
}  // namespace sallyport::retention
