// SPDX-License-Identifier: Apache-2.0
#include "protocol/adapters/sqlite_database.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace sallyport {
namespace {

class DatabaseTest : public ::testing::Test {
protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("sqlite." + std::to_string(::getpid()));
    const std::filesystem::path file_ = folder_ / "d.db";
};

TEST_F(DatabaseTest, GivenANewFileWhenOpenedThenItIsWalFullAndNobodyElses) {
    auto database = Database::open(file_);
    ASSERT_TRUE(database) << database.error().message();
    auto mode = database->prepare("SELECT (SELECT journal_mode FROM pragma_journal_mode), "
                                  "(SELECT synchronous FROM pragma_synchronous)");
    ASSERT_TRUE(*mode->step());
    EXPECT_EQ(mode->text(0), "wal");
    EXPECT_EQ(mode->integer(1), 2);  // FULL
    struct stat facts {};
    ASSERT_EQ(::stat(file_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(DatabaseTest, GivenATransactionThatIsNotCommittedWhenItDiesThenNothingOfItIsThere) {
    auto database = *Database::open(file_);
    ASSERT_TRUE(database.execute("CREATE TABLE t (x)"));
    {
        auto transaction = database.begin();
        ASSERT_TRUE(database.execute("INSERT INTO t VALUES (1)"));
    }
    auto count = database.prepare("SELECT count(*) FROM t");
    ASSERT_TRUE(*count->step());
    EXPECT_EQ(count->integer(0), 0);
}

TEST_F(DatabaseTest, GivenEveryKindOfValueWhenBoundThenItReadsBack) {
    auto database = *Database::open(file_);
    ASSERT_TRUE(database.execute("CREATE TABLE t (a, b, c, d, e)"));
    auto insert = *database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
    const std::string text("x\0y", 3);
    insert.bind(1, std::int64_t{-5}).bind(2, 2.5).bind(3, text).bind_blob(4, Bytes{1, 0, 2}).bind_null(5);
    ASSERT_TRUE(insert.run());
    auto row = *database.prepare("SELECT * FROM t");
    ASSERT_TRUE(*row.step());
    EXPECT_EQ(row.integer(0), -5);
    EXPECT_EQ(row.number(1), 2.5);
    EXPECT_EQ(row.text(2), text);
    EXPECT_EQ(row.blob(3), (Bytes{1, 0, 2}));
    EXPECT_TRUE(row.is_null(4));
}

TEST_F(DatabaseTest, GivenAStatementUsedBeforeWhenPreparedAnewThenNothingOfItsFirstUseIsLeft) {
    auto database = *Database::open(file_);
    ASSERT_TRUE(database.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)"));
    constexpr std::string_view kSql = "SELECT x FROM t WHERE ?1 IS NULL OR x = ?1";
    {
        auto first = *database.prepare(kSql);
        ASSERT_TRUE(*first.bind(1, 2).step());
        EXPECT_EQ(first.integer(0), 2);  // and left in the middle
    }
    auto again = *database.prepare(kSql);
    ASSERT_TRUE(*again.step());
    EXPECT_EQ(again.integer(0), 1);  // unbound, and from the beginning
    ASSERT_TRUE(*again.step());
    EXPECT_FALSE(*again.step());
}

TEST_F(DatabaseTest, GivenAStatementInUseWhenItsTextIsPreparedAgainThenBothGoTheirOwnWays) {
    auto database = *Database::open(file_);
    ASSERT_TRUE(database.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)"));
    auto one = *database.prepare("SELECT x FROM t ORDER BY x");
    ASSERT_TRUE(*one.step());
    auto other = *database.prepare("SELECT x FROM t ORDER BY x");
    ASSERT_TRUE(*other.step());
    ASSERT_TRUE(*one.step());
    EXPECT_EQ(one.integer(0), 2);
    EXPECT_EQ(other.integer(0), 1);
}

TEST_F(DatabaseTest, GivenAStatementLeftInTheMiddleWhenItDiesThenItHoldsNoSnapshot) {
    auto writer = *Database::open(file_);
    ASSERT_TRUE(writer.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)"));
    auto reader = *Database::open(file_, Database::Access::read_only);
    const auto count = [&] {
        auto statement = *reader.prepare("SELECT count(*) OVER (), x FROM t");
        return *statement.step() ? statement.integer(0) : 0;  // one row of two is read
    };
    EXPECT_EQ(count(), 2);
    ASSERT_TRUE(writer.execute("INSERT INTO t VALUES (3)"));
    EXPECT_EQ(count(), 3);
}

TEST_F(DatabaseTest, GivenAnotherColumnWhenAKnownTextIsPreparedThenItReadsTheNewTable) {
    auto database = *Database::open(file_);
    ASSERT_TRUE(database.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
    { ASSERT_TRUE(*database.prepare("SELECT * FROM t")->step()); }
    ASSERT_TRUE(database.execute("ALTER TABLE t ADD COLUMN y DEFAULT 7"));
    auto row = *database.prepare("SELECT * FROM t");
    ASSERT_TRUE(*row.step());
    EXPECT_EQ(row.integer(1), 7);
}

TEST_F(DatabaseTest, GivenAStatementThatOutlivesItsDatabaseWhenItDiesThenNothingIsHeldOpen) {
    std::optional<Statement> statement;
    {
        auto database = *Database::open(file_);
        ASSERT_TRUE(database.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
        statement.emplace(*database.prepare("SELECT x FROM t"));
    }
    ASSERT_TRUE(*statement->step());
    statement.reset();
    auto database = *Database::open(file_);
    EXPECT_TRUE(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
}

TEST_F(DatabaseTest, GivenWhatIsNoDatabaseWhenOpenedThenItIsCalledCorrupt) {
    std::ofstream(file_) << std::string(4096, 'x');
    auto database = Database::open(file_);
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code(), Errc::corrupt);
    EXPECT_NE(database.error().message().find(file_.string()), std::string::npos);
}

// A second connection of one process, opened and gone, must not take the first one's locks with it: another process would think
// that it is the last and remove the write-ahead log.
TEST_F(DatabaseTest, GivenTwoConnectionsWhenOneIsGoneThenAnotherProcessLeavesTheLogOfTheOther) {
    auto database = *Database::open(file_);
    ASSERT_TRUE(database.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)"));
    { ASSERT_TRUE(Database::open(file_)); }
    ASSERT_EQ(std::system(("sqlite3 '" + file_.string() + "' 'INSERT INTO t VALUES (2)'").c_str()), 0);
    EXPECT_TRUE(std::filesystem::exists(file_.string() + "-wal"));
    EXPECT_TRUE(database.execute("INSERT INTO t VALUES (3)"));
    auto count = database.prepare("SELECT count(*) FROM t");
    ASSERT_TRUE(*count->step());
    EXPECT_EQ(count->integer(0), 3);
}

TEST_F(DatabaseTest, GivenABoundOfPagesWhenFullThenItSaysExhausted) {
    auto database = *Database::open(file_);
    ASSERT_TRUE(database.execute("CREATE TABLE t (x); PRAGMA max_page_count = 20"));
    Result<void> inserted;
    for (int i = 0; i < 100 && inserted; ++i)
        inserted = database.execute("INSERT INTO t VALUES (randomblob(3000))");
    ASSERT_FALSE(inserted);
    EXPECT_EQ(inserted.error().code(), Errc::exhausted);
}

}  // namespace
}  // namespace sallyport
