// SPDX-License-Identifier: Apache-2.0
#include "collector/backup/backup.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "collector/store/audit_log.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/legal_hold.hpp"
#include "collector/store/restored_mark.hpp"
#include "collector/store/store_lock.hpp"
#include "collector/store/tree_repository.hpp"
#include "collector/store/writer.hpp"
#include "protocol/chain.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::backup {
namespace {

class BackupTest : public ::testing::Test {
protected:
    void SetUp() override { writer_ = std::move(*store::Writer::open(store_)); }

    void receive(int lines) {
        auto done = writer_->run([&](Database& database) -> Result<void> {
            auto known = store::find_stream(database, "T-1", "one");
            auto position = *known ? **known : *store::create_stream(database, "CA0010000", "T-1", "one", {}, clock_.now());
            std::vector<store::NewEvent> events;
            for (int i = 0; i < lines; ++i) {
                const std::string line = R"({"type":"usb.attach","mark":"NOT-FOR-THE-BACKUP-TAPE","n":)" + std::to_string(i) + "}";
                events.push_back({"usb.attach", clock_.now(), leaf_of(line), line, std::nullopt});
            }
            auto appender = store::EventAppender::open(database);
            if (auto appended = appender->append(position, std::nullopt, events, clock_.now()); !appended)
                return appended;
            return store::append_audit(database, act("a"), clock_.now());
        });
        ASSERT_TRUE(done) << done.error().message();
    }
    BackupJob job(std::optional<SealKey> key) {
        return {store_, folder_ / "backup", "CA0010000", key, signing_, clock_.now(), [this] {
                    if (between_)
                        between_();
                }};
    }
    RestoreJob restoring(std::optional<SealKey> key) {
        return {folder_ / "backup", folder_ / "restored.db", key, signing_.public_key(), clock_.now(), {}, false};
    }
    static std::int64_t count(const std::filesystem::path& file, const std::string& sql) {
        auto database = *Database::open(file, Database::Access::read_only);
        auto query = *database.prepare(sql);
        return *query.step() ? query.integer(0) : -1;
    }
    static std::string content(const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    static void write(const std::filesystem::path& file, const std::string& text) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
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
    const std::filesystem::path store_ = folder_ / "store.db";
    const SigningKey signing_ = *SigningKey::generate();
    const SealKey key_ = sha256(bytes_of("a key"));
    testing::ManualClock clock_;
    std::unique_ptr<store::Writer> writer_;
    std::function<void()> between_;
};

TEST_F(BackupTest, GivenARunningWriterWhenBackedUpThenTheCopyIsOfOneMomentAndRestores) {
    receive(5000);
    int pieces = 0;
    between_ = [&] {
        if (++pieces == 1)
            receive(100);  // while the copy is made
    };
    auto made = make_backup(job(key_));
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_GE(pieces, 1);
    EXPECT_EQ(made->lines, 5000);
    auto restored = restore_backup(restoring(key_));
    ASSERT_TRUE(restored) << restored.error().message();
    EXPECT_EQ(count(folder_ / "restored.db", "SELECT count(*) FROM event"), 5000);
    EXPECT_EQ(count(folder_ / "restored.db", "SELECT last_seq FROM stream WHERE terminal_id = 'T-1'"), 5000);
    EXPECT_EQ(count(store_, "SELECT count(*) FROM event"), 5100);
}

TEST_F(BackupTest, GivenASealedBackupThenNothingOfItIsInClearAnywhere) {
    receive(2000);
    ASSERT_TRUE(make_backup(job(key_)));
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "backup"))
        EXPECT_EQ(content(entry.path()).find("NOT-FOR-THE-BACKUP-TAPE"), std::string::npos) << entry.path();
    EXPECT_FALSE(std::filesystem::exists(store_.string() + ".copy"));
}

TEST_F(BackupTest, GivenAnyByteChangedThenItIsFound) {
    receive(300);
    ASSERT_TRUE(make_backup(job(key_)));
    const auto scratch = folder_ / "scratch";
    ASSERT_TRUE(check_backup(folder_ / "backup", key_, signing_.public_key(), scratch));
    for (const char* name : {"store.sealed", "manifest.json", "manifest.sig"}) {
        const auto file = folder_ / "backup" / name;
        const std::string good = content(file);
        for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 40) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1);
            write(file, bad);
            EXPECT_FALSE(check_backup(folder_ / "backup", key_, signing_.public_key(), scratch)) << name << " at " << at;
        }
        write(file, good.substr(0, good.size() - 1));
        EXPECT_FALSE(check_backup(folder_ / "backup", key_, signing_.public_key(), scratch)) << name << " shortened";
        write(file, good);
    }
    ASSERT_TRUE(check_backup(folder_ / "backup", key_, signing_.public_key(), scratch));
    EXPECT_FALSE(std::filesystem::exists(scratch));
}

TEST_F(BackupTest, GivenASealedFileCutBetweenTwoPiecesThenItDoesNotOpen) {
    write(folder_ / "clear", std::string(200'000, 'x'));
    ASSERT_TRUE(seal_file(folder_ / "clear", folder_ / "sealed", key_));
    EXPECT_EQ(*digest_of_sealed(folder_ / "sealed", key_), sha256(bytes_of(std::string(200'000, 'x'))));
    const std::string good = content(folder_ / "sealed");
    write(folder_ / "sealed", good.substr(0, 19 + 32 + 2 * (64 * 1024 + 16)));
    EXPECT_EQ(digest_of_sealed(folder_ / "sealed", key_).error().code(), Errc::corrupt);
    EXPECT_EQ(unseal_file(folder_ / "sealed", folder_ / "out", key_).error().code(), Errc::corrupt);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
}

TEST_F(BackupTest, GivenAnotherKeyOrAnotherCollectorThenItDoesNotRestore) {
    receive(10);
    ASSERT_TRUE(make_backup(job(key_)));
    EXPECT_EQ(restore_backup(restoring(sha256(bytes_of("another")))).error().code(), Errc::corrupt);
    EXPECT_EQ(restore_backup(restoring(std::nullopt)).error().code(), Errc::bad_input);
    auto other = restoring(key_);
    other.collector = SigningKey::generate()->public_key();
    EXPECT_EQ(restore_backup(other).error().code(), Errc::corrupt);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "restored.db"));
}

TEST_F(BackupTest, GivenAStoreThatIsThereThenItIsMovedAsideAndOnlyWhenAsked) {
    receive(10);
    ASSERT_TRUE(make_backup(job(std::nullopt)));
    receive(5);
    writer_.reset();
    auto onto = restoring(std::nullopt);
    onto.store = store_;
    EXPECT_EQ(restore_backup(onto).error().code(), Errc::conflict);
    onto.replace = true;
    auto restored = restore_backup(onto);
    ASSERT_TRUE(restored) << restored.error().message();
    EXPECT_EQ(count(store_, "SELECT count(*) FROM event"), 10);
    EXPECT_EQ(count(*restored->moved_aside, "SELECT count(*) FROM event"), 15);
}

TEST_F(BackupTest, GivenARunningCollectorThenNothingIsPulledAwayFromUnderIt) {
    receive(1);
    ASSERT_TRUE(make_backup(job(key_)));
    auto lock = store::StoreLock::take(folder_ / "restored.db");
    ASSERT_TRUE(lock);
    EXPECT_EQ(restore_backup(restoring(key_)).error().code(), Errc::unavailable);
}

TEST_F(BackupTest, GivenARestoredStoreThenNothingNumberedAfterTheBackupIsNumberedTwiceAndNothingIsDeletedUnseen) {
    receive(10);
    auto done = writer_->run([&](Database& database) -> Result<void> {
        auto own = store::create_stream(database, "CA0010000", "collector", "own", {}, clock_.now());
        return database.execute("INSERT INTO deletion (data_class, kept_from, reason, proposed_by, proposed_at, state) "
                                "VALUES ('events', 1, 'r', 'ann', 1, 'approved')");
    });
    ASSERT_TRUE(done);
    ASSERT_TRUE(make_backup(job(key_)));
    auto after = restoring(key_);
    after.published = store::PublishedHead{"the last head", 100};
    ASSERT_TRUE(restore_backup(after));
    const auto file = folder_ / "restored.db";
    EXPECT_EQ(count(file, "SELECT count(*) FROM stream WHERE terminal_id = 'collector'"), 2);
    EXPECT_EQ(count(file, "SELECT count(*) FROM deletion WHERE state = 'withdrawn'"), 1);
    auto writer = std::move(*store::Writer::open(file));
    auto reader = *writer->reader();
    EXPECT_NE(**store::latest_instance(reader, "collector"), "own");
    EXPECT_EQ(store::list_holds(reader, false)->size(), 1U);
    const auto tree = *store::find_evidence_tree(reader, "CA0010000");
    EXPECT_EQ(tree->epoch, 2U);
    EXPECT_EQ(tree->previous_head, "the last head");
    EXPECT_EQ((*store::restored_mark(reader))->missing, 100);
    EXPECT_EQ((*store::restored_mark(reader))->lines, 10);
    EXPECT_TRUE(store::verify_audit(reader));
    auto added = writer->run([&](Database& database) -> Result<void> {
        auto position = **store::find_stream(database, "T-1", "one");
        auto appender = store::EventAppender::open(database);
        return appender->append(position, std::nullopt, {{"usb.attach", clock_.now(), leaf_of("{}"), "{}", std::nullopt}}, clock_.now());
    });
    ASSERT_TRUE(added);
    EXPECT_GT(count(file, "SELECT max(ingest_id) FROM event"), 1'000'000'000);
}

TEST_F(BackupTest, GivenAKeyFileThatOthersMayReadThenItIsRefusedByName) {
    write(folder_ / "key", std::string(64, 'a') + "\n");
    std::filesystem::permissions(folder_ / "key", std::filesystem::perms(0640));
    auto refused = load_seal_key(folder_ / "key");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("0640"), std::string::npos);
    std::filesystem::permissions(folder_ / "key", std::filesystem::perms(0600));
    EXPECT_TRUE(load_seal_key(folder_ / "key"));
    write(folder_ / "key", "abc");
    EXPECT_EQ(load_seal_key(folder_ / "key").error().code(), Errc::bad_input);
}

}  // namespace
}  // namespace sallyport::backup
