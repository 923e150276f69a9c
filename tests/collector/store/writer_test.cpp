// SPDX-License-Identifier: Apache-2.0
#include "collector/store/writer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "collector/store/audit_log.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/schema.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::store {
namespace {

class StoreTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder_);
        auto opened = Writer::open(file_);
        ASSERT_TRUE(opened) << opened.error().message();
        writer_ = std::move(opened).value();
    }
    void TearDown() override {
        writer_.reset();
        std::filesystem::remove_all(folder_);
    }

    std::int64_t count(const std::string& sql) {
        auto reader = *writer_->reader();
        auto query = *reader.prepare(sql);
        return *query.step() ? query.integer(0) : -1;
    }

    const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("store." + random_id());
    const std::filesystem::path file_ = folder_ / "store.db";
    const WallTime now_{std::chrono::milliseconds(1'795'456'800'000)};
    std::unique_ptr<Writer> writer_;
};

using WriterTest = StoreTest;
using EventLogTest = StoreTest;
using AuditTest = StoreTest;
using TerminalTest = StoreTest;

TEST_F(WriterTest, GivenAJobWhenItsPromiseIsKeptThenItIsInTheFile) {
    ASSERT_TRUE(writer_->run([](Database& db) { return db.execute("INSERT INTO referral_outbox VALUES ('1', 'i', 0, 0)"); }));
    EXPECT_EQ(count("SELECT count(*) FROM referral_outbox"), 1);
}

TEST_F(WriterTest, GivenAJobThatFailsWhenInAGroupThenOnlyItsOwnWorkIsUndone) {
    std::atomic<int> kept = 0, failed = 0;
    for (int i = 1; i <= 20; ++i) {
        auto submitted = writer_->submit(
            [i](Database& db) -> Result<void> {
                if (auto done = db.execute("INSERT INTO referral_outbox VALUES ('" + std::to_string(i) + "', 'i', 0, 0)"); !done)
                    return done;
                if (i % 5 == 0)
                    return Error(Errc::conflict, "no");
                return {};
            },
            [&](const Result<void>& result) { ++(result ? kept : failed); }, 1);
        ASSERT_TRUE(submitted);
    }
    ASSERT_TRUE(writer_->run([](Database&) { return Result<void>(); }));
    EXPECT_EQ(kept, 16);
    EXPECT_EQ(failed, 4);
    EXPECT_EQ(count("SELECT count(*) FROM referral_outbox"), 16);
}

TEST_F(WriterTest, GivenAFullDiskWhenWritingThenEveryJobHearsOfItAndNothingIsHalfThere) {
    auto result = writer_->run([](Database& db) { return db.execute("PRAGMA max_page_count = 60"); });
    ASSERT_TRUE(result);
    for (int i = 0; i < 200 && result; ++i)
        result = writer_->run([](Database& db) {
            return db.execute("INSERT INTO referral_outbox VALUES (hex(randomblob(4000)), 'i', 0, 0)");
        });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Errc::exhausted);
}

TEST_F(WriterTest, GivenTooManyJobsWhenSubmittedThenTheCallerIsToldToHoldBack) {
    writer_.reset();
    auto small = *Writer::open(file_, Writer::Limits{.jobs_waiting_max = 2});
    std::promise<void> gate;
    auto opened = gate.get_future().share();
    ASSERT_TRUE(small->submit([opened](Database&) { opened.wait(); return Result<void>(); }, nullptr, 1));
    Result<void> submitted;
    for (int i = 0; i < 5 && submitted; ++i)
        submitted = small->submit([](Database&) { return Result<void>(); }, nullptr, 1);
    gate.set_value();
    ASSERT_FALSE(submitted);
    EXPECT_EQ(submitted.error().code(), Errc::exhausted);
}

TEST_F(WriterTest, GivenAFileOfANewerProgramWhenOpenedThenItIsRefused) {
    ASSERT_TRUE(writer_->run([](Database& db) { return db.execute("PRAGMA user_version = 999"); }));
    writer_.reset();
    auto opened = Writer::open(file_);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message().find("newer than this program's"), std::string::npos);
}

TEST_F(EventLogTest, GivenAppendedLinesWhenReadThenOrderPositionAndHeadAreTheirs) {
    const Digest genesis = sha256(bytes_of("genesis"));
    ASSERT_TRUE(writer_->run([&](Database& db) -> Result<void> {
        auto stream = create_stream(db, "CA0300000", "T-1", "i", genesis, now_);
        auto appender = EventAppender::open(db);
        if (!stream || !appender)
            return Error(Errc::internal, "setup");
        std::vector<NewEvent> events{{"usb.attach", now_, leaf_of("one"), "one", std::nullopt},
                                     {"usb.detach", now_, leaf_of("two"), std::nullopt, "evicted"}};
        return appender->append(*stream, "header", events, now_);
    }));
    auto reader = *writer_->reader();
    auto stream = *find_stream(reader, "T-1", "i");
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->last_seq, 2U);
    EXPECT_EQ(stream->head, chain_link(chain_link(genesis, leaf_of("one")), leaf_of("two")));
    auto events = *read_events_after(reader, 0, 10);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].line, "one");
    EXPECT_EQ(events[1].line, std::nullopt);
    EXPECT_EQ(events[1].withheld_reason, "evicted");
    EXPECT_EQ(*leaf_at(reader, stream->stream_id, 2), leaf_of("two"));
    EXPECT_EQ(*leaf_at(reader, stream->stream_id, 3), std::nullopt);
    EXPECT_EQ(read_terminal_events(reader, "T-1", 0, 1)->front().seq, 2U);
    EXPECT_EQ(read_events(reader, {events[0].ingest_id, 99})->size(), 1U);
}

TEST_F(AuditTest, GivenEntriesWhenOneIsAlteredBehindTheTriggersThenItIsNamed) {
    for (const char* action : {"alert.acknowledge", "incident.convert", "incident.refer"})
        ASSERT_TRUE(writer_->run([&](Database& db) {
            return append_audit(db, {"spoc", "spoc", action, "alert", "A1", {}, "{}", {}, {}, "127.0.0.1", true}, now_);
        }));
    auto reader = *writer_->reader();
    EXPECT_EQ(*verify_audit(reader), 3);
    EXPECT_EQ(read_audit(reader, "alert", "A1", 10)->front().entry.action, "incident.refer");
    EXPECT_FALSE(writer_->run([](Database& db) { return db.execute("UPDATE audit SET actor = 'x' WHERE log_id = 2"); }));
    EXPECT_FALSE(writer_->run([](Database& db) { return db.execute("DELETE FROM audit"); }));
    ASSERT_TRUE(writer_->run([](Database& db) {
        return db.execute("DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'x' WHERE log_id = 2");
    }));
    auto verified = verify_audit(reader);
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().code(), Errc::corrupt);
    EXPECT_NE(verified.error().message().find("entry 2"), std::string::npos);
}

TEST_F(TerminalTest, GivenARevokedKeyWhenEnrolledAgainThenItIsRefused) {
    const TerminalKey key{"T-1", "CA0300000", "a2V5", "00", now_, now_, {}, {}};
    ASSERT_TRUE(writer_->run([&](Database& db) { return add_key(db, key); }));
    ASSERT_TRUE(writer_->run([&](Database& db) { return revoke_keys(db, "T-1", "stolen", now_); }));
    auto again = writer_->run([&](Database& db) { return add_key(db, key); });
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), Errc::refused);
    auto reader = *writer_->reader();
    EXPECT_EQ(keys_of(reader, "T-1")->front().revoke_reason, "stolen");
    EXPECT_EQ(writer_->run([&](Database& db) { return revoke_keys(db, "T-9", "x", now_); }).error().code(), Errc::not_found);
}

TEST_F(TerminalTest, GivenLivenessWithoutAStatusWhenSavedThenTheLastStatusStays) {
    ASSERT_TRUE(writer_->run([&](Database& db) { return save_liveness(db, {"T-1", "CA0300000", "alive", now_, now_, "{}"}); }));
    ASSERT_TRUE(writer_->run([&](Database& db) { return save_liveness(db, {"T-1", "CA0300000", "late", now_, now_, {}}); }));
    auto reader = *writer_->reader();
    auto all = *all_liveness(reader);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].state, "late");
    EXPECT_EQ(all[0].status, "{}");
}

}  // namespace
}  // namespace sallyport::store
