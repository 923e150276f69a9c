// SPDX-License-Identifier: Apache-2.0
//
// Each way to falsify the log, by somebody who has the whole database in hand, and what it is called.
#include "collector/evidence/log_check.hpp"

#include "tests/collector/evidence/log_fixture.hpp"

namespace sallyport::testing {
namespace {

using namespace evidence;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class LogCheckTest : public LogFixture {
protected:
    LogCheckTest() {
        for (const std::size_t count : {20, 250, 30, 1})
            add_batch(count);
        add_batch(10, "T-2");
        first_ = sign();
        add_batch(40);
        clock_.advance(std::chrono::minutes(1));
        second_ = sign();
        EXPECT_TRUE(store::add_key(database_, {"T-2", kOri, enrolled_.public_key().base64(), std::string(64, 'b'),
                                               clock_.now() + std::chrono::hours(24), clock_.now(), {}, {}}));
    }

    LogCheckReport check(const std::vector<std::string>& published = {}) {
        auto reader = *Database::open(file(), Database::Access::read_only);
        auto report = check_log(reader, {{log_key_.public_key()}, published, clock_.now()});
        EXPECT_TRUE(report) << report.error().message();
        return report ? *report : LogCheckReport();
    }
    // Kind and place of each fault.
    static std::vector<std::string> named(const LogCheckReport& report) {
        std::vector<std::string> faults;
        for (const Fault& fault : report.faults)
            faults.push_back(fault.kind + ": " + fault.place + ": " + fault.what);
        return faults;
    }
    std::vector<std::string> faults(const std::vector<std::string>& published = {}) { return named(check(published)); }

    // What somebody with the database, but without a terminal's or the log's key, can make consistent again: leaves,
    // chains, stream rows, tiles, numbers.
    void reseal() {
        sql("CREATE TEMP TABLE rewritten AS SELECT ingest_id, stream_id, line FROM event ORDER BY ingest_id");
        std::map<std::int64_t, std::pair<Digest, std::uint64_t>> heads;
        for (const auto& event : events()) {
            auto update = *database_.prepare("UPDATE event SET leaf = ?, seq = ? WHERE ingest_id = ?");
            const Digest leaf = event.line ? leaf_of(*event.line) : event.leaf;
            auto stream = *database_.prepare("SELECT stream_id FROM stream WHERE terminal_id = ?");
            stream.bind(1, event.terminal_id);
            EXPECT_TRUE(*stream.step());
            auto& [head, seq] = heads[stream.integer(0)];
            if (seq == 0)
                head = chain_genesis(event.terminal_id, event.instance, enrolled_.public_key());
            head = chain_link(head, leaf);
            EXPECT_TRUE(update.bind_blob(1, leaf).bind(2, ++seq).bind(3, event.ingest_id).run());
        }
        for (const auto& [id, state] : heads) {
            auto update = *database_.prepare("UPDATE stream SET head = ?, last_seq = ? WHERE stream_id = ?");
            EXPECT_TRUE(update.bind_blob(1, state.first).bind(2, state.second).bind(3, id).run());
        }
        sql("DROP TABLE rewritten; DELETE FROM evidence_tile; DELETE FROM evidence_run; UPDATE evidence_tree SET size = 0, cursor = 0");
        grow();
    }
    // As a falsifier who also took the log's key signs it anew, heads and all.
    void sign_anew() {
        sql("DELETE FROM evidence_head");
        sign();
    }

    store::SignedHead first_, second_;
};

TEST_F(LogCheckTest, GivenAnUntouchedLogThenThereIsNoFaultAndEverythingWasCounted) {
    act("alert.acknowledge");
    const auto report = check({first_.checkpoint, second_.checkpoint});
    EXPECT_THAT(named(report), IsEmpty());
    EXPECT_EQ(report.lines, 351U);
    EXPECT_EQ(report.batches, 6U);
    EXPECT_EQ(report.streams, 2U);
    EXPECT_EQ(report.heads, 2U);
    EXPECT_EQ(report.audit_entries, 1);
    EXPECT_EQ(report.withheld, 0U);
}

TEST_F(LogCheckTest, GivenAnEmptyStoreThenThereIsNoFault) {
    auto empty = *Database::open(folder_ / "empty.db");
    ASSERT_TRUE(store::migrate(empty));
    const auto report = check_log(empty, {{log_key_.public_key()}, {}, clock_.now()});
    ASSERT_TRUE(report);
    EXPECT_THAT(named(*report), IsEmpty());
}

TEST_F(LogCheckTest, GivenWithheldLinesThenTheyAreCountedAndNoFault) {
    sql("UPDATE event SET line = NULL, withheld_reason = 'expired' WHERE ingest_id BETWEEN 5 AND 9");
    const auto report = check();
    EXPECT_THAT(named(report), IsEmpty());
    EXPECT_EQ(report.withheld, 5U);
}

TEST_F(LogCheckTest, GivenALineThatVanishedWithoutAReasonThenItIsNamed) {
    sql("UPDATE event SET line = NULL WHERE ingest_id = 7");
    EXPECT_THAT(faults(), Contains(HasSubstr("withheld: line 7 (T-1, seq 7)")));
}

TEST_F(LogCheckTest, GivenAnAlteredLineThenItIsNamed) {
    sql("UPDATE event SET line = replace(line, 'attach', 'detach') WHERE ingest_id = 7");
    EXPECT_THAT(faults(), ::testing::ElementsAre(HasSubstr("altered: line 7 (T-1, seq 7)")));
}

TEST_F(LogCheckTest, GivenAnAlteredLineWithItsLeafThenChainTileAndHeadNameIt) {
    sql("UPDATE event SET line = 'x' WHERE ingest_id = 7");
    auto update = *database_.prepare("UPDATE event SET leaf = ? WHERE ingest_id = 7");
    ASSERT_TRUE(update.bind_blob(1, leaf_of("x")).run());
    const auto found = faults();
    EXPECT_THAT(found, Contains(HasSubstr("chain: line 20 (T-1, seq 20)")));
    EXPECT_THAT(found, Contains(HasSubstr("tile: sallyport/CA0300000/1 tile 0/0")));
    EXPECT_THAT(found, Contains(HasSubstr("head: sallyport/CA0300000/1 size 311")));
}

TEST_F(LogCheckTest, GivenARemovedLineThenTheGapIsNamed) {
    sql("DELETE FROM event WHERE ingest_id = 7");
    const auto found = faults();
    EXPECT_THAT(found, Contains(HasSubstr("gap: line 8 (T-1, seq 8): follows seq 6")));
    EXPECT_THAT(found, Contains(HasSubstr("truncated: sallyport/CA0300000/1: has 351 leaves, the log has 350")));
}

TEST_F(LogCheckTest, GivenATruncatedLogThenStreamTreeAndHeadNameIt) {
    sql("DELETE FROM event WHERE ingest_id > 330");
    const auto found = faults();
    EXPECT_THAT(found, Contains(HasSubstr("truncated: T-1")));
    EXPECT_THAT(found, Contains(HasSubstr("truncated: sallyport/CA0300000/1")));
}

TEST_F(LogCheckTest, GivenATruncationThatWasMadeConsistentThenTheBatchAndTheKeptHeadNameIt) {
    sql("DELETE FROM event WHERE ingest_id > 330");
    reseal();
    auto found = faults();
    EXPECT_THAT(found, Contains(HasSubstr("truncated: T-1")));
    sql("DELETE FROM batch WHERE batch_id = 6; DELETE FROM event WHERE ingest_id > 311");
    reseal();
    found = faults();
    EXPECT_THAT(found, Contains(HasSubstr("truncated: sallyport/CA0300000/1 size 351: was signed, 40 of its lines are missing")));
    EXPECT_THAT(found, Not(Contains(HasSubstr("truncated: T-1"))));
}

TEST_F(LogCheckTest, GivenATruncationWithItsHeadsRemovedThenThePublishedHeadNamesIt) {
    sql("DELETE FROM batch WHERE batch_id = 6; DELETE FROM event WHERE ingest_id > 311; DELETE FROM evidence_head WHERE size > 311");
    reseal();
    EXPECT_THAT(faults(), IsEmpty()) << "nothing inside of the store can tell";
    EXPECT_THAT(faults({second_.checkpoint}),
                ::testing::ElementsAre(HasSubstr("size 351: was published, 40 of its lines are missing")));
}

TEST_F(LogCheckTest, GivenAResealedLogThenTheTerminalsSignatureAndTheKeptHeadsNameIt) {
    sql("UPDATE event SET line = replace(line, 'attach', 'detach') WHERE ingest_id = 7");
    reseal();
    const auto found = faults();
    EXPECT_THAT(found, Contains(HasSubstr("chain: line 20 (T-1, seq 20): the lines do not lead to the head that the terminal signed")));
    EXPECT_THAT(found, Contains(HasSubstr("head: sallyport/CA0300000/1 size 311: was signed over other lines than are here, and 1 later")));
    EXPECT_THAT(found, Not(Contains(HasSubstr("altered"))));
}

TEST_F(LogCheckTest, GivenAResealedLogUnderTheLogsOwnKeyThenThePublishedHeadIsAFork) {
    sql("UPDATE event SET line = replace(line, 'attach', 'detach') WHERE ingest_id = 7");
    reseal();
    sign_anew();
    EXPECT_THAT(faults(), Not(Contains(HasSubstr("head: "))));
    const auto found = faults({first_.checkpoint, second_.checkpoint});
    EXPECT_THAT(found, Contains(HasSubstr("fork: sallyport/CA0300000/1 size 311")));
    EXPECT_THAT(found, Contains(HasSubstr("fork: sallyport/CA0300000/1 size 351")));
}

TEST_F(LogCheckTest, GivenForgedBatchesUnderAKeyThatNobodyEnrolledThenTheyAreNamed) {
    sql("UPDATE terminal_key SET public_key = '" + SigningKey::generate()->public_key().base64() + "' WHERE terminal_id = 'T-2'");
    const auto found = faults();
    EXPECT_THAT(found, Contains(HasSubstr("chain: line 302 (T-2, seq 1): the chain does not begin with an enrolled key of T-2")));
    EXPECT_THAT(found, Contains(HasSubstr("batch: line 311 (T-2, seq 10): the batch key is certified by no enrolled key")));
}

TEST_F(LogCheckTest, GivenASignatureThatIsNotTheBatchsThenItIsNamed) {
    sql("UPDATE batch SET header = replace(header, '\"first\":21,', '\"first\":22,') WHERE batch_id = 2");
    EXPECT_THAT(faults(), Contains(HasSubstr("batch: line 270")));
}

TEST_F(LogCheckTest, GivenLinesOfNoBatchThenNobodySignedThem) {
    sql("UPDATE event SET batch_id = NULL WHERE batch_id = 2");
    EXPECT_THAT(faults(), Contains(HasSubstr("batch: line 21 (T-1, seq 21): was signed by nobody")));
    sql("UPDATE event SET batch_id = 99 WHERE batch_id IS NULL");
    EXPECT_THAT(faults(), Contains(HasSubstr("batch: line 21 (T-1, seq 21): its batch 99 is not there")));
}

TEST_F(LogCheckTest, GivenLinesInAnotherOrderThenItIsNamed) {
    sql("UPDATE event SET ingest_id = 100000 WHERE ingest_id = 7; UPDATE event SET ingest_id = 7 WHERE ingest_id = 8;"
        "UPDATE event SET ingest_id = 8 WHERE ingest_id = 100000");
    EXPECT_THAT(faults(), Contains(HasSubstr("gap: line 7 (T-1, seq 8): follows seq 6")));
}

TEST_F(LogCheckTest, GivenAnAlteredTileThenItIsNamedAndTheHeadsStand) {
    sql("UPDATE evidence_tile SET hashes = zeroblob(length(hashes)) WHERE level = 0 AND tile = 1");
    EXPECT_THAT(faults(), ::testing::ElementsAre(HasSubstr("tile: sallyport/CA0300000/1 tile 0/1: is not what the lines give")));
    sql("DELETE FROM evidence_tile WHERE level = 0 AND tile = 1");
    EXPECT_THAT(faults(), ::testing::ElementsAre(HasSubstr("tile 0/1: is missing")));
}

TEST_F(LogCheckTest, GivenWrongNumbersThenTheyAreNamed) {
    sql("UPDATE evidence_run SET count = count - 1");
    EXPECT_THAT(faults(), Contains(HasSubstr("number: sallyport/CA0300000/1 leaf 350")));
    sql("UPDATE evidence_run SET count = count + 1, first_ingest_id = 2");
    EXPECT_THAT(faults(), Contains(HasSubstr("number: sallyport/CA0300000/1 leaf 0")));
}

TEST_F(LogCheckTest, GivenAHeadSignedByAnotherThenItIsNamed) {
    const TreeHead head = *read_checkpoint(second_.checkpoint);
    sql("UPDATE evidence_head SET checkpoint = '" + *sign_checkpoint(head, *SigningKey::generate()) + "' WHERE size = 351");
    EXPECT_THAT(faults(), Contains(HasSubstr("head: sallyport/CA0300000/1 size 351: checkpoint: size 351 is signed by no known key")));
}

TEST_F(LogCheckTest, GivenLinesThatNoHeadCoversThenThatIsAFaultOnceTheHeadIsOverdue) {
    add_batch(5);
    grow();
    clock_.advance(std::chrono::minutes(2));
    const auto waiting = check();
    EXPECT_THAT(named(waiting), IsEmpty());
    EXPECT_EQ(waiting.awaiting_head, 5U);
    clock_.advance(std::chrono::milliseconds(1));
    EXPECT_THAT(faults(), ::testing::ElementsAre(HasSubstr("not_covered: sallyport/CA0300000/1 size 356: 5 lines")));
}

TEST_F(LogCheckTest, GivenLinesThatNeverCameIntoTheTreeThenTheyAreNotCovered) {
    add_batch(5);
    clock_.advance(std::chrono::minutes(3));
    EXPECT_THAT(faults(), ::testing::ElementsAre(HasSubstr("not_covered: ")));
    sql("DELETE FROM evidence_head; DELETE FROM evidence_run; DELETE FROM evidence_tile; DELETE FROM evidence_tree");
    EXPECT_THAT(faults(), Contains(HasSubstr("not_covered: line 1: its agency has no tree")));
    EXPECT_THAT(faults({second_.checkpoint}), Contains(HasSubstr("truncated: sallyport/CA0300000/1: a head of this log was published")));
}

TEST_F(LogCheckTest, GivenAPublishedHeadThatIsNoneThenItIsNamed) {
    EXPECT_THAT(faults({"nonsense"}), ::testing::ElementsAre(HasSubstr("head: published head")));
}

TEST_F(LogCheckTest, GivenAnAlteredAuditLogThenTheEntryIsNamed) {
    for (int i = 0; i < 3; ++i)
        act("alert.acknowledge");
    sql("DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'bob' WHERE log_id = 2");
    EXPECT_THAT(faults(), ::testing::ElementsAre(HasSubstr("audit: audit log: audit: entry 2")));
}

TEST_F(LogCheckTest, GivenAnAlertWhoseEvidenceIsGoneThenItIsNamed) {
    sql("PRAGMA foreign_keys = OFF; INSERT INTO alert_evidence VALUES ('a1', 9999)");
    EXPECT_THAT(faults(), ::testing::ElementsAre(HasSubstr("reference: store: alert a1: its evidence, line 9999, is not in the log")));
}

TEST_F(LogCheckTest, GivenALogThatIsWrongFromEndToEndThenTheReportStaysSmall) {
    for (int i = 0; i < 4; ++i)
        add_batch(400);
    sign();
    sql("UPDATE event SET line = 'x'");
    const auto report = check();
    EXPECT_EQ(report.faults.size(), kFaultsMax);
    EXPECT_EQ(report.fault_count, 1'951U);
}

TEST_F(LogCheckTest, GivenTwoEpochsThenBothAreDerived) {
    ASSERT_TRUE(store::begin_evidence_tree(database_, kOri, second_.checkpoint, clock_.now()));
    add_batch(5);
    const auto head = sign();
    EXPECT_THAT(faults({first_.checkpoint, second_.checkpoint, head.checkpoint}), IsEmpty());
}

}  // namespace
}  // namespace sallyport::testing
