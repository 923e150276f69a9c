// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/group_table.hpp"

#include <gtest/gtest.h>

#include "rules/engine/event_groups.hpp"

namespace sallyport::rules {
namespace {

TEST(GroupTable, GivenOneGroupUnderManyRulesThenItIsThereOnceUntilTheLastLetsGo) {
    GroupTable table;
    const GroupTable::Id first = table.hold({"T-1"}), again = table.hold({"T-1"}), other = table.hold({"T-1", "HQ"});
    EXPECT_EQ(first, again);
    EXPECT_NE(first, other);
    EXPECT_EQ(table.size(), 2U);
    table.release(first);
    EXPECT_EQ(table.find({"T-1"}), first);
    table.release(again);
    EXPECT_EQ(table.find({"T-1"}), std::nullopt);
}

TEST(GroupTable, GivenAReleasedGroupThenItsNumberIsFreeForAnother) {
    GroupTable table;
    const GroupTable::Id gone = table.hold({"T-1"});
    table.release(gone);
    EXPECT_EQ(table.hold({"T-2"}), gone);
    EXPECT_EQ(table[gone], Group{"T-2"});
    EXPECT_EQ(table.find({"T-1"}), std::nullopt);
}

TEST(GroupTable, GivenValuesThatOnlyTogetherLookAlikeThenTheyAreDifferentGroups) {
    GroupTable table;
    EXPECT_NE(table.hold({"a", "b"}), table.hold({"b", "a"}));
    EXPECT_NE(table.hold({"ab", ""}), table.hold({"a", "b"}));
    EXPECT_NE(table.hold({}), table.hold({""}));
}

TEST(EventGroups, GivenTwoRulesWithTheSameFieldsThenTheyShareTheLookUp) {
    GroupTable table;
    EventGroups groups(table);
    const int one = groups.number_of({"terminal_id"}), same = groups.number_of({"terminal_id"}),
              other = groups.number_of({"terminal_id", "port"});
    EXPECT_EQ(one, same);
    const Record first{{"terminal_id", "T-1"}, {"port", "1-2"}}, second{{"terminal_id", "T-2"}};
    groups.begin(first);
    const GroupTable::Id held = groups.of(one);
    EXPECT_EQ(table[held], Group{"T-1"});
    EXPECT_EQ(table[groups.of(other)], (Group{"T-1", "1-2"}));
    groups.begin(second);
    EXPECT_EQ(table.size(), 0U) << "nobody else held those of the event before";
    EXPECT_EQ(table[groups.of(one)], Group{"T-2"});
}

}  // namespace
}  // namespace sallyport::rules
