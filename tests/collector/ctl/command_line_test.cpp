// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "collector/store/audit_log.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/json.hpp"
#include "tests/collector/ctl/control.hpp"

namespace sallyport::ctl {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class CommandLine : public sallyport::testing::Control {
protected:
    void SetUp() override { establish_agency(); }
};

TEST_F(CommandLine, GivenEveryCommandWhenAskedForHelpThenItHasSome) {
    for (const auto* command :
         {"", "ca", "ca init", "ca crl", "broker", "broker config", "terminals", "terminals enrol", "terminals revoke", "terminals coverage",
          "sites import", "rooms export", "operators list", "printers list", "media list", "windows list", "enrolments list",
          "sites history", "calendars import", "agency import", "travel_times import", "staff_roles import",
          "agreements import", "exceptions import", "maintenance_log import", "certificates list", "certificates export",
          "rules", "rules explain", "rules rehearse", "rules diff", "rules live", "rules observe", "rules set", "accounts add", "accounts list", "accounts disable",
          "alerts list", "alerts show", "incidents list", "incidents show"}) {
        const auto ran = ctl(std::string(command) + " --help");
        EXPECT_EQ(ran.code, 0) << command;
        EXPECT_THAT(ran.out, HasSubstr("Usage: sallyportctl")) << command;
    }
}

TEST_F(CommandLine, GivenAWrongCallThenExitCodeTwo) {
    for (const auto* command : {"", "bogus", "sites", "sites import", "sites import absent.csv", "terminals enrol T-1 --out x.crt",
                                "accounts add x --role king --password-stdin", "alerts show none", "incidents show none",
                                "rules live --site nowhere --reason x"})
        EXPECT_EQ(ctl(command).code, 2) << command;
    EXPECT_EQ(shell("'" SALLYPORTCTL "' sites list").code, 2);
    EXPECT_EQ(shell("'" SALLYPORTCTL "' --config absent.yml sites list").code, 2);
}

TEST_F(CommandLine, GivenABrokenFileThenExitCodeOneAndEachFaultNamed) {
    write("sites.csv", "site_id,site_name,address\nS1,,X\nS2,B,\n");
    const auto ran = ctl("sites import sites.csv");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("sites.csv: row 2, column site_name: is required"));
    EXPECT_THAT(ran.err, HasSubstr("sites.csv: row 3, column address: is required"));
    EXPECT_THAT(ran.err, HasSubstr("nothing was imported"));
    EXPECT_EQ(done("sites list --json").out, "[]\n");
}

TEST_F(CommandLine, GivenATerminalThatNeverReportedWhenItsCoverageIsAskedThenItSaysSo) {
    register_terminals(1);
    const auto ran = done("terminals coverage T-1 --from '2026-01-05 14:00' --to 2026-01-05T23:00:00.00Z");
    EXPECT_EQ(ran.out, "T-1, 2026-01-05T22:00:00.000Z to 2026-01-05T23:00:00.000Z: never heard of\n");
    EXPECT_THAT(done("terminals coverage T-1 --from '2026-01-05 14:00' --to '2026-01-05 15:00' --json").out,
                HasSubstr(R"("state":"never heard of")"));
    EXPECT_EQ(ctl("terminals coverage T-1 --from noon --to '2026-01-05 15:00'").code, 1);
    EXPECT_EQ(ctl("terminals coverage T-1 --from '2026-01-05 15:00' --to '2026-01-05 14:00'").code, 1);
    EXPECT_EQ(ctl("terminals coverage T-9 --from '2026-01-05 14:00' --to '2026-01-05 15:00'").code, 2);
}

TEST_F(CommandLine, GivenABrokenConfigurationThenFileLineAndColumnAreNamed) {
    write("collector.yml", "agency: {ori: CA0010000}\nstore: store.db\nstore: twice.db\n");
    const auto ran = ctl("sites list");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("collector.yml:3:"));
}

TEST_F(CommandLine, GivenAStoreThatIsNoneThenItSaysSo) {
    std::filesystem::permissions(write("store.db", std::string(8192, 'x')),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto ran = ctl("sites list");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("not a database"));
}

TEST_F(CommandLine, GivenAStoreThatCannotBeMadeThenExitCodeThree) {
    EXPECT_EQ(ctl("--store absent/folder/store.db sites list").code, 3);
}

TEST_F(CommandLine, GivenRegisteredEntriesThenListsAreJsonOnRequestAndExportsComeBackUnchanged) {
    register_terminals(3);
    const auto list = read_json(done("terminals list --json").out, {.bytes_max = 1 << 20, .fields_max = 10000});
    ASSERT_TRUE(list);
    EXPECT_EQ(list->as<List>()->size(), 3u);
    EXPECT_THAT(done("terminals list").out, HasSubstr("T-3"));
    write("again.csv", done("terminals export").out);
    EXPECT_THAT(done("terminals import again.csv").out, HasSubstr("0 added, 0 changed, 3 unchanged"));
}

TEST_F(CommandLine, GivenAFileToPreviewThenAdditionsChangesAndFaultsAreShownAndNothingIsWritten) {
    write("sites.csv", "site_id,site_name,address\nS1,Main,1 Example St\n");
    done("sites import sites.csv");
    write("sites.csv", "Site ID,Building,address,Remark\nS1,Main,2 Example St,x\nS2,Other,3 Example St,\nS3,,4 Example St,\n");
    const std::string how = " --map Building=site_name --map Remark= ";
    const auto preview = ctl("sites import sites.csv --preview" + how);
    EXPECT_EQ(preview.code, 1);
    EXPECT_THAT(preview.out, HasSubstr("sites.csv: row 2: S1 changes\n    address: 1 Example St -> 2 Example St\n"));
    EXPECT_THAT(preview.out, HasSubstr("sites.csv: row 3: S2 is new\n"));
    EXPECT_THAT(preview.out, HasSubstr("sites: 1 added, 1 changed, 0 unchanged; a preview, nothing was written"));
    EXPECT_THAT(preview.err, HasSubstr("sites.csv: row 4, column site_name: is required"));
    const auto json = read_json(ctl("sites import sites.csv --preview --json" + how).out);
    ASSERT_TRUE(json);
    EXPECT_EQ(integer_of(*json->as<Record>(), "added"), 1);
    EXPECT_FALSE(flag_of(*json->as<Record>(), "written", true));
    EXPECT_THAT(done("sites export").out, ::testing::Not(HasSubstr("S2")));

    const auto good = ctl("sites import sites.csv --good-rows" + how);
    EXPECT_EQ(good.code, 1);
    EXPECT_THAT(good.out, HasSubstr("sites: 1 added, 1 changed, 0 unchanged"));
    EXPECT_THAT(good.err, HasSubstr("1 faults in sites.csv, their rows were left out"));
    EXPECT_THAT(done("sites export").out, HasSubstr("S2,Other"));
    EXPECT_EQ(ctl("sites import sites.csv --map Building").code, 1);
}

TEST_F(CommandLine, GivenAChangedEntryThenItsHistorySaysWhoAndWhyAndAnEarlierStateIsThereToRead) {
    write("sites.csv", "site_id,site_name,address\nS1,Main,1 Example St\n");
    done("sites import sites.csv");
    write("sites.csv", "site_id,site_name\nS1,Renamed\n");
    EXPECT_EQ(ctl("sites import sites.csv --valid-from 2026-01-05").code, 1);  // neither a time nor a reason
    done("sites import sites.csv --valid-from '1/5/2026 8:00 AM' --reason 'was renamed in January'");
    const auto history = done("sites history S1").out;
    EXPECT_THAT(history, HasSubstr("was renamed in January"));
    EXPECT_THAT(history, HasSubstr("tester"));
    EXPECT_THAT(done("sites history S1 --json").out, HasSubstr("\"site_name\":\"Main\""));
    EXPECT_THAT(done("sites list --json --as-of 2026-02-01T00:00:00.00Z").out, HasSubstr("Renamed"));
    EXPECT_EQ(done("sites list --json --as-of 2026-02-01T00:00:00.00Z --known-at 2026-02-01T00:00:00.00Z").out, "[]\n");
    EXPECT_EQ(ctl("sites history S9").code, 2);
}

TEST_F(CommandLine, GivenAnAuthorityThatIsThereThenItIsNotReplacedAndItsKeysAreForTheOwnerAlone) {
    const std::string before = content(path("ca/ca.key"));
    EXPECT_EQ(ctl("ca init --dir ca").code, 1);
    EXPECT_EQ(content(path("ca/ca.key")), before);
    for (const auto* name : {"ca", "broker", "server", "collector-receive", "collector-send", "watch", "collector-signing"}) {
        struct stat facts {};
        ASSERT_EQ(::stat(path("ca/" + std::string(name) + ".key").c_str(), &facts), 0) << name;
        EXPECT_EQ(facts.st_mode & 0777, 0600u) << name;
    }
    EXPECT_EQ(PublicKey::load_pem(path("ca/collector-signing.pub"))->base64(),
              SigningKey::load_pem(path("ca/collector-signing.key"))->public_key().base64());
}

TEST_F(CommandLine, GivenFurtherHostsThenTheServerCertificatesNameThem) {
    done("ca init --dir other --host collector.example --host 10.1.2.3");
    const auto text = shell("openssl x509 -in other/broker.crt -noout -ext subjectAltName").out;
    for (const auto* name : {"DNS:localhost", "IP Address:127.0.0.1", "DNS:collector.example", "IP Address:10.1.2.3"})
        EXPECT_THAT(text, HasSubstr(name));
    EXPECT_EQ(shell("openssl verify -CAfile other/ca.crt other/broker.crt other/server.crt other/collector-send.crt").code, 0);
    EXPECT_NE(shell("openssl verify -CAfile ca/ca.crt other/broker.crt").code, 0);
}

TEST_F(CommandLine, GivenAPasswordOnStandardInputThenTheAccountIsMadeAndNothingOfItShown) {
    const auto ran = shell("printf 'correct horse battery\\n' | '" SALLYPORTCTL
                           "' --config collector.yml accounts add spoc --role spoc --display-name 'Ann S' --password-stdin");
    EXPECT_EQ(ran.code, 0) << ran.err;
    const auto list = done("accounts list --json").out;
    EXPECT_THAT(list, HasSubstr("\"name\":\"spoc\",\"role\":\"spoc\",\"display_name\":\"Ann S\""));
    EXPECT_THAT(list, ::testing::Not(HasSubstr("hash")));
    EXPECT_EQ(shell("printf 'short\\n' | '" SALLYPORTCTL "' --config collector.yml accounts add x --role acc --password-stdin").code, 1);
    done("accounts disable spoc");
    EXPECT_THAT(done("accounts list --json").out, ::testing::Not(HasSubstr("\"disabled_at\":null")));
    EXPECT_EQ(ctl("accounts disable nobody").code, 2);
}

TEST_F(CommandLine, GivenASecondFactorThenItsSecretIsShownOnceAndTheLogSaysThatItWasGivenNotWhat) {
    EXPECT_EQ(ctl("accounts second-factor nobody").code, 2);
    const std::string add = "printf 'correct horse battery\\n' | '" SALLYPORTCTL "' --config collector.yml accounts add spoc --role spoc --password-stdin";
    ASSERT_EQ(shell(add).code, 0);
    const auto uri = done("accounts second-factor spoc").out;
    EXPECT_THAT(uri, HasSubstr("otpauth://totp/Sallyport%20CA0010000:spoc?secret="));
    const auto secret = uri.substr(uri.find("secret=") + 7, 32);
    EXPECT_THAT(done("accounts list --json").out, HasSubstr("\"second_factor\":true"));
    EXPECT_EQ(done("accounts list --json").out.find(secret), std::string::npos);
    EXPECT_EQ(content(path("store.db")).find(secret), std::string::npos);
    done("accounts second-factor spoc --off");
    EXPECT_EQ(ctl("accounts second-factor spoc --off").code, 1);
}

TEST_F(CommandLine, GivenASiteSwitchedLiveThenTheRowIsThereWithReasonAndActor) {
    register_terminals(1);
    done("rules live --site S1 --reason 'ready for it'");
    done("rules observe --site S1 --rule USB-01 --reason noisy");
    EXPECT_EQ(ctl("rules live --site S1").code, 2);  // no reason, no change
    auto database = Database::open(path("store.db"));
    const auto rows = store::all_rule_sites(*database);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ((*rows)[0].state, "live");
    EXPECT_EQ((*rows)[0].reason, "ready for it");
    EXPECT_EQ((*rows)[0].changed_by, "tester");
    EXPECT_EQ((*rows)[1].rule_id, "USB-01");
    EXPECT_EQ((*rows)[1].state, "observe");
}

// Who reads about persons and who changes rules does so at no site.
TEST_F(CommandLine, GivenTheAgencySwitchedLiveThenThatIsARowOfItsOwnAndNoSiteIsTouched) {
    register_terminals(1);
    done("rules live --agency --reason 'calm for a month'");
    done("rules observe --agency --rule GOV-08 --reason 'report season'");
    write("gov.yml", "title: Read\nlogsource: {category: console}\ndetection: {s: {action: x}, condition: s}\n"
                     "sallyport: {catalogue: GOV-08, summary: s}\n---\n"
                     "title: Weakened\nlogsource: {category: rule}\ndetection: {s: {action: x}, condition: s}\n"
                     "sallyport: {catalogue: GOV-09, summary: s}\n");
    EXPECT_THAT(done("rules list gov.yml --states").out,
                AllOf(ContainsRegex("GOV-08 +Agency +observe +0.00 a day +none decided"),
                      ContainsRegex("GOV-08 +[^ ]+ +observe"), ContainsRegex("GOV-09 +Agency +live")));
    EXPECT_THAT(done("rules list gov.yml --states --json").out,
                AllOf(HasSubstr(R"({"rule":"GOV-09","site":"","state":"live","missing":[],"alerts_a_day":0)"),
                      HasSubstr(R"({"rule":"GOV-09","site":"S1","state":"observe")")));
    EXPECT_EQ(ctl("rules live --agency --site S1 --reason x").code, 2);
    EXPECT_EQ(ctl("rules live --reason x").code, 2);
    auto database = Database::open(path("store.db"));
    const auto rows = store::all_rule_sites(*database);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2u);
    for (const store::RuleSite& row : *rows)
        EXPECT_EQ(row.site_id, store::kOfNoSite);
    const auto entries = store::read_audit_after(*database, 0, 100);
    EXPECT_THAT(entries->back().entry.detail, HasSubstr(R"("site":"agency")"));
}

// Thresholds tagged [P] in the catalogue cannot be loosened by configuration (system.md section 4).
TEST_F(CommandLine, GivenAPolicyParameterThenItIsOnlyTightened) {
    register_terminals(1);
    std::filesystem::create_directory(path("rules"));
    write("rules/lock.yml",
          "title: locked\nname: locked\nlogsource: {category: session}\ndetection: {s: {type: session.lock}, condition: s}\n---\n"
          "title: unlocked\nname: unlocked\nlogsource: {category: session}\ndetection: {s: {type: session.unlock}, condition: s}\n---\n"
          "title: left\nabsence: {after: unlocked, without: locked, group-by: [terminal_id], timespan: 30m}\n"
          "sallyport:\n  catalogue: SES-01\n  summary: left unlocked\n  parameters:\n"
          "    idle: {basis: policy, tighter: lower, sets: absence.timespan}\n");
    done("rules set SES-01 idle 600 --site S1 --reason 'short wait'");
    const auto loose = ctl("rules set SES-01 idle 3600 --site S1 --reason 'long wait'");
    EXPECT_EQ(loose.code, 1);
    EXPECT_THAT(loose.err, HasSubstr("can only be tightened"));
    EXPECT_EQ(ctl("rules set SES-01 nothing 1 --site S1 --reason x").code, 2);
    EXPECT_EQ(ctl("rules set XXX-01 idle 1 --site S1 --reason x").code, 2);
    done("rules live --site S1 --rule SES-01 --reason ready");  // leaves the parameter as it is
    auto database = Database::open(path("store.db"));
    const auto rows = store::all_rule_sites(*database);
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(rows->front().state, "live");
    EXPECT_EQ(write_json(rows->front().parameters), R"({"idle":600})");
}

TEST_F(CommandLine, GivenAParameterIsSetThenTheAuditLogSaysWhetherThatTightensWhatHeldBefore) {
    register_terminals(1);
    std::filesystem::create_directory(path("rules"));
    write("rules/stick.yml",
          "title: stick\nname: stick\nlogsource: {category: usb}\ndetection: {s: {type: usb.attach}, condition: s}\n---\n"
          "title: sticks\ncorrelation: {type: event_count, rules: [stick], group-by: [terminal_id], timespan: 30m, "
          "condition: {gte: 10}}\nsallyport:\n  catalogue: USB-04\n  summary: many sticks\n  parameters:\n"
          "    count: {basis: project, tighter: lower, sets: correlation.condition.gte}\n");
    done("rules set USB-04 count 5 --site S1 --reason 'few sticks here'");
    done("rules set USB-04 count 8 --site S1 --reason 'more sticks now'");
    auto database = Database::open(path("store.db"));
    const auto log = store::read_audit(*database, "rules", "USB-04", 10);
    ASSERT_EQ(log->size(), 2u);
    EXPECT_THAT(log->at(1).entry.detail, HasSubstr(R"("effect":"tighten")"));
    EXPECT_THAT(log->at(0).entry.detail, HasSubstr(R"("effect":"loosen")"));  // though it is below the rule's own ten
}

TEST_F(CommandLine, GivenATerminalReportedStolenThenTheBrokersAccessListForgetsIt) {
    register_terminals(2);
    done("broker config --dir broker --port 8883");
    EXPECT_THAT(content(path("broker/acl")), HasSubstr("user T-2\n"));
    write("stolen.csv", "terminal_id,status\nT-2,stolen\n");
    done("terminals import stolen.csv");
    EXPECT_THAT(content(path("broker/acl")), HasSubstr("user T-1\n"));
    EXPECT_THAT(content(path("broker/acl")), ::testing::Not(HasSubstr("T-2")));
}

TEST_F(CommandLine, GivenEmptyListsThenTheyAreEmptyAndWell) {
    EXPECT_EQ(done("alerts list --json").out, "[]\n");
    EXPECT_EQ(done("incidents list --json").out, "[]\n");
}

TEST_F(CommandLine, GivenARuleAndAnEventThenCheckWarnsAndExplainSaysWhy) {
    write("stick.yml",
          "title: Stick\nname: stick\nlogsource: {product: p}\ndetection:\n  s: {type: usb, vid: 'a\\*'}\n  condition: s\n");
    write("event.json", R"({"type": "usb", "vid": "0951"})" "\n");
    const auto checked = done("rules check stick.yml");
    EXPECT_NE(checked.out.find("stick.yml:5:23: warning: a single backslash"), std::string::npos) << checked.out;
    EXPECT_NE(checked.out.find("1 rules understood, 1 warnings"), std::string::npos) << checked.out;
    const auto explained = done("rules explain stick event.json --rules stick.yml");
    EXPECT_EQ(explained.out.substr(0, 22), "stick: does not match\n");
    EXPECT_NE(explained.out.find("no   vid, the event has: \"0951\""), std::string::npos) << explained.out;
    EXPECT_EQ(ctl("rules explain stone event.json --rules stick.yml").code, 2);
}

}  // namespace
}  // namespace sallyport::ctl
