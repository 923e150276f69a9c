// SPDX-License-Identifier: Apache-2.0
#include "collector/store/alert_repository.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "tests/collector/alerts/desk_fixture.hpp"

namespace sallyport::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AlertRepository : public sallyport::testing::DeskFixture {
protected:
    void save(const Alert& made) {
        const auto done = writer().run([&](Database& database) { return update_alert(database, made); });
        ASSERT_TRUE(done) << done.error().message();
    }
    std::vector<std::string> listed(const AlertFilter& filter) {
        const auto alerts = list_alerts(reader(), filter);
        EXPECT_TRUE(alerts) << alerts.error().message();
        std::vector<std::string> ids;
        for (const Alert& made : *alerts)
            ids.push_back(made.alert_id);
        return ids;
    }
};

TEST_F(AlertRepository, GivenAnAlertWithEveryFieldWhenStoredThenItIsReadAsWritten) {
    Alert made = alert("a1");
    made.room_id = "R1";
    made.site_id = "S1";
    made.operator_ref = "op-7";
    made.ack_by = "sam";
    made.ack_at = made.cleared_at = made.escalated_at = testing::kMondayMorning;
    made.escalated_to = "SPOC deputy";
    made.disposition = "technical_fault";
    made.disposition_note = "cable";
    made.incident_id = "i1";
    made.part_of = "a0";
    made.received_lag_ms = 12;
    made.occurrence_count = 3;
    made.parameters = R"({"window":60})";
    made.evidence = {5, 3};
    const Alert read = put(made);
    EXPECT_EQ(read.room_id, "R1");
    EXPECT_EQ(read.site_id, "S1");
    EXPECT_EQ(read.operator_ref, "op-7");
    EXPECT_EQ(read.ack_at, testing::kMondayMorning);
    EXPECT_EQ(read.cleared_at, testing::kMondayMorning);
    EXPECT_EQ(read.escalated_to, "SPOC deputy");
    EXPECT_EQ(read.disposition_note, "cable");
    EXPECT_EQ(read.incident_id, "i1");
    EXPECT_EQ(read.part_of, "a0");
    EXPECT_EQ(read.received_lag_ms, 12);
    EXPECT_EQ(read.occurrence_count, 3);
    EXPECT_EQ(read.parameters, R"({"window":60})");
    EXPECT_THAT(read.evidence, ElementsAre(3, 5));
    EXPECT_THAT(read.control_refs, ElementsAre("CSP 6.0 MP-7"));
    EXPECT_THAT(read.routed_to, ElementsAre("SPOC"));
}

TEST_F(AlertRepository, GivenAnyChangeWhenWrittenThenTheRevisionRises) {
    const Alert first = put("a1");
    const Alert second = put("a2");
    EXPECT_GT(second.revision, first.revision);
    save(first);
    EXPECT_GT(stored("a1").revision, second.revision);
    EXPECT_EQ(*current_revision(reader()), stored("a1").revision);
    EXPECT_THAT(listed({.revision_after = second.revision}), ElementsAre("a1"));
}

TEST_F(AlertRepository, GivenPagesWhenReadByTheirLastThenEveryAlertComesOnce) {
    for (int index = 0; index < 5; ++index) {
        Alert made = alert("a" + std::to_string(index));
        made.raised_at = testing::kMondayMorning + std::chrono::seconds(index / 2);  // some at the same time
        put(made);
    }
    std::vector<std::string> seen;
    AlertFilter filter{.limit = 2};
    for (auto page = listed(filter); !page.empty(); page = listed(filter)) {
        seen.insert(seen.end(), page.begin(), page.end());
        filter.before =
            std::to_string(stored(page.back()).raised_at.time_since_epoch().count()) + ":" + page.back();
    }
    EXPECT_THAT(seen, ElementsAre("a4", "a3", "a2", "a1", "a0"));
}

TEST_F(AlertRepository, GivenFiltersWhenListedThenOnlyWhatFitsAllIsThere) {
    put("a1");
    Alert other = alert("a2", "T2");
    other.state = "resolved";
    put(other);
    EXPECT_THAT(listed({.states = {"new", "acknowledged"}}), ElementsAre("a1"));
    EXPECT_THAT(listed({.terminal_id = "T2"}), ElementsAre("a2"));
    EXPECT_THAT(listed({.states = {"new"}, .terminal_id = "T2"}), IsEmpty());
    EXPECT_FALSE(list_alerts(reader(), {.before = "nonsense"}));
}

TEST_F(AlertRepository, GivenAPartOfALargerAlertWhenTheQueueIsListedOrCountedThenItIsOffIt) {
    put("a1");
    Alert part = alert("a2");
    part.part_of = "a1";
    put(part);
    EXPECT_THAT(listed({.lane = "queue"}), ElementsAre("a1"));
    EXPECT_THAT(listed({}), ElementsAre("a2", "a1"));
    const auto counts = count_alerts(reader());
    ASSERT_TRUE(counts);
    ASSERT_EQ(counts->size(), 1u);
    EXPECT_EQ(counts->front().count, 1);
}

TEST_F(AlertRepository, GivenMoreThan500EventsWhenAddedThen500AreKept) {
    Alert made = alert("a1");
    made.evidence.resize(600);
    std::iota(made.evidence.begin(), made.evidence.end(), 1);
    EXPECT_EQ(put(made).evidence.size(), 500u);
}

TEST_F(AlertRepository, GivenAStateAlertWhenItsCauseLastsThenItIsOpenWhateverAPersonDid) {
    Alert made = alert("a1");
    made.kind = "state";
    made.state = "resolved";
    put(made);
    EXPECT_TRUE(find_open_alert(reader(), made.dedupe_key)->has_value());
    made.cleared_at = testing::kMondayMorning;
    save(made);
    EXPECT_FALSE(find_open_alert(reader(), made.dedupe_key)->has_value());
}

TEST_F(AlertRepository, GivenAnEventAlertWhenResolvedThenRepeatsNoLongerJoinIt) {
    Alert made = put("a1");
    EXPECT_TRUE(find_open_alert(reader(), made.dedupe_key)->has_value());
    made.state = "resolved";
    save(made);
    EXPECT_FALSE(find_open_alert(reader(), made.dedupe_key)->has_value());
}

TEST_F(AlertRepository, GivenAnAlertThatIsNotThereWhenUpdatedThenItIsAnError) {
    const auto done = writer().run([&](Database& database) { return update_alert(database, alert("a9")); });
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::not_found);
}

}  // namespace
}  // namespace sallyport::store
