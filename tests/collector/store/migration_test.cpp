// SPDX-License-Identifier: Apache-2.0
//
// A file of every schema this program ever had, with a row in each of its tables, comes to the newest with nothing changed.
// The fixtures are made by the released steps themselves: a step that was edited afterwards would make another file.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <set>

#include "collector/store/schema.hpp"
#include "collector/store/store_file.hpp"
#include "collector/store/writer.hpp"
#include "protocol/crypto.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::store {
namespace {

struct Column {
    std::string name, type;
};
using Columns = std::vector<Column>;
using Tables = std::map<std::string, Columns>;

std::vector<std::string> texts(Database& database, const std::string& sql) {
    auto query = *database.prepare(sql);
    std::vector<std::string> found;
    while (*query.step())
        found.push_back(query.text(0));
    return found;
}

Tables tables_of(Database& database) {
    Tables tables;
    for (const std::string& table : texts(database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")) {
        auto query = *database.prepare("SELECT name, type FROM pragma_table_info('" + table + "')");
        while (*query.step())
            tables[table].push_back({query.text(0), query.text(1)});
    }
    return tables;
}

// The same value for all columns of a type, so that references lead to the row they name.
std::string value_for(const Column& column) {
    if (column.name == "id" && column.type == "INTEGER")
        return "1";
    if (column.name == "data_class")
        return "'events'";
    return column.type == "INTEGER" ? "7" : column.type == "BLOB" ? "zeroblob(32)" : "'seven'";
}

void fill(Database& database, const Tables& tables) {
    ASSERT_TRUE(database.execute("PRAGMA foreign_keys = OFF"));  // whatever the order of the tables
    for (const auto& [table, columns] : tables) {
        std::string names, values;
        for (const Column& column : columns) {
            names += (names.empty() ? "" : ", ") + column.name;
            values += (values.empty() ? "" : ", ") + value_for(column);
        }
        auto done = database.execute("INSERT OR IGNORE INTO " + table + " (" + names + ") VALUES (" + values + ")");
        ASSERT_TRUE(done) << table << ": " << done.error().message();
    }
    ASSERT_TRUE(database.execute("PRAGMA foreign_keys = ON"));
    EXPECT_TRUE(texts(database, "SELECT \"table\" FROM pragma_foreign_key_check").empty());
}

// Every row of those columns that both schemas have.
std::vector<std::string> rows_of(Database& database, const std::string& table, const Columns& columns, const std::set<std::string>& kept) {
    std::string list;
    for (const Column& column : columns)
        if (kept.contains(column.name))
            list += (list.empty() ? "" : " || '|' || ") + ("quote(" + column.name + ")");
    return texts(database, "SELECT " + list + " FROM " + table + " ORDER BY 1");
}

class MigrationTest : public ::testing::TestWithParam<std::int64_t> {};

TEST_P(MigrationTest, GivenAFileOfAnEarlierSchemaWhenOpenedThenItsDataIsUnchanged) {
    const testing::TemporaryFolder folder;
    auto old = *Database::open(folder / "store.db");
    ASSERT_TRUE(migrate_to(old, GetParam()));
    ASSERT_EQ(*old.user_version(), GetParam());
    const Tables before = tables_of(old);
    ASSERT_FALSE(before.empty());
    fill(old, before);

    auto opened = open_store_file(folder / "store.db");
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(*opened->user_version(), schema_version());
    const Tables after = tables_of(*opened);
    // A fixture of the same file, not brought further.
    auto same = *Database::open(folder / "same.db");
    ASSERT_TRUE(migrate_to(same, GetParam()));
    fill(same, before);
    for (const auto& [table, columns] : before) {
        ASSERT_TRUE(after.contains(table)) << table;
        std::set<std::string> kept;
        for (const Column& column : after.at(table))
            kept.insert(column.name);
        EXPECT_EQ(rows_of(*opened, table, columns, kept), rows_of(same, table, columns, kept)) << table;
    }
    EXPECT_EQ(texts(*opened, "PRAGMA integrity_check"), std::vector<std::string>{"ok"});
}

INSTANTIATE_TEST_SUITE_P(EverySchema, MigrationTest, ::testing::Range<std::int64_t>(1, schema_version() + 1));

TEST(NewerFileTest, GivenAFileOfANewerProgramThenItIsRefusedAndLeftAsItIs) {
    const testing::TemporaryFolder folder;
    {
        auto database = *Database::open(folder / "store.db");
        ASSERT_TRUE(migrate(database));
        ASSERT_TRUE(database.execute("PRAGMA user_version = 9999"));
    }
    auto writer = Writer::open(folder / "store.db");
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().code(), Errc::conflict);
    EXPECT_NE(writer.error().message().find("newer"), std::string::npos) << writer.error().message();
    auto database = *Database::open(folder / "store.db", Database::Access::read_only);
    EXPECT_EQ(*database.user_version(), 9999);
}

TEST(StoreRightsTest, GivenAStoreThatOthersMayReadThenItIsRefusedByNameAndMode) {
    const testing::TemporaryFolder folder;
    ASSERT_TRUE(open_store_file(folder / "store.db"));
    ASSERT_EQ(::chmod((folder / "store.db").c_str(), 0644), 0);
    auto refused = Writer::open(folder / "store.db");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::refused);
    EXPECT_NE(refused.error().message().find("store.db: its mode is 0644"), std::string::npos) << refused.error().message();
    ASSERT_EQ(::chmod((folder / "store.db").c_str(), 0600), 0);
    ASSERT_EQ(::chmod(folder.path().c_str(), 0770), 0);
    EXPECT_EQ(Writer::open(folder / "store.db").error().code(), Errc::refused);
    ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
    EXPECT_TRUE(Writer::open(folder / "store.db"));
}

}  // namespace
}  // namespace sallyport::store
