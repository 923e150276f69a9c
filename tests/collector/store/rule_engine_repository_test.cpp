// SPDX-License-Identifier: Apache-2.0
#include "collector/store/rule_engine_repository.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "collector/store/schema.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::store {
namespace {

class RuleEngineRepository : public ::testing::Test {
public:
    RuleEngineRepository() { EXPECT_TRUE(migrate(database_)); }

    std::vector<std::string> rule_states() {
        std::vector<std::string> rows;
        EXPECT_TRUE(each_rule_state(database_, [&](auto rule, auto group, auto state) -> Result<void> {
            rows.push_back(std::string(rule) + " " + std::string(group) + " " + std::string(state));
            return {};
        }));
        return rows;
    }
    using Rows = std::vector<std::string>;

    testing::TemporaryFolder folder_;
    Database database_ = std::move(Database::open(folder_.path() / "store.db")).value();
};

TEST_F(RuleEngineRepository, GivenNothingWasJudgedThenThereIsNoPosition) {
    EXPECT_EQ((*load_rule_position(database_)).has_value(), false);
}

TEST_F(RuleEngineRepository, GivenACursorThenThePiecesStayWhereTheyWere) {
    ASSERT_TRUE(save_rule_position(database_, 5));
    ASSERT_TRUE(save_rule_cursor(database_, 7));
    EXPECT_EQ((*load_rule_position(database_))->cursor, 7);
    EXPECT_EQ((*load_rule_position(database_))->state_cursor, 5);
}

TEST_F(RuleEngineRepository, GivenPiecesThenEachIsReplacedAloneAndTheGeneralOnesComeFirst) {
    for (const auto& [rule, group] : std::vector<std::pair<const char*, const char*>>{
             {"b", R"(["T-1"])"}, {"a", R"(["T-2"])"}, {"b", ""}, {"a", ""}, {"", ""}})
        ASSERT_TRUE(save_rule_state(database_, rule, group, "{}"));
    ASSERT_TRUE(save_rule_state(database_, "a", R"(["T-2"])", R"({"x":1})"));
    EXPECT_EQ(rule_states(), (Rows{"  {}", "a  {}", "b  {}", R"(b ["T-1"] {})", R"(a ["T-2"] {"x":1})"}));
    ASSERT_TRUE(drop_rule(database_, "b"));
    ASSERT_TRUE(drop_rule_state(database_, "a", R"(["T-2"])"));
    EXPECT_EQ(rule_states(), (Rows{"  {}", "a  {}"}));
}

TEST_F(RuleEngineRepository, GivenAUserThatFailsThenTheReadingEndsWithItsError) {
    ASSERT_TRUE(save_terminal_state(database_, "T-1", "{}"));
    ASSERT_TRUE(save_terminal_state(database_, "T-2", "{}"));
    int used = 0;
    const auto done = each_terminal_state(database_, [&](auto, auto) -> Result<void> {
        ++used;
        return Error(Errc::corrupt, "no");
    });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::corrupt);
    EXPECT_EQ(used, 1);
}

TEST_F(RuleEngineRepository, GivenAFileWithOneTextOfAllWhenItIsMigratedThenThePositionStaysAndThePiecesBegin) {
    auto old = std::move(Database::open(folder_.path() / "old.db")).value();
    ASSERT_TRUE(migrate_to(old, 6));
    ASSERT_TRUE(old.execute("INSERT INTO rule_engine VALUES (1, 7, 5, 'a long text')"));
    ASSERT_TRUE(migrate(old));
    EXPECT_EQ((*load_rule_position(old))->cursor, 7);
    EXPECT_EQ((*load_rule_position(old))->state_cursor, 5);
    EXPECT_TRUE(each_rule_state(old, [](auto, auto, auto) { return Result<void>(Error(Errc::internal, "there is a piece")); }));
}

}  // namespace
}  // namespace sallyport::store
