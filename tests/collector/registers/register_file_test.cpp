// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_file.hpp"

#include <gmock/gmock.h>

#include <map>

#include "collector/registers/csv.hpp"
#include "collector/store/audit_log.hpp"
#include "tests/collector/registers/store_fixture.hpp"

namespace sallyport::registers {
namespace {

using ::testing::HasSubstr;
using sallyport::testing::at;

const WallTime kNow = at("2026-11-23T18:00:00.000Z");

using Cells = std::map<std::string, std::string>;

// One good row of each register; together they refer to each other.
Cells good_row(std::string_view table) {
    if (table == "sites")
        return {{"site_id", "S1"}, {"site_name", "Main"}, {"address", "1 Example St, Town"}};
    if (table == "operators")
        return {{"operator_ref", "OP-1"}, {"staff_id", "1001"},      {"display_name", "Ann Example"},
                {"os_accounts", "ann"},   {"employer_kind", "employee"}, {"sworn", "true"},
                {"role", "FAO"},          {"appointed_on", "2025-01-31"}, {"unit", "Records"},
                {"site_id", "S1"},        {"access_status", "active"}, {"proficiency_exam_on", "2026-01-31"},
                {"exam_kind", "FAO"},     {"exam_score", "88"}};
    if (table == "rooms")
        return {{"room_id", "R1"},      {"site_id", "S1"},   {"room_label", "Records"},
                {"zone", "secure"},     {"room_type", "records"}, {"camera_permitted", "true"},
                {"notice_posted_on", "2026-01-01"}, {"allowed_hours", "Mon-Fri 07:00-18:00; closed 2026-11-26"},
                {"authorised_persons", "OP-1"}, {"subnets", "10.1.2.0/24;fd00::/64"}};
    if (table == "printers")
        return {{"printer_id", "P1"}, {"name", "Laser"}, {"kind", "network"}, {"queue", "laser"}, {"site_id", "S1"},
                {"room_id", "R1"}, {"approved_by", "OP-1"}, {"approved_on", "2026-01-01"}};
    if (table == "terminals")
        return {{"terminal_id", "T-1"},  {"clets_mnemonic", "ABC1"}, {"ori", "CA0010000"},
                {"status", "licensed"},  {"licensed_on", "2026-02-28"}, {"license_ref", "L-1"},
                {"approved_by", "OP-1"}, {"room_id", "R1"},          {"nics", "00:11:22:33:44:55/wired"},
                {"printers_allowed", "P1"}, {"duty_profile", "office_hours"}, {"custodian", "OP-1"},
                {"usb_policy", "allowlist"}, {"usb_allowlist", "046d:c31c"}};
    if (table == "media")
        return {{"media_id", "M1"},   {"label", "Stick 1"}, {"kind", "usb_storage"},
                {"vid", "0951"},      {"pid", "1666"},      {"serial_hash", std::string(64, 'd')},
                {"owner", "OP-1"},    {"ownership", "agency"}, {"purpose", "Evidence"},
                {"terminals_allowed", "T-1"}, {"valid_from", "2026-01-01"}, {"valid_to", "2026-12-31"},
                {"status", "issued"}};
    if (table == "enrolments")
        return {{"enrolment_id", "E1"}, {"terminal_id", "T-1"}, {"from", "2026-11-23 09:00"}, {"to", "2026-11-23 11:00"},
                {"performed_by", "root"}};
    return {{"window_id", "W1"},  {"kind", "maintenance"}, {"terminals", "T-1"},
            {"from", "2026-11-23T17:00:00.00Z"}, {"to", "2026-11-24T17:00:00.00Z"}, {"work", "New disk"},
            {"performed_by", "Vendor"}, {"approved_by", "OP-1"}};
}

Cells visitor() {
    return {{"window_id", "W2"}, {"kind", "visitor"}, {"room_id", "R1"}, {"from", "2026-11-23 09:00"},
            {"to", "2026-11-23 10:00"}, {"visitor_org", "Elevator Co"}, {"purpose", "Inspection"}, {"escort", "OP-1"},
            {"id_checked", "true"}};
}

std::string csv_of(const std::vector<Cells>& rows) {
    CsvTable table;
    for (const Cells& row : rows)
        for (const auto& [name, cell] : row)
            if (std::find(table.header.begin(), table.header.end(), name) == table.header.end())
                table.header.push_back(name);
    for (const Cells& row : rows) {
        auto& record = table.records.emplace_back();
        for (const std::string& name : table.header)
            record.push_back(row.contains(name) ? row.at(name) : "");
    }
    return write_csv(table);
}

class RegisterFile : public sallyport::testing::StoreFixture {
protected:
    ImportOutcome import(std::string_view table, std::string_view csv, WallTime now = kNow) {
        auto transaction = database().begin();
        EXPECT_TRUE(transaction);
        auto outcome =
            import_register(database(), *find_register(table), csv, {"CA0010000", "ann", "administrator", "test", now});
        EXPECT_TRUE(outcome) << outcome.error().message();
        EXPECT_TRUE(transaction->commit());
        return *outcome;
    }
    void import_good(std::string_view table) {
        const auto outcome = import(table, csv_of({good_row(table)}));
        for (const auto& fault : outcome.faults)
            ADD_FAILURE() << table << ": " << fault.text();
        EXPECT_EQ(outcome.added, 1u) << table;
    }
    void import_everything() {
        for (const auto* table : {"sites", "operators", "rooms", "printers", "terminals", "media", "enrolments", "windows"})
            import_good(table);
    }
    std::string exported(std::string_view table, WallTime now = kNow) {
        auto csv = export_register(database(), *find_register(table), now);
        EXPECT_TRUE(csv);
        return *csv;
    }
    Record data_of(std::string_view table, std::string_view id, WallTime now = kNow) {
        auto entry = store::find_entry(database(), table, id, now, now);
        EXPECT_TRUE(entry && *entry) << table << " " << id;
        return (*entry)->data;
    }
};

TEST_F(RegisterFile, GivenGoodRowsOfEveryRegisterWhenImportedThenTheyAreThere) {
    import_everything();
    const Record terminal = data_of("terminals", "T-1");
    EXPECT_EQ(text_of(terminal, "site_id"), "S1");                      // from its room
    EXPECT_EQ(text_of(terminal, "license_review_due"), "2027-02-28");   // a year after the licence
    EXPECT_EQ(integer_of(terminal, "screen_lock_minutes"), 15);
    EXPECT_EQ(integer_of(terminal, "heartbeat_s"), 60);
    EXPECT_FALSE(flag_of(terminal, "camera_enabled", true));
    EXPECT_FALSE(flag_of(terminal, "removable_boot_allowed", true));
    EXPECT_EQ(text_of(data_of("enrolments", "E1"), "from"), "2026-11-23T17:00:00.000Z");
}

TEST_F(RegisterFile, GivenAnExportWhenImportedAgainThenNothingChanges) {
    import_everything();
    import("windows", csv_of({visitor()}));
    const auto generation = *store::register_generation(database());
    for (const Register& table : all_registers()) {
        const std::string csv = exported(table.name);
        const auto outcome = import(table.name, csv, kNow + std::chrono::hours(1));
        EXPECT_TRUE(outcome.faults.empty()) << outcome.faults.front().text();
        EXPECT_EQ(outcome.added + outcome.changed, 0u) << table.name;
        EXPECT_GE(outcome.unchanged, 1u) << table.name;
        EXPECT_EQ(exported(table.name), csv);
    }
    EXPECT_EQ(*store::register_generation(database()), generation);
}

TEST_F(RegisterFile, GivenAFileWithFewColumnsWhenImportedThenTheOtherFieldsStay) {
    import_everything();
    const auto outcome = import("terminals", "terminal_id,desk\nT-1,Desk 4\n", kNow + std::chrono::hours(1));
    EXPECT_EQ(outcome.changed, 1u);
    const Record after = data_of("terminals", "T-1", kNow + std::chrono::hours(1));
    EXPECT_EQ(text_of(after, "desk"), "Desk 4");
    EXPECT_EQ(text_of(after, "clets_mnemonic"), "ABC1");
    EXPECT_FALSE(data_of("terminals", "T-1", kNow).contains("desk"));
}

TEST_F(RegisterFile, GivenAnEmptyCellWhenImportedThenTheFieldIsEmptied) {
    import_everything();
    import("terminals", "terminal_id,printers_allowed\nT-1,\n", kNow + std::chrono::hours(1));
    EXPECT_FALSE(data_of("terminals", "T-1", kNow + std::chrono::hours(1)).contains("printers_allowed"));
}

TEST_F(RegisterFile, GivenOneBadCellAmongManyRowsWhenImportedThenNothingIsWritten) {
    std::string csv = "site_id,site_name,address\n";
    for (int i = 0; i < 100; ++i)
        csv += "S" + std::to_string(i) + "," + (i == 77 ? "" : "Name") + ",Street\n";
    const auto generation = *store::register_generation(database());
    const auto outcome = import("sites", csv);
    ASSERT_EQ(outcome.faults.size(), 1u);
    EXPECT_EQ(outcome.faults.front().text(), "row 79, column site_name: is required");
    EXPECT_EQ(outcome.added, 0u);
    EXPECT_EQ(*store::register_generation(database()), generation);
    EXPECT_EQ(exported("sites"), "site_id,site_name,address\r\n");
}

TEST_F(RegisterFile, GivenSeveralBadCellsWhenImportedThenEachIsNamedInOrder) {
    const auto outcome = import("sites", "site_id,site_name,address\nS 1,A,B\nS2,,B\nS2,A,\n");
    ASSERT_EQ(outcome.faults.size(), 4u);
    EXPECT_THAT(outcome.faults[0].text(), HasSubstr("row 2, column site_id: must be"));
    EXPECT_EQ(outcome.faults[1].text(), "row 3, column site_name: is required");
    EXPECT_THAT(outcome.faults[2].text(), HasSubstr("row 4, column address"));
    EXPECT_EQ(outcome.faults[3].text(), "row 4, column site_id: 'S2' stands in this file twice");
}

TEST_F(RegisterFile, GivenABrokenHeaderWhenImportedThenItsColumnIsNamed) {
    const auto first_fault = [&](std::string_view csv) {
        const auto outcome = import("sites", csv);
        return outcome.faults.empty() ? "none" : outcome.faults.front().text();
    };
    EXPECT_EQ(first_fault("site_id,site_name,address,colour\nS1,A,B,red\n"),
              "row 1, column colour: is no column of the register sites");
    EXPECT_EQ(first_fault("site_id,site_name,site_name,address\nS1,A,A,B\n"), "row 1, column site_name: stands twice");
    EXPECT_EQ(first_fault("site_name,address\nA,B\n"), "row 1, column site_id: is missing");
    EXPECT_EQ(first_fault("site_id,site_name\nS1,A\n"), "row 2, column address: is required");
}

TEST_F(RegisterFile, GivenBrokenCsvWhenImportedThenRowAndFieldAreNamed) {
    const auto first_fault = [&](std::string_view csv) {
        const auto outcome = import("sites", csv);
        return outcome.faults.empty() ? "none" : outcome.faults.front().text();
    };
    EXPECT_EQ(first_fault("site_id,site_name,address\nS1,\"A,B\n"), "row 2, column 2: the quote is never closed");
    EXPECT_EQ(first_fault("site_id,site_name,address\nS1,A\n"), "row 2: 2 fields, the header has 3");
    EXPECT_EQ(first_fault(std::string("site_id,site_name,address\nS1,\0,B\n", 33)), "row 2, column 2: a NUL byte");
    EXPECT_EQ(first_fault(""), "row 1: the file is empty");
    EXPECT_EQ(first_fault("site_id,site_name,address\nS1,\xFF,B\n"),
              "row 2, column site_name: must be printable UTF-8 of 1 to 128 bytes");
}

TEST_F(RegisterFile, GivenABomAndCrlfWhenImportedThenAccepted) {
    EXPECT_EQ(import("sites", "\xEF\xBB\xBFsite_id,site_name,address\r\nS1,A,B\r\n").added, 1u);
}

TEST_F(RegisterFile, GivenTextThatLooksLikeAFormulaWhenExportedThenGuardedAndReadBack) {
    import("sites", "site_id,site_name,address\nS1,=HYPERLINK(1),-1\n");
    EXPECT_THAT(exported("sites"), HasSubstr("S1,'=HYPERLINK(1),'-1"));
    EXPECT_EQ(text_of(data_of("sites", "S1"), "site_name"), "=HYPERLINK(1)");
    EXPECT_EQ(import("sites", exported("sites")).unchanged, 1u);
}

// Labor Code 435; policy-facts section 0, item 3.
TEST_F(RegisterFile, GivenARoomOfAForbiddenKindWhenImportedThenNoCameraWhateverTheFileSays) {
    import_good("sites");
    import_good("operators");
    for (const auto* type : {"restroom", "locker_room", "changing_room", "lactation_room"}) {
        Cells room = good_row("rooms");
        room["room_type"] = type;
        const auto outcome = import("rooms", csv_of({room}));
        EXPECT_TRUE(outcome.faults.empty());
        ASSERT_EQ(outcome.notes.size(), 1u);
        EXPECT_EQ(outcome.notes.front().column, "camera_permitted");
        EXPECT_FALSE(flag_of(data_of("rooms", "R1"), "camera_permitted", true)) << type;
    }
}

TEST_F(RegisterFile, GivenAChangeWhenImportedThenTheAuditLogNamesColumnsAndNoContent) {
    import_everything();
    import("operators", "operator_ref,display_name\nOP-1,Ann Other\n", kNow + std::chrono::hours(1));
    const auto entries = store::read_audit(database(), "operators", "OP-1", 10);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 2u);
    const auto& last = entries->front().at > entries->back().at ? entries->front() : entries->back();
    EXPECT_EQ(last.entry.action, "operator.change");
    EXPECT_EQ(last.entry.actor, "ann");
    EXPECT_THAT(last.entry.detail, HasSubstr("display_name"));
    EXPECT_THAT(last.entry.detail, ::testing::Not(HasSubstr("Ann")));
    EXPECT_TRUE(last.entry.before_hash && last.entry.after_hash);
    EXPECT_NE(last.entry.before_hash, last.entry.after_hash);
}

// --- every constraint with a bad cell -----------------------------------------------------------------------------

struct BadCell {
    const char* name;
    const char* table;
    Cells changes;  // to the good row
    const char* column;
    const char* reason;  // part of it
};

class BadCells : public RegisterFile, public ::testing::WithParamInterface<BadCell> {};

TEST_P(BadCells, GivenOneBadCellWhenImportedThenItIsNamedByRowAndColumnAndNothingIsWritten) {
    const BadCell& given = GetParam();
    import_everything();
    Cells second = good_row("operators");
    second["operator_ref"] = "OP-2";
    second["os_accounts"] = "bob";
    import("operators", csv_of({second}));
    import("media", csv_of({[] {
               Cells phone = good_row("media");
               phone["media_id"] = "M-PHONE";
               phone["kind"] = "phone_or_mtp";
               phone["status"] = "lost";
               phone["serial_hash"] = std::string(64, 'e');
               return phone;
           }()}));
    import("rooms", "room_id,site_id,room_label,zone,room_type,allowed_hours\nR-OPEN,S1,Lobby,public,lobby,always\n"
                    "R-WC,S1,WC,controlled,restroom,always\n");
    import("sites", "site_id,site_name,address\nS2,Other,2 Example St\n");
    import("printers", "printer_id,name,kind,site_id,zone\nP-NEW,New,network,S1,public\nP-PDF,PDF,virtual,S1,public\n");

    const std::string table = given.table;
    Cells row = table == "visitors" ? visitor() : good_row(table);
    for (const auto& [name, cell] : given.changes)
        row[name] = cell;
    const std::string into = table == "visitors" ? "windows" : table;
    const auto generation = *store::register_generation(database());
    const auto outcome = import(into, csv_of({row}), kNow + std::chrono::hours(1));
    ASSERT_FALSE(outcome.faults.empty());
    EXPECT_EQ(outcome.faults.size(), 1u) << outcome.faults.back().text();
    EXPECT_EQ(outcome.faults.front().row, 2u);
    EXPECT_EQ(outcome.faults.front().column, given.column) << outcome.faults.front().text();
    EXPECT_THAT(outcome.faults.front().reason, HasSubstr(given.reason));
    EXPECT_EQ(*store::register_generation(database()), generation);
}

const std::string kLong(129, 'x');

INSTANTIATE_TEST_SUITE_P(
    Registers, BadCells,
    ::testing::Values(
        BadCell{"RoomWithoutSite", "rooms", {{"site_id", ""}}, "site_id", "is required"},
        BadCell{"RoomOfUnknownSite", "rooms", {{"site_id", "S9"}}, "site_id", "'S9' is not in the register sites"},
        BadCell{"RoomZone", "rooms", {{"zone", "Secure"}}, "zone", "must be one of public, controlled"},
        BadCell{"RoomType", "rooms", {{"room_type", "attic"}}, "room_type", "must be one of"},
        BadCell{"RoomFlag", "rooms", {{"camera_permitted", "yes"}}, "camera_permitted", "true or false"},
        BadCell{"RoomCalendar", "rooms", {{"allowed_hours", "Mon-Fri 9-5"}}, "allowed_hours", "Mon-Fri 9-5"},
        BadCell{"RoomSubnet", "rooms", {{"subnets", "10.0.0.256/8"}}, "subnets", "is no network"},
        BadCell{"RoomSubnetPrefix", "rooms", {{"subnets", "10.0.0.0/33"}}, "subnets", "is no network"},
        BadCell{"RoomPerson", "rooms", {{"authorised_persons", "OP-1;OP-9"}}, "authorised_persons", "'OP-9' is not in"},
        BadCell{"RoomPersonTwice", "rooms", {{"authorised_persons", "OP-1;OP-1"}}, "authorised_persons", "twice"},
        BadCell{"RoomPersonEmpty", "rooms", {{"authorised_persons", "OP-1;"}}, "authorised_persons", "empty item"},
        BadCell{"RoomDate", "rooms", {{"access_list_reviewed_on", "11/23/2026"}}, "access_list_reviewed_on", "date"},
        BadCell{"TextTooLong", "rooms", {{"room_label", kLong}}, "room_label", "1 to 128"},
        BadCell{"TextWithBlank", "rooms", {{"room_label", " x"}}, "room_label", "blank"},
        BadCell{"TextWithControl", "rooms", {{"room_label", "a\tb"}}, "room_label", "printable"},
        BadCell{"OperatorRole", "operators", {{"role", "chief"}}, "role", "must be one of"},
        BadCell{"OperatorScore", "operators", {{"exam_score", "101"}}, "exam_score", "from 0 to 100"},
        BadCell{"OperatorScoreText", "operators", {{"exam_score", "88x"}}, "exam_score", "whole number"},
        BadCell{"OperatorExamWithoutKind", "operators", {{"exam_kind", ""}}, "exam_kind", "of an exam"},
        BadCell{"OperatorAccountTaken", "operators", {{"os_accounts", "ann;bob"}}, "os_accounts", "'bob' is also an account of 'OP-2'"},
        BadCell{"OperatorSupervisesSelf", "operators", {{"supervisor", "OP-1"}}, "supervisor", "themselves"},
        BadCell{"OperatorSupervisor", "operators", {{"supervisor", "OP-9"}}, "supervisor", "is not in"},
        BadCell{"OperatorAccessEnds", "operators", {{"access_from", "2026-02-01"}, {"access_to", "2026-01-01"}}, "access_to", "before"},
        BadCell{"OperatorAppointed", "operators", {{"appointed_on", ""}}, "appointed_on", "is required"},
        BadCell{"TerminalOri", "terminals", {{"ori", "CA0010001"}}, "ori", "is not the agency's"},
        BadCell{"TerminalOriForm", "terminals", {{"ori", "ca0010000"}}, "ori", "nine upper-case"},
        BadCell{"TerminalName", "terminals", {{"terminal_id", "T/1"}, {"clets_mnemonic", "X"}}, "terminal_id", "letters, digits, dot"},
        BadCell{"TerminalNamedAsServer", "terminals", {{"terminal_id", "collector-send"}, {"clets_mnemonic", "X"}}, "terminal_id", "server's own"},
        BadCell{"TerminalMnemonicMissing", "terminals", {{"clets_mnemonic", ""}}, "clets_mnemonic", "unless mnemonics are pooled"},
        BadCell{"TerminalMnemonicForm", "terminals", {{"clets_mnemonic", "abc"}}, "clets_mnemonic", "upper-case"},
        BadCell{"TerminalMnemonicTaken", "terminals", {{"terminal_id", "T-2"}}, "clets_mnemonic", "active terminal 'T-1'"},
        BadCell{"TerminalPooled", "terminals", {{"addressing", "pooled"}}, "terminal_identifier", "is required"},
        BadCell{"TerminalLicenceDate", "terminals", {{"licensed_on", ""}}, "licensed_on", "licensed terminal"},
        BadCell{"TerminalLicenceReference", "terminals", {{"license_ref", ""}}, "license_ref", "licensed terminal"},
        BadCell{"TerminalApproval", "terminals", {{"approved_by", ""}}, "approved_by", "licensed terminal"},
        BadCell{"TerminalStatus", "terminals", {{"status", "active"}}, "status", "must be one of"},
        BadCell{"TerminalRoom", "terminals", {{"room_id", "R9"}}, "room_id", "'R9' is not in the register rooms"},
        BadCell{"TerminalSite", "terminals", {{"site_id", "S2"}}, "site_id", "is not the site of room"},
        BadCell{"TerminalLockTooLong", "terminals", {{"screen_lock_minutes", "31"}}, "screen_lock_minutes", "from 1 to 30"},
        BadCell{"TerminalLockZero", "terminals", {{"screen_lock_minutes", "0"}}, "screen_lock_minutes", "from 1 to 30"},
        BadCell{"TerminalExemptUnapproved", "terminals", {{"lock_exempt", "dispatch"}}, "lock_exempt_approved_by", "is required"},
        BadCell{"TerminalExemptDispatch", "terminals",
                {{"lock_exempt", "dispatch"}, {"lock_exempt_approved_by", "OP-1"}, {"room_id", "R-OPEN"}}, "lock_exempt", "secure zone"},
        BadCell{"TerminalExemptReceiveOnly", "terminals",
                {{"lock_exempt", "receive_only"}, {"lock_exempt_approved_by", "OP-1"}, {"room_id", "R-OPEN"}}, "lock_exempt", "secure zone"},
        BadCell{"TerminalHeartbeat", "terminals", {{"heartbeat_s", "29"}}, "heartbeat_s", "from 30 to 300"},
        BadCell{"TerminalCard", "terminals", {{"nics", "00:11:22:33:44/wired"}}, "nics", "is no card"},
        BadCell{"TerminalCardCase", "terminals", {{"nics", "00:11:22:33:44:AA/wired"}}, "nics", "is no card"},
        BadCell{"TerminalWireless", "terminals", {{"nics", "00:11:22:33:44:55/wifi"}}, "nics", "wireless_approved"},
        BadCell{"TerminalAllowListMissing", "terminals", {{"usb_allowlist", ""}}, "usb_allowlist", "is required"},
        BadCell{"TerminalAllowListUnused", "terminals", {{"usb_policy", "none"}}, "usb_allowlist", "only for the USB policy"},
        BadCell{"TerminalDevice", "terminals", {{"usb_allowlist", "046D:c31c"}}, "usb_allowlist", "is no device"},
        BadCell{"TerminalMedium", "terminals", {{"usb_allowlist", "M9"}}, "usb_allowlist", "'M9' is not in the register media"},
        BadCell{"TerminalPhone", "terminals", {{"usb_allowlist", "M-PHONE"}}, "usb_allowlist", "never allowed"},
        BadCell{"TerminalPrinter", "terminals", {{"printers_allowed", "P9"}}, "printers_allowed", "'P9' is not in"},
        BadCell{"TerminalPrinterUnapproved", "terminals", {{"printers_allowed", "P1;P-NEW"}}, "printers_allowed", "'P-NEW' is not an approved"},
        BadCell{"TerminalPrinterVirtual", "terminals", {{"printers_allowed", "P-PDF"}}, "printers_allowed", "'P-PDF' is not an approved"},
        BadCell{"TerminalCameraNotFitted", "terminals", {{"camera_enabled", "true"}, {"bargaining_ref", "B-1"}}, "camera_enabled", "no camera is fitted"},
        BadCell{"TerminalCameraWithoutBargaining", "terminals", {{"camera_enabled", "true"}, {"camera_sensor", "true"}}, "bargaining_ref", "is required"},
        BadCell{"TerminalCameraInLobby", "terminals",
                {{"camera_enabled", "true"}, {"camera_sensor", "true"}, {"bargaining_ref", "B-1"}, {"room_id", "R-WC"}}, "camera_enabled", "does not permit"},
        BadCell{"TerminalCustodian", "terminals", {{"custodian", ""}}, "custodian", "is required"},
        BadCell{"TerminalRetired", "terminals",
                {{"status", "retired"}, {"decommissioned_on", "2026-11-01"}, {"decommission_method", "shredded"}, {"decommission_witness", "OP-1"}},
                "decommission_certificate", "retired terminal"},
        BadCell{"TerminalDigest", "terminals", {{"tpm_ek_sha256", "abc"}}, "tpm_ek_sha256", "64 lower-case hex"},
        BadCell{"PrinterVirtualApproved", "printers", {{"kind", "virtual"}, {"approved_by", ""}}, "approved_on", "never be approved"},
        BadCell{"PrinterRedirectedApproved", "printers", {{"kind", "redirected"}, {"approved_on", ""}}, "approved_by", "never be approved"},
        BadCell{"PrinterHalfApproved", "printers", {{"approved_by", ""}}, "approved_by", "who approved it"},
        BadCell{"PrinterNowhere", "printers", {{"room_id", ""}}, "zone", "without a room"},
        BadCell{"PrinterZone", "printers", {{"zone", "public"}}, "zone", "is not the zone of room"},
        BadCell{"PrinterSite", "printers", {{"site_id", "S2"}}, "site_id", "is not the site of room"},
        BadCell{"PrinterQueueTaken", "printers", {{"printer_id", "P2"}}, "queue", "is also that of 'P1'"},
        BadCell{"MediumPersonal", "media", {{"ownership", "personal"}}, "ownership", "never allowed"},
        BadCell{"MediumPhone", "media", {{"kind", "phone_or_mtp"}}, "kind", "never approved"},
        BadCell{"MediumVendorId", "media", {{"vid", "0x951"}}, "vid", "4 lower-case hex"},
        BadCell{"MediumHash", "media", {{"serial_hash", std::string(64, 'D')}}, "serial_hash", "64 lower-case hex"},
        BadCell{"MediumOwner", "media", {{"owner", ""}}, "owner", "is required"},
        BadCell{"MediumEnds", "media", {{"valid_to", "2025-12-31"}}, "valid_to", "before valid_from"},
        BadCell{"MediumDestroyed", "media", {{"status", "destroyed"}, {"sanitised_on", "2026-11-01"}, {"sanitise_method", "shredded"}},
                "sanitise_witness", "destroyed media"},
        BadCell{"MediumTwice", "media", {{"media_id", "M2"}}, "serial_hash", "is also that of 'M1'"},
        BadCell{"EnrolmentTerminal", "enrolments", {{"terminal_id", "T-9"}}, "terminal_id", "is not in"},
        BadCell{"EnrolmentEnds", "enrolments", {{"to", "2026-11-23 09:00"}}, "to", "is not after from"},
        BadCell{"EnrolmentTime", "enrolments", {{"from", "tomorrow"}}, "from", "must be a time"},
        BadCell{"WindowInTheSkippedHour", "windows", {{"from", "2026-03-08 02:30"}}, "from", "skipped"},
        BadCell{"WindowTooLong", "windows", {{"to", "2026-11-24T17:00:00.01Z"}}, "to", "more than 24 hours"},
        BadCell{"WindowEnds", "windows", {{"to", "2026-11-23T17:00:00.00Z"}}, "to", "is not after from"},
        BadCell{"WindowWithoutTerminals", "windows", {{"terminals", ""}}, "terminals", "maintenance window"},
        BadCell{"WindowOwnApproval", "windows", {{"performed_by", "OP-1"}}, "approved_by", "their own window"},
        BadCell{"WindowKind", "windows", {{"kind", "party"}}, "kind", "must be one of"},
        BadCell{"VisitorWithoutEscort", "visitors", {{"escort", ""}}, "escort", "PE-8"},
        BadCell{"VisitorWithoutRoom", "visitors", {{"room_id", ""}}, "room_id", "PE-8"},
        BadCell{"VisitorLeftBefore", "visitors", {{"time_in", "2026-11-23 09:30"}, {"time_out", "2026-11-23 09:10"}}, "time_out", "not after time_in"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(RegisterFile, GivenARetiredTerminalWhenItsMnemonicIsUsedAgainThenAccepted) {
    import_everything();
    import("terminals", "terminal_id,status,decommissioned_on,decommission_method,decommission_witness,decommission_certificate\n"
                        "T-1,retired,2026-11-01,shredded,OP-1,C-1\n");
    Cells successor = good_row("terminals");
    successor["terminal_id"] = "T-2";
    EXPECT_EQ(import("terminals", csv_of({successor})).added, 1u);
}

TEST_F(RegisterFile, GivenTwoRowsWithOneMnemonicInOneFileThenBothAreNamed) {
    import_everything();
    Cells second = good_row("terminals"), third = second;
    second["terminal_id"] = "T-2";
    third["terminal_id"] = "T-3";
    second["clets_mnemonic"] = third["clets_mnemonic"] = "NEW1";
    const auto outcome = import("terminals", csv_of({second, third}));
    ASSERT_EQ(outcome.faults.size(), 2u);
    EXPECT_EQ(outcome.faults[0].row, 2u);
    EXPECT_EQ(outcome.faults[1].row, 3u);
}

TEST_F(RegisterFile, GivenRowsThatReferToEachOtherInOneFileThenAccepted) {
    import_good("sites");
    Cells boss = good_row("operators"), clerk = boss;
    clerk["operator_ref"] = "OP-2";
    clerk["os_accounts"] = "cleo";
    clerk["supervisor"] = "OP-1";
    boss["supervisor"] = "OP-2";
    EXPECT_EQ(import("operators", csv_of({clerk, boss})).added, 2u);
}

}  // namespace
}  // namespace sallyport::registers
