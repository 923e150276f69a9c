// SPDX-License-Identifier: Apache-2.0
//
// The auditor's pack from the real sallyportctl: every question is answered with rows or said not to be; no P2, no
// name, nothing of the PSD's is in any file; the same store and moment give the same bytes.
#include <map>

#include "collector/audit/audit_period.hpp"
#include "collector/audit/audit_questions.hpp"
#include "collector/audit/pack_index.hpp"
#include "collector/store/alert_repository.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/schema.hpp"
#include "control.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::testing {
namespace {

// What must never leave, each a text that nothing else in the store has.
constexpr std::string_view kClearedOn = "2019-03-07", kBackgroundOn = "2019-03-09", kDecidedOn = "2019-04-11",
                           kReviewDue = "2031-05-13";
constexpr std::string_view kName = "Quentin Zwicky", kStaffId = "STAFF-77123", kAccount = "qzwicky";
constexpr std::string_view kCaseAlert = "The limitation date of case PSD-2026-0042 is near.", kMisuse = "2026-0777";
constexpr std::string_view kExceptionReason = "on medical leave since the hearing";

class AuditPack : public Control {
protected:
    void SetUp() override {
        establish_agency();
        std::filesystem::create_directory_symlink(
            std::filesystem::path(SALLYPORT_SOURCE_DIR) / "rules/physical-protection", path("rules"));
        register_terminals(2);
        write("agency.csv", "agency_id,agency_name,county,agency_oris\nCA0010000,Example,Orange,CA0010000\n");
        done("agency import agency.csv");
        write("people.csv",
              "operator_ref,staff_id,display_name,os_accounts,employer_kind,sworn,role,appointed_on,unit,site_id,"
              "supervisor,access_status,"
              "access_from,access_to,fingerprint_cleared_on,background_cleared_on,clearance_result,clearance_decided_"
              "by,clearance_decided_on,"
              "clearance_review_due\n"
              "OP-9," +
                  std::string(kStaffId) + "," + std::string(kName) + "," + std::string(kAccount) +
                  ",employee,true,LTFAO,2026-01-01,Records,S1,none,active,2026-01-01,2030-01-01," +
                  std::string(kClearedOn) + "," + std::string(kBackgroundOn) + ",cleared_by_agency_head,OP-1," +
                  std::string(kDecidedOn) + "," + std::string(kReviewDue) + "\n");
        done("operators import people.csv");
        plant();
    }

    static WallTime now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

    void plant() {
        auto database = Database::open(path("store.db"));
        ASSERT_TRUE(database);
        store::Alert alert;
        alert.ori = kOri;
        alert.severity = "high";
        alert.lane = "queue";
        alert.kind = "event";
        alert.state = "new";
        alert.first_event_at = alert.last_event_at = alert.condition_at = alert.raised_at = alert.known_at = now();
        alert.alert_id = std::string(64, 'a');
        alert.rule_id = "USB-01";
        alert.terminal_id = "T-1";
        alert.operator_ref = "OP-9";
        alert.disposition_note = std::string(kName);
        alert.routed_to = {"SPOC"};
        alert.ack_due_at = now() + std::chrono::hours(1);
        ASSERT_TRUE(store::insert_alert(*database, alert));
        alert.alert_id = std::string(64, 'b');
        alert.rule_id = "GOV-03";
        alert.summary = kCaseAlert;
        alert.routed_to = {"PSD director"};
        ASSERT_TRUE(store::insert_alert(*database, alert));
        store::Incident incident;
        incident.ori = kOri;
        incident.severity = "high";
        incident.status = "open";
        incident.discovered_at = now();
        incident.incident_id = "i1";
        incident.number = "2026-0001";
        incident.kind = "media";
        incident.summary = kName;
        incident.referred_at = now();
        ASSERT_TRUE(store::insert_incident(*database, incident));
        incident.incident_id = "i2";
        incident.number = kMisuse;
        incident.kind = "suspected_misuse";
        ASSERT_TRUE(store::insert_incident(*database, incident));
        for (const char* action : {"incident.refer", "person.resolve", "alert.acknowledge"})
            ASSERT_TRUE(store::append_audit(*database,
                                            {.actor = "x",
                                             .actor_role = "spoc",
                                             .action = action,
                                             .object_type = "incident",
                                             .object_id = "i1",
                                             .purpose = {},
                                             .before_hash = {},
                                             .after_hash = {},
                                             .source_ip = {}},
                                            now()));
        ASSERT_TRUE(store::append_audit(*database,
                                        {.actor = "p",
                                         .actor_role = "psd_investigator",
                                         .action = "case.open",
                                         .object_type = "case",
                                         .object_id = "c1",
                                         .purpose = {},
                                         .before_hash = {},
                                         .after_hash = {},
                                         .source_ip = {}},
                                        now()));
    }

    std::map<std::string, std::string> files(const std::string& folder) const {
        std::map<std::string, std::string> all;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path(folder)))
            if (entry.is_regular_file())
                all[std::filesystem::relative(entry.path(), path(folder)).string()] = content(entry.path());
        return all;
    }

    // The year that every clock of the test's store is in.
    std::string year() const { return format_time(now()).substr(0, 4); }
};

TEST_F(AuditPack, GivenAnAgencyWhenAPackIsMadeThenEachQuestionHasRowsOrAReason) {
    const auto ran = done("audit-pack --period " + year() + " --out pack --json");
    const auto said = read_json_record(ran.out);
    ASSERT_TRUE(said) << ran.out;
    const auto index = read_json_record(content(path("pack/index.json")),
                                        {.bytes_max = 1 << 20, .depth_max = 8, .fields_max = 10'000});
    ASSERT_TRUE(index);
    const List& questions = *index->find("questions")->as<List>();
    EXPECT_EQ(questions.size(), audit::audit_questions().size());
    EXPECT_GT(integer_of(*said, "served"), 40);
    for (const Value& value : questions) {
        const Record& one = *value.as<Record>();
        const auto asked = std::string(text_of(one, "clause")) + " " + std::string(text_of(one, "asks"));
        if (!flag_of(one, "served")) {
            EXPECT_FALSE(text_of(one, "reason").empty()) << asked;
            continue;
        }
        for (const Value& answer : *one.find("answer")->as<List>())
            EXPECT_TRUE(std::filesystem::exists(path("pack") / text_of(*answer.as<Record>(), "file"))) << asked;
    }
    const auto page = content(path("pack/index.md"));
    EXPECT_NE(page.find("[registers/terminals.csv](registers/terminals.csv) no row"), std::string::npos)
        << "none is licensed";
    EXPECT_NE(page.find("[registers/rooms.csv](registers/rooms.csv) row 2 "), std::string::npos);
    EXPECT_NE(page.find("**not served**: personnel records"), std::string::npos);
    EXPECT_NE(content(path("pack/alerts.csv")).find("USB-01"), std::string::npos);
    EXPECT_NE(content(path("pack/incidents.csv")).find("2026-0001"), std::string::npos);
    EXPECT_NE(content(path("pack/people.csv")).find("OP-9"), std::string::npos);
    EXPECT_NE(content(path("pack/proofs.csv")).find("audit log: hash chain,proved"), std::string::npos);
    EXPECT_NE(content(path("pack/audit-actions.csv")).find("alert.acknowledge"), std::string::npos);
}

TEST_F(AuditPack, GivenPersonnelDataInTheStoreWhenAPackIsMadeThenNoFileHasAnyOfIt) {
    const std::string store = content(path("store.db")) + content(path("store.db-wal"));
    for (const auto planted :
         {kClearedOn, kBackgroundOn, kDecidedOn, kReviewDue, kName, kStaffId, kAccount, kCaseAlert, kMisuse})
        ASSERT_NE(store.find(planted), std::string::npos) << planted;
    done("audit-pack --period " + year() + " --out pack");
    for (const auto& [name, text] : files("pack")) {
        for (const auto planted :
             {kClearedOn, kBackgroundOn, kDecidedOn, kReviewDue, kName, kStaffId, kAccount, kCaseAlert, kMisuse})
            EXPECT_EQ(text.find(planted), std::string::npos) << name << ": " << planted;
        for (const auto word : {"cleared_by_agency_head", "incident.refer", "person.resolve", "case.open",
                                "psd_investigator", "referred_at"})
            EXPECT_EQ(text.find(word), std::string::npos) << name << ": " << word;
        EXPECT_EQ(text.find("GOV-03," + std::string(64, 'b')), std::string::npos) << name;
        EXPECT_EQ(text.find(std::string(64, 'b')), std::string::npos) << name;
    }
}

TEST_F(AuditPack, GivenTheSameMomentOfKnowledgeWhenMadeTwiceThenTheFilesAreTheSameAndTheManifestFitsThem) {
    const auto at = format_time(now());
    done("audit-pack --period " + year() + " --out one --known-at " + at);
    done("audit-pack --period " + year() + " --out two --known-at " + at);
    auto one = files("one"), two = files("two");
    // The first pack is an act of the period itself.
    for (auto* pack : {&one, &two})
        for (const auto* moving : {"audit-actions.csv", "proofs.csv", "manifest.json", "index.md", "index.json"})
            pack->erase(moving);
    EXPECT_EQ(one, two);
    const auto manifest = read_json_record(content(path("two/manifest.json")),
                                           {.bytes_max = 1 << 20, .depth_max = 8, .fields_max = 10'000});
    ASSERT_TRUE(manifest);
    const List& members = *manifest->find("files")->as<List>();
    EXPECT_EQ(members.size() + 1, files("two").size());
    for (const Value& value : members) {
        const Record& member = *value.as<Record>();
        const auto bytes = content(path("two") / text_of(member, "name"));
        EXPECT_EQ(text_of(member, "sha256"), to_hex(sha256(bytes_of(bytes)))) << text_of(member, "name");
    }
}

TEST_F(AuditPack, GivenAnAlteredAuditLogWhenAPackIsMadeThenItSaysThatTheProofFailed) {
    auto database = Database::open(path("store.db"));
    ASSERT_TRUE(database->execute("DROP TRIGGER audit_no_update"));
    ASSERT_TRUE(database->execute("UPDATE audit SET action = 'nothing' WHERE action = 'alert.acknowledge'"));
    done("audit-pack --period " + year() + " --out pack");
    EXPECT_NE(content(path("pack/proofs.csv")).find("audit log: hash chain,failed"), std::string::npos);
    EXPECT_NE(content(path("pack/index.md")).find("[proofs.csv](proofs.csv) row 2 (what, result, detail) |\n"),
              std::string::npos);
}

TEST_F(AuditPack, GivenAWrongCallWhenMadeThenNothingIsWritten) {
    for (const auto* period : {"2026-13", "26", "2026-Q5", "2026-05-01..2026-04-01", "2999"})
        EXPECT_EQ(ctl("audit-pack --out pack --period " + std::string(period)).code, 2) << period;
    write("pack", "");
    std::filesystem::remove(path("pack"));
    std::filesystem::create_directory(path("pack"));
    write("pack/mine.txt", "");
    EXPECT_NE(ctl("audit-pack --out pack --period " + year()).code, 0);
    EXPECT_EQ(files("pack").size(), 1U);
}

TEST_F(AuditPack, GivenAPackWhenMadeThenTheExportIsInTheAuditLogWithTheManifestsHash) {
    done("audit-pack --period " + year() + " --out pack");
    auto database = Database::open(path("store.db"));
    const auto entries = store::read_audit(*database, "audit_pack", year(), 10);
    ASSERT_EQ(entries->size(), 1U);
    EXPECT_EQ(entries->front().entry.action, "audit_pack.export");
    EXPECT_NE(entries->front().entry.detail.find(to_hex(sha256(bytes_of(content(path("pack/manifest.json")))))),
              std::string::npos);
}

TEST(AuditPeriod, GivenEachFormWhenReadThenItsDaysAreTheCountys) {
    const auto days = [](std::string_view text) {
        const auto period = *audit::parse_period(text);
        return registers::format_date(period.first) + " " + registers::format_date(period.last);
    };
    EXPECT_EQ(days("2026"), "2026-01-01 2026-12-31");
    EXPECT_EQ(days("2026-Q1"), "2026-01-01 2026-03-31");
    EXPECT_EQ(days("2026-Q4"), "2026-10-01 2026-12-31");
    EXPECT_EQ(days("2024-02"), "2024-02-01 2024-02-29");
    EXPECT_EQ(days("2026-07-01..2026-07-01"), "2026-07-01 2026-07-01");
    const auto march = *audit::parse_period("2026-03");
    EXPECT_EQ(format_time(march.from), "2026-03-01T08:00:00.000Z");
    EXPECT_EQ(format_time(march.to), "2026-04-01T07:00:00.000Z");
    for (const auto* bad :
         {"", "2026-", "2026-00", "2026-Q0", "2026-07-01..", "x026", "2026-7", "2026-07-01..2026-02-30"})
        EXPECT_FALSE(audit::parse_period(bad)) << bad;
}

TEST(AuditIndex, GivenRowsWhenWrittenThenRunsAreJoined) {
    EXPECT_EQ(audit::row_ranges({}), "");
    EXPECT_EQ(audit::row_ranges({2}), "2");
    EXPECT_EQ(audit::row_ranges({2, 3, 4, 7, 9, 10}), "2-4, 7, 9-10");
}

}  // namespace
}  // namespace sallyport::testing
