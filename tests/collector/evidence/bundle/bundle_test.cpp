// SPDX-License-Identifier: Apache-2.0
//
// What is in a bundle, and that it verifies as it was made.
#include <sstream>

#include "collector/evidence/bundle/container_check.hpp"
#include "collector/evidence/bundle/entries.hpp"
#include "collector/evidence/bundle/store_proofs.hpp"
#include "protocol/json.hpp"
#include "tests/collector/evidence/bundle/evidence_case.hpp"

namespace sallyport::evidence {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

class BundleTest : public sallyport::testing::EvidenceCase {
protected:
    // The member's content of a bundle that verifies.
    std::string content(const Bundle& bundle, std::string_view member) const {
        std::vector<BundleFault> faults;
        const auto opened = open_bundle(bundle.file, keys_, faults);
        EXPECT_TRUE(opened) << member;
        return opened ? std::string(opened->content(member)) : std::string();
    }
    std::vector<Record> lines(const Bundle& bundle, std::string_view member) const {
        std::vector<Record> records;
        std::istringstream text(content(bundle, member));
        for (std::string line; std::getline(text, line);)
            records.push_back(*read_json_record(line, {.bytes_max = 1 << 20, .depth_max = 10, .fields_max = 4096}));
        return records;
    }
    std::string answer(const Bundle& bundle, std::string_view check, std::string_view field = "answer") const {
        for (const Record& line : lines(bundle, "checks.jsonl"))
            if (text_of(line, "check") == check) return std::string(text_of(line, field));
        return "not asked";
    }
};

TEST_F(BundleTest, GivenAnIncidentWhenExportedThenTheFileVerifies) {
    tell_the_story();
    const auto bundle = make(BundleForm::full);
    ASSERT_TRUE(bundle) << bundle.error().message();
    const auto report = check(bundle->file);
    EXPECT_TRUE(report.holds()) << faults_of(report);
    EXPECT_EQ(report.alerts, 1U);
    EXPECT_EQ(report.heads, 4U);  // before, received, conversion, export
    EXPECT_EQ(report.manifest->incident_number, "2026-0001");
    EXPECT_EQ(report.manifest->purpose, "investigation");
    EXPECT_EQ(report.manifest->withheld, 0U);
    EXPECT_GE(report.manifest->events, 4U);  // two of evidence, and who started the agent, and the acts
}

TEST_F(BundleTest, GivenTheSameIncidentWhenExportedTwiceThenOnlyTheSignatureDiffers) {
    tell_the_story();
    const auto first = make(BundleForm::full), second = make(BundleForm::full);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(encode_manifest(first->manifest), encode_manifest(second->manifest));
}

TEST_F(BundleTest, GivenAnotherKeyWhenVerifiedThenItIsRefused) {
    tell_the_story();
    const auto bundle = make(BundleForm::full);
    const std::vector<PublicKey> other{SigningKey::generate()->public_key()};
    const auto report = check_bundle(bundle->file, other);
    EXPECT_FALSE(report.holds());
    EXPECT_THAT(faults_of(report), HasSubstr("the signature does not fit manifest and key"));
}

TEST_F(BundleTest, GivenALineThatNamesAnAccountWhenRedactedThenItsProofStaysAndTheNameGoes) {
    tell_the_story();
    const auto bundle = make(BundleForm::redacted);
    ASSERT_TRUE(bundle) << bundle.error().message();
    const auto report = check(bundle->file);
    EXPECT_TRUE(report.holds()) << faults_of(report);
    EXPECT_EQ(report.withheld.at("names_account"), 1U);
    for (const auto& member : bundle->manifest.members) {
        EXPECT_THAT(content(*bundle, member.name), Not(HasSubstr("\"ann\""))) << member.name;
        EXPECT_THAT(content(*bundle, member.name), Not(HasSubstr("&quot;ann&quot;"))) << member.name;
        EXPECT_THAT(content(*bundle, member.name), Not(HasSubstr("Ann Example"))) << member.name;
        EXPECT_THAT(content(*bundle, member.name), Not(HasSubstr("4711"))) << member.name;
        EXPECT_THAT(content(*bundle, member.name), Not(HasSubstr("desk\""))) << member.name;
    }
    const auto events = content(*bundle, "events.jsonl");
    EXPECT_THAT(events, HasSubstr(R"("operator_account":"OP-1")"));
    const auto withheld = events.substr(events.find("\"withheld\""));
    EXPECT_THAT(withheld.substr(0, withheld.find('\n')), Not(HasSubstr("nonce")));
}

TEST_F(BundleTest, GivenAFullBundleWhenReadThenNobodysClearanceIsInIt) {
    tell_the_story();
    const auto bundle = make(BundleForm::full);
    const auto registers = content(*bundle, "registers.jsonl");
    EXPECT_THAT(registers, HasSubstr("Ann Example"));
    EXPECT_THAT(registers, Not(HasSubstr("clearance_result")));
}

TEST_F(BundleTest, GivenWhatThePsdDidWhenRedactedThenItIsNotTold) {
    tell_the_story();
    EXPECT_THAT(content(*make(BundleForm::full), "audit.jsonl"), HasSubstr("psd_investigator"));
    const auto redacted = make(BundleForm::redacted);
    EXPECT_THAT(content(*redacted, "audit.jsonl"), Not(HasSubstr("psd_investigator")));
    EXPECT_THAT(content(*redacted, "events.jsonl"), Not(HasSubstr("incident.open")));
}

TEST_F(BundleTest, GivenALineThatIsGoneFromTheStoreWhenExportedThenLeafAndReasonStandForIt) {
    tell_the_story();
    ASSERT_TRUE(database_.execute("UPDATE event SET line = NULL, withheld_reason = 'expired' WHERE ingest_id = " +
                                  std::to_string(lines_[1])));
    const auto bundle = make(BundleForm::full);
    ASSERT_TRUE(bundle) << bundle.error().message();
    const auto report = check(bundle->file);
    EXPECT_TRUE(report.holds()) << faults_of(report);
    EXPECT_EQ(report.withheld.at("expired"), 1U);
}

TEST_F(BundleTest, GivenTheRulesTextWhenItsFileHasChangedThenTheBundleHasItAsItWas) {
    tell_the_story();
    const auto bundle = make(BundleForm::full);
    EXPECT_EQ(content(*bundle, "rules/" + rule_version_ + ".yml"), sallyport::testing::kRuleText);
    ASSERT_TRUE(database_.execute("DELETE FROM rule_text"));
    const auto without = make(BundleForm::full);
    EXPECT_TRUE(check(without->file).holds());
    EXPECT_THAT(content(*without, "alerts.jsonl"), HasSubstr(R"("rule_kept":false)"));
}

TEST_F(BundleTest, GivenALineWithoutASignedBatchWhenExportedThenItIsRefused) {
    tell_the_story();
    ASSERT_TRUE(database_.execute("UPDATE event SET batch_id = NULL"));
    const auto bundle = make(BundleForm::full);
    ASSERT_FALSE(bundle);
    EXPECT_THAT(bundle.error().message(), HasSubstr("came without a signed header"));
}

TEST_F(BundleTest, GivenALineThatNoHeadCoversWhenExportedThenItIsRefused) {
    tell_the_story();
    const auto late = send({stick(std::nullopt)});
    ASSERT_TRUE(store::add_evidence(database_, "alert-1", late));
    const auto bundle = make(BundleForm::full);
    ASSERT_FALSE(bundle);
    EXPECT_EQ(bundle.error().code(), Errc::not_found);
}

TEST_F(BundleTest, GivenNoSuchIncidentWhenExportedThenItSaysSo) {
    log_.sign(database_, clock_.now());
    const auto bundle = make(BundleForm::full);
    ASSERT_FALSE(bundle);
    EXPECT_EQ(bundle.error().code(), Errc::not_found);
}

TEST_F(BundleTest, GivenATextWithMarkupWhenShownThenThePageEscapesIt) {
    tell_the_story();
    const auto page = content(*make(BundleForm::full), "READ-ME-FIRST.html");
    EXPECT_THAT(page, HasSubstr("A stick nobody knows, &lt;at the desk&gt;"));
    EXPECT_THAT(page, Not(HasSubstr("<at the desk>")));
}

// The log in memory of the other tests is exchanged for the store's own.
TEST_F(BundleTest, GivenTheStoresOwnLogWhenExportedTwiceThenTheLaterBundleProvesGrowthFromTheEarlierHead) {
    tell_the_story();
    const BundleOrder order{std::string(sallyport::testing::kIncident), BundleForm::redacted, "tester", "auditor", "audit", clock_.now()};
    {
        auto proofs = StoreProofs::with_fresh_head(database_, terminal_.ori, key_, clock_.now());
        ASSERT_TRUE(proofs) << proofs.error().message();
        const auto bundle = make_bundle(database_, order, *proofs, key_);
        ASSERT_TRUE(bundle) << bundle.error().message();
        EXPECT_EQ(check(bundle->file).heads, 1U);
    }
    clock_.advance(1min);
    (void)send({stick(std::nullopt)});
    auto fresh = StoreProofs::with_fresh_head(database_, terminal_.ori, key_, clock_.now());
    auto newest = StoreProofs::with_newest_head(database_, terminal_.ori);
    ASSERT_TRUE(fresh && newest);
    EXPECT_EQ(fresh->head().note, newest->head().note);
    const auto bundle = make_bundle(database_, order, *newest, key_);
    ASSERT_TRUE(bundle) << bundle.error().message();
    const auto report = check(bundle->file);
    EXPECT_TRUE(report.holds()) << faults_of(report);
    EXPECT_GE(report.heads, 2U);
    EXPECT_GT(report.manifest->log_size, 0U);
}

// --- other explanations ---------------------------------------------------------------------------------------------

TEST_F(BundleTest, GivenNothingUnusualWhenAskedThenNoOtherExplanationIsOpen) {
    tell_the_story();
    const auto bundle = make(BundleForm::full);
    for (const auto* check : {"mark", "window", "register_lag", "clock", "late_arrival", "second_sender", "missing_lines"})
        EXPECT_EQ(answer(*bundle, check), "no") << check << ": " << answer(*bundle, check, "said");
}

TEST_F(BundleTest, GivenAMaintenanceWindowThatWasEnteredLaterWhenAskedThenBothTimesAreTold) {
    tell_the_story();
    record("windows", "W1",
           {{"window_id", "W1"}, {"kind", "maintenance"}, {"terminals", List{"T-1"}},
            {"from", format_time(clock_.now() - 1h)}, {"to", format_time(clock_.now() + 1h)}},
           clock_.now(), clock_.now() - 1h);
    clock_.advance(1min);
    const auto bundle = make(BundleForm::full);
    EXPECT_EQ(answer(*bundle, "window"), "yes");
    EXPECT_THAT(answer(*bundle, "window", "said"),
                HasSubstr("0 lay within a window of maintenance as known when the alert was raised, 2 as known when"));
    EXPECT_EQ(answer(*bundle, "register_lag"), "yes");
    EXPECT_THAT(content(*bundle, "registers.jsonl"), HasSubstr(R"("known_later":["alert-1"])"));
}

TEST_F(BundleTest, GivenAMediumThatWasRegisteredLaterWhenAskedThenTheLagIsNamed) {
    tell_the_story();
    record("media", "M1", {{"media_id", "M1"}, {"serial_hash", std::string(64, 'd')}, {"status", "issued"}}, clock_.now(),
           clock_.now() - 1h);
    clock_.advance(1min);
    const auto bundle = make(BundleForm::full);
    EXPECT_EQ(answer(*bundle, "register_lag"), "yes");
    EXPECT_THAT(answer(*bundle, "register_lag", "said"), HasSubstr(R"(media.status was nothing, is "issued")"));
}

TEST_F(BundleTest, GivenAClockThatWasSteppedWhenAskedThenTheStepIsInTheBundle) {
    lines_ = send({started()});
    Event step = sallyport::testing::event("agent.clock_step", "T-1", terminal_.instance, 0,
                                           {{"delta_ms", 5000}, {"source", "ntp"}}, clock_.now());
    const auto stepped = send({step});
    Event odd = stick(std::nullopt);
    odd.clock = ClockState::unsynced;
    const auto sticks = send({odd});
    open_incident({alert("alert-1", sticks)});
    clock_.advance(1min);
    log_.sign(database_, clock_.now());
    const auto bundle = make(BundleForm::full);
    ASSERT_TRUE(bundle) << bundle.error().message();
    EXPECT_EQ(answer(*bundle, "clock"), "yes");
    EXPECT_THAT(answer(*bundle, "clock", "said"), HasSubstr("told of 1 step of its clock"));
    EXPECT_THAT(content(*bundle, "events.jsonl"), HasSubstr("agent.clock_step"));
    EXPECT_TRUE(check(bundle->file).holds());
}

TEST_F(BundleTest, GivenALateLineWhenAskedThenItsDelayIsTold) {
    lines_ = send({started()});
    const Event early = stick(std::nullopt);
    const WallTime then = clock_.now();
    clock_.advance(3h);
    const auto late = send({early});
    auto raised = alert("alert-1", late);
    raised.first_event_at = raised.last_event_at = then;
    open_incident({raised});
    clock_.advance(1min);
    log_.sign(database_, clock_.now());
    const auto bundle = make(BundleForm::full);
    EXPECT_EQ(answer(*bundle, "late_arrival"), "yes");
    EXPECT_THAT(answer(*bundle, "late_arrival", "said"), HasSubstr("10800 s"));
}

TEST_F(BundleTest, GivenAForkOfTheTerminalWhenAskedThenASecondSenderIsNotRuledOut) {
    tell_the_story();
    ASSERT_TRUE(own_log_.append(database_, {{"server.fork",
                                             {{"terminal", "T-1"},
                                              {"instance", terminal_.instance},
                                              {"seq", 2},
                                              {"leaf", std::string(64, 'a')},
                                              {"other_leaf", std::string(64, 'b')}},
                                             std::nullopt}}));
    log_.sign(database_, clock_.now());
    const auto bundle = make(BundleForm::full);
    ASSERT_TRUE(bundle) << bundle.error().message();
    EXPECT_EQ(answer(*bundle, "second_sender"), "yes");
    EXPECT_THAT(content(*bundle, "events.jsonl"), HasSubstr("server.fork"));
}

TEST_F(BundleTest, GivenTheRulesKindWhenReadThenItsLimitsAreInEveryBundle) {
    tell_the_story();
    const auto limits = content(*make(BundleForm::redacted), "limits.jsonl");
    EXPECT_THAT(limits, HasSubstr("It does not say which person sat there"));
    EXPECT_THAT(limits, HasSubstr("A serial number can be forged"));
    EXPECT_THAT(limits, Not(HasSubstr("camera counts faces")));
}

}  // namespace
}  // namespace sallyport::evidence
