// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/audit_relay.hpp"

#include "collector/store/alert_repository.hpp"

#include "protocol/json.hpp"

#include "tests/collector/intake/intake_fixture.hpp"

namespace sallyport::intake {
namespace {

store::StoredAuditEntry entry(const std::string& action, const std::string& type, const std::string& id) {
    store::StoredAuditEntry stored;
    stored.entry.actor = "acc-1";
    stored.entry.actor_role = "acc";
    stored.entry.action = action;
    stored.entry.object_type = type;
    stored.entry.object_id = id;
    return stored;
}

std::string_view body(const std::optional<Notice>& notice, std::string_view field) {
    return notice ? text_of(notice->body, field) : std::string_view("no notice");
}

TEST(AuditRelay, GivenARegisterChangeThenItIsToldByItsOwnNameAndHashAndSaysNotWhatStoodInIt) {
    auto stored = entry("operator.change", "operators", "OP-0001");
    stored.entry.after_hash = std::string(64, 'b');
    stored.entry.detail = R"({"columns":["display_name"],"reason":"marriage of Jane Roe"})";
    const auto added = notice_of(stored);
    EXPECT_EQ(added->type, "operator.change");
    EXPECT_EQ(body(added, "register"), "operators");
    EXPECT_EQ(body(added, "id"), "OP-0001");
    EXPECT_EQ(body(added, "action"), "add");
    EXPECT_EQ(body(added, "after_sha256"), std::string(64, 'b'));
    EXPECT_EQ(write_json(added->body).find("Jane"), std::string::npos);
    stored.entry.before_hash = std::string(64, 'a');
    EXPECT_EQ(body(notice_of(stored), "action"), "change");
}

TEST(AuditRelay, GivenARuleIsChangedThenTheLineSaysWhetherThatWeakensIt) {
    auto stored = entry("rule.change", "rules", "SES-01");
    stored.entry.detail = R"({"state":"observe","site":"HQ","reason":"noise"})";
    const auto observed = notice_of(stored);
    EXPECT_EQ(observed->type, "rule.change");
    EXPECT_EQ(body(observed, "rule"), "SES-01");
    EXPECT_EQ(body(observed, "action"), "observe");
    EXPECT_EQ(body(observed, "site"), "HQ");
    stored.entry.detail = R"({"parameter":"grace_s","value":90,"effect":"loosen","site":"HQ"})";
    EXPECT_EQ(body(notice_of(stored), "action"), "loosen");
}

TEST(AuditRelay, GivenAnActAtTheConsoleThenItIsToldWithWhoDidItAndARefusedOneAsFailed) {
    auto stored = entry("person.resolve", "incident", "INC 7/ä");
    EXPECT_EQ(body(notice_of(stored), "action"), "person.resolve");
    EXPECT_EQ(body(notice_of(stored), "actor"), "acc-1");
    EXPECT_EQ(body(notice_of(stored), "object_id"), "INC_7/__") << "no token of the catalogue, yet told";
    stored.entry.success = false;
    EXPECT_EQ(body(notice_of(stored), "action"), "person.resolve.failed");
    stored.entry.object_id.clear();
    EXPECT_EQ(body(notice_of(stored), "object_id"), "-");
}

TEST(AuditRelay, GivenTheSystemItselfActedThenNothingIsToldForItWouldFeedItself) {
    auto stored = entry("alert.escalate", "alert", "A-1");
    stored.entry.actor = "system";
    EXPECT_FALSE(notice_of(stored));
}

class AuditRelayStore : public ::testing::Test {
protected:
    Result<void> act(Database& database, int times) {
        for (int i = 0; i < times; ++i)
            if (auto done = store::append_audit(database, entry("alert.acknowledge", "alert", "A-1").entry, clock_.now());
                !done)
                return done;
        return {};
    }
    std::size_t relay(bool fails = false) {
        std::size_t told = 0;
        (void)writer_->run([&](Database& database) -> Result<void> {
            auto relayed = relay_audit(database, log_);
            if (!relayed)
                return relayed.error();
            told = *relayed;
            return fails ? Result<void>(Error(Errc::unavailable, "the commit fails")) : Result<void>();
        });
        return told;
    }
    std::size_t lines() {
        auto reader = *writer_->reader();
        return store::read_events_after(reader, 0, 10'000)->size();
    }

    testing::TemporaryFolder folder_;
    testing::ManualClock clock_;
    std::unique_ptr<store::Writer> writer_ = *store::Writer::open(folder_ / "store.db");
    OwnLog log_{"CA0300000", *SigningKey::generate(), clock_};
};

TEST_F(AuditRelayStore, GivenManyEntriesWhenRelayedThenEachIsToldOnceInSlices) {
    ASSERT_TRUE(writer_->run([&](Database& database) { return act(database, 450); }));
    EXPECT_EQ(relay(), 200U);
    EXPECT_EQ(relay(), 200U);
    EXPECT_EQ(relay(), 50U);
    EXPECT_EQ(relay(), 0U);
    EXPECT_EQ(lines(), 450U);
}

TEST_F(AuditRelayStore, GivenTheCommitFailsWhenRelayedAgainThenNothingIsMissingOrDoubled) {
    ASSERT_TRUE(writer_->run([&](Database& database) { return act(database, 3); }));
    relay(true);
    EXPECT_EQ(lines(), 0U);
    EXPECT_EQ(relay(), 3U);
    EXPECT_EQ(lines(), 3U);
}

// COR-11 counts what people confirmed about one person.
TEST_F(AuditRelayStore, GivenAnAlertIsResolvedWhenRelayedThenWhatItWasJudgedToBeIsToldOfThePerson) {
    const auto resolve = [&](const std::string& id, std::optional<std::string> person, const std::string& detail) {
        store::Alert alert;
        alert.alert_id = id;
        alert.ori = "CA0300000";
        alert.rule_id = "SES-10";
        alert.severity = "medium";
        alert.operator_ref = std::move(person);
        auto act = entry("alert.resolve", "alert", id).entry;
        act.detail = detail;
        ASSERT_TRUE(writer_->run([&](Database& database) -> Result<void> {
            if (auto done = store::insert_alert(database, alert); !done)
                return done.error();
            return store::append_audit(database, act, clock_.now());
        }));
    };
    resolve("A-1", "OP-1", R"({"disposition":"true_positive","day":"2026-11-23"})");
    resolve("A-2", std::nullopt, R"({"disposition":"true_positive","day":"2026-11-23"})");
    resolve("A-3", "OP-1", R"({"disposition":"","day":"2026-11-23"})");
    EXPECT_EQ(relay(), 4U) << "three acts, and one judgement of a person";
    auto reader = *writer_->reader();
    const auto events = store::read_events_after(reader, 0, 10);
    ASSERT_TRUE(events && events->size() == 4);
    EXPECT_EQ(events->at(1).type, "alert.resolution");
    EXPECT_NE(events->at(1).line->find(R"("alert_id":"A-1","rule_id":"SES-10","severity":"medium","operator_ref":"OP-1",)"
                                       R"("disposition":"true_positive","day":"2026-11-23")"),
              std::string::npos)
        << *events->at(1).line;
}

TEST_F(IntakeTest, GivenSomebodyActsWhenTimePassesThenTheCollectorTellsItAndWakesTheJudge) {
    const int before = stored_;
    ASSERT_TRUE(writer_->run([&](Database& database) {
        return store::append_audit(database, entry("alert.acknowledge", "alert", "A-1").entry, clock_.now());
    }));
    EXPECT_TRUE(eventually([&] { return told("\"action\":\"alert.acknowledge\""); }));
    EXPECT_TRUE(eventually([&] { return stored_ > before; }));
    EXPECT_EQ(times_told("alert.acknowledge"), 1);
}

}  // namespace
}  // namespace sallyport::intake
