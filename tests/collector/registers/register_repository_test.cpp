// SPDX-License-Identifier: Apache-2.0
#include "collector/store/register_repository.hpp"

#include "tests/collector/registers/store_fixture.hpp"

namespace sallyport::store {
namespace {

using sallyport::testing::at;

const WallTime kMay = at("2026-05-01T00:00:00.000Z");
const WallTime kJune = at("2026-06-01T00:00:00.000Z");
const WallTime kJuly = at("2026-07-01T00:00:00.000Z");
const WallTime kAugust = at("2026-08-01T00:00:00.000Z");

class RegisterRepository : public sallyport::testing::StoreFixture {
protected:
    std::string room_of(WallTime as_of, WallTime known_at) {
        const auto entry = find_entry(database(), "terminals", "T1", as_of, known_at);
        EXPECT_TRUE(entry);
        return *entry ? std::string(text_of((*entry)->data, "room_id")) : "nothing";
    }
};

TEST_F(RegisterRepository, GivenAMoveWhenAskedThenEachTimeHasItsOwnRoom) {
    record("terminals", "T1", {{"room_id", "A"}}, kMay);
    record("terminals", "T1", {{"room_id", "B"}}, kJuly);
    EXPECT_EQ(room_of(kMay - std::chrono::days(1), kAugust), "nothing");
    EXPECT_EQ(room_of(kJune, kAugust), "A");
    EXPECT_EQ(room_of(kJuly, kAugust), "B");
    EXPECT_EQ(room_of(kAugust, kAugust), "B");
}

TEST_F(RegisterRepository, GivenALateRecordingWhenAskedAsKnownBeforeThenTheOldKnowledgeIsFound) {
    record("terminals", "T1", {{"room_id", "A"}}, kMay);
    record("terminals", "T1", {{"room_id", "B"}}, kJuly, kJune);  // it moved in June, written down in July
    EXPECT_EQ(room_of(kJune, kJuly - std::chrono::milliseconds(1)), "A");
    EXPECT_EQ(room_of(kJune, kJuly), "B");
    EXPECT_EQ(room_of(kMay, kJuly), "A");
}

TEST_F(RegisterRepository, GivenALoanWithAnEndWhenAskedThenTheTimeAroundItIsKept) {
    record("terminals", "T1", {{"room_id", "A"}}, kMay);
    record("terminals", "T1", {{"room_id", "B"}}, kMay, kJune, kJuly);
    EXPECT_EQ(room_of(kMay, kAugust), "A");
    EXPECT_EQ(room_of(kJune, kAugust), "B");
    EXPECT_EQ(room_of(kJuly, kAugust), "A");
}

TEST_F(RegisterRepository, GivenManyChangesWhenListedThenEachMomentHasExactlyOneVersionAnId) {
    record("terminals", "T1", {{"room_id", "A"}}, kMay);
    record("terminals", "T1", {{"room_id", "B"}}, kJune, kMay, kAugust);
    record("terminals", "T1", {{"room_id", "C"}}, kJuly, kJune, kJuly);
    record("terminals", "T2", {{"room_id", "D"}}, kMay);
    for (const WallTime known : {kMay, kJune, kJuly, kAugust})
        for (const WallTime as_of : {kMay, kJune, kJuly, kAugust}) {
            const auto entries = list_entries(database(), "terminals", as_of, known);
            ASSERT_TRUE(entries);
            EXPECT_EQ(entries->size(), 2u);
        }
}

TEST_F(RegisterRepository, GivenANewVersionWhenTheHistoryIsReadThenNothingIsGone) {
    record("terminals", "T1", {{"room_id", "A"}}, kMay);
    record("terminals", "T1", {{"room_id", "B"}}, kJuly);
    const auto history = history_of(database(), "terminals", "T1");
    ASSERT_TRUE(history);
    ASSERT_EQ(history->size(), 3u);  // the first, what is left of it, the second
    EXPECT_EQ((*history)[0].replaced_at, kJuly);
    EXPECT_EQ((*history)[1].valid_to, kJuly);
    EXPECT_EQ((*history)[2].version, 3);
}

TEST_F(RegisterRepository, GivenAnEndBeforeTheStartWhenRecordedThenRefused) {
    RegisterEntry entry;
    entry.register_name = "terminals";
    entry.id = "T1";
    entry.valid_from = kJune;
    entry.valid_to = kJune;
    const auto done = record_entry(database(), entry);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::bad_input);
}

TEST_F(RegisterRepository, GivenAnyChangeThenTheGenerationRises) {
    const auto before = *register_generation(database());
    record("rooms", "R1", {}, kMay);
    const auto after_entry = *register_generation(database());
    EXPECT_GT(after_entry, before);
    ASSERT_TRUE(save_rule_site(database(), {"USB-01", "S1", "live", {}, "test", "because", kMay}));
    const auto after_rule = *register_generation(database());
    EXPECT_GT(after_rule, after_entry);
    EXPECT_EQ(*register_generation(database()), after_rule);
}

TEST_F(RegisterRepository, GivenARuleSiteSavedTwiceThenTheLastOneStands) {
    ASSERT_TRUE(save_rule_site(database(), {"USB-01", "S1", "live", {}, "ann", "ready", kMay}));
    ASSERT_TRUE(save_rule_site(database(), {"USB-01", "S1", std::nullopt, {{"n", 3}}, "bob", "noisy", kJune}));
    const auto rows = all_rule_sites(database());
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_FALSE(rows->front().state);
    EXPECT_EQ(integer_of(rows->front().parameters, "n"), 3);
    EXPECT_EQ(rows->front().reason, "noisy");
}

}  // namespace
}  // namespace sallyport::store
