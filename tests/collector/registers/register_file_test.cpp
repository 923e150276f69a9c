// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_file.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>

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
    if (table == "calendars")
        return {{"calendar_id", "office"}, {"calendar_name", "Office"}, {"hours", "Mon-Fri 07:00-18:00"},
                {"holidays", "2026-11-26;12/25/2026"}};
    if (table == "agency")
        return {{"agency_id", "CA0010000"}, {"agency_name", "Example Probation"}, {"county", "Example"},
                {"agency_oris", "CA0010000;CA0010005"}, {"working_calendar", "office"}};
    if (table == "sites")
        return {{"site_id", "S1"}, {"site_name", "Main"}, {"address", "1 Example St, Town"}};
    if (table == "travel_times")
        return {{"route_id", "W1"}, {"from_site", "S1"}, {"to_site", "S2"}, {"minutes", "25"}};
    if (table == "staff_roles")
        return {{"holding_id", "H1"}, {"staff_role", "ACC"}, {"standing", "holder"}, {"operator_ref", "OP-1"},
                {"holds_from", "2026-01-01"}, {"on_duty", "office"}};
    if (table == "agreements")
        return {{"agreement_id", "A1"}, {"kind", "security_addendum"}, {"party", "Vendor Inc"}, {"persons", "OP-1"},
                {"signed_on", "2026-01-05"}, {"review_due", "2027-01-05"}};
    if (table == "maintenance_log")
        return {{"log_id", "L1"}, {"terminal_id", "T-1"}, {"window_id", "W1"}, {"at", "2026-11-23 12:00"},
                {"component", "disk"}, {"serial", "D-9"}, {"work", "Replaced"}, {"performed_by", "Vendor"}};
    if (table == "exceptions")
        return {{"exception_id", "X1"}, {"rule_id", "FWB-08"}, {"terminals", "T-1"}, {"reason", "Driver under test"},
                {"requested_by", "OP-2"}, {"approved_by", "OP-1"}, {"from", "2026-11-23 08:00"},
                {"to", "2026-12-23 08:00"}};
    if (table == "operators")
        return {{"operator_ref", "OP-1"}, {"staff_id", "1001"},      {"display_name", "Ann Example"},
                {"os_accounts", "ann"},   {"employer_kind", "employee"}, {"sworn", "true"},
                {"role", "FAO"},          {"appointed_on", "2025-01-31"}, {"unit", "Records"},
                {"site_id", "S1"},        {"access_status", "active"}, {"proficiency_exam_on", "2026-01-31"},
                {"exam_kind", "FAO"},     {"exam_score", "88"},       {"supervisor", "none"},
                {"access_from", "2025-02-01"}, {"access_to", "2027-01-31"}};
    if (table == "rooms")
        return {{"room_id", "R1"},      {"site_id", "S1"},   {"floor", "1"}, {"room_label", "Records"},
                {"access_list_reviewed_on", "2026-06-01"},
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
                {"usb_policy", "allowlist"}, {"usb_allowlist", "046d:c31c"},
                {"manufacturer", "Maker"}, {"model", "M100"}, {"system_serial", "SER1"}, {"board_serial", "BRD1"},
                {"asset_tag", "AT-1"}, {"supplier", "Shop"}, {"installed_on", "2/27/2026"}, {"disk_serials", "DSK1"},
                {"os_name", "Debian 12"}, {"os_build_allowed", "12.8"}, {"firmware_allowed", "bios/1.2 b"},
                {"agent_version_allowed", "0.1.0"}, {"agent_config_sha256", std::string(64, 'c')}};
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
    ImportOutcome import(std::string_view table, std::string_view csv, WallTime now = kNow,
                         const ImportOptions& options = {}, std::optional<WallTime> valid_from = {}) {
        auto transaction = database().begin();
        EXPECT_TRUE(transaction);
        auto outcome = import_register(database(), *find_register(table), csv,
                                       {"CA0010000", "ann", "administrator", "test", now, valid_from}, options);
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
        import("sites", "site_id,site_name,address\nS2,Other,2 Example St\n");
        for (const Register& table : all_registers())
            if (!table.written_by_enrolment && table.name != "exceptions")
                import_good(table.name);
        Cells second = good_row("operators");
        second["operator_ref"] = "OP-2";
        second["os_accounts"] = "bob";
        import("operators", csv_of({second}));
        import_good("exceptions");
    }
    std::string exported(std::string_view table, WallTime now = kNow) {
        auto csv = export_register(database(), *find_register(table), now, now);
        EXPECT_TRUE(csv);
        return *csv;
    }
    std::set<std::string_view> documented_;

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
        if (table.written_by_enrolment)
            continue;
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
    EXPECT_EQ(text_of(data_of("terminals", "T-1", kNow), "desk"), "Records");  // its room's label, where nothing is said
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
    EXPECT_EQ(exported("sites"), "site_id,site_name,address,keys_inventoried_on,physical_access_reviewed_on,visitors_reviewed_on\r\n");
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
    import("media", csv_of({[] {
               Cells phone = good_row("media");
               phone["media_id"] = "M-PHONE";
               phone["kind"] = "phone_or_mtp";
               phone["status"] = "lost";
               phone["serial_hash"] = std::string(64, 'e');
               return phone;
           }()}));
    import("rooms", "room_id,site_id,floor,room_label,zone,room_type,allowed_hours,access_list_reviewed_on,subnets\n"
                    "R-OPEN,S1,1,Lobby,public,lobby,always,2026-01-01,any\n"
                    "R-WC,S1,1,WC,controlled,restroom,always,2026-01-01,none\n");
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
        BadCell{"RoomDate", "rooms", {{"access_list_reviewed_on", "23/11/2026"}}, "access_list_reviewed_on", "date"},
        BadCell{"TextTooLong", "rooms", {{"room_label", kLong}}, "room_label", "1 to 128"},
        BadCell{"TextWithBlank", "rooms", {{"room_label", " x"}}, "room_label", "blank"},
        BadCell{"TextWithControl", "rooms", {{"room_label", "a\tb"}}, "room_label", "printable"},
        BadCell{"RoomFloor", "rooms", {{"floor", ""}}, "floor", "is required"},
        BadCell{"RoomListNeverReviewed", "rooms", {{"access_list_reviewed_on", ""}}, "access_list_reviewed_on", "is required"},
        BadCell{"RoomNetworks", "rooms", {{"subnets", ""}}, "subnets", "is required"},
        BadCell{"RoomNetworkWord", "rooms", {{"subnets", "any;10.1.2.0/24"}}, "subnets", "stands alone"},
        BadCell{"RoomUnknownCalendar", "rooms", {{"allowed_hours", "nights"}}, "allowed_hours", "'nights' is not in the register calendars"},
        BadCell{"CalendarName", "calendars", {{"calendar_id", "a/b"}}, "calendar_id", "letters, digits, dot"},
        BadCell{"CalendarOfAnother", "calendars", {{"calendar_id", "c2"}, {"hours", "office"}}, "hours", "the hours themselves"},
        BadCell{"CalendarHoliday", "calendars", {{"holidays", "2026-11-26;2026-02-30"}}, "holidays", "'2026-02-30' is no date"},
        BadCell{"CalendarHolidayTwice", "calendars", {{"holidays", "2026-12-25;12/25/2026"}}, "holidays", "twice"},
        BadCell{"AgencyOther", "agency", {{"agency_id", "CA0010005"}}, "agency_id", "is not the agency's"},
        BadCell{"AgencyWithoutItself", "agency", {{"agency_oris", "CA0010005"}}, "agency_oris", "does not name the agency"},
        BadCell{"AgencyOri", "agency", {{"agency_oris", "CA0010000;CA1"}}, "agency_oris", "'CA1' is no ORI"},
        BadCell{"AgencyCounty", "agency", {{"county", ""}}, "county", "is required"},
        BadCell{"SiteAddress", "sites", {{"address", ""}}, "address", "is required"},
        BadCell{"WayToItself", "travel_times", {{"to_site", "S1"}}, "to_site", "from which the way begins"},
        BadCell{"WayBack", "travel_times", {{"route_id", "W2"}, {"from_site", "S2"}, {"to_site", "S1"}}, "to_site", "also those of 'W1'"},
        BadCell{"WayWithoutTime", "travel_times", {{"minutes", "0"}}, "minutes", "from 1 to 1440"},
        BadCell{"RoleUnknown", "staff_roles", {{"staff_role", "chief"}}, "staff_role", "must be one of SPOC, ACC"},
        BadCell{"RoleNobody", "staff_roles", {{"operator_ref", "OP-9"}}, "operator_ref", "'OP-9' is not in"},
        BadCell{"RoleSecondHolder", "staff_roles", {{"holding_id", "H2"}, {"operator_ref", "OP-2"}}, "standing", "'H1' is the holder"},
        BadCell{"RoleEndsBefore", "staff_roles", {{"holds_to", "2025-12-31"}}, "holds_to", "before holds_from"},
        BadCell{"RoleCalendar", "staff_roles", {{"on_duty", "nights"}}, "on_duty", "'nights' is not in"},
        BadCell{"AgreementKind", "agreements", {{"kind", "handshake"}}, "kind", "must be one of management_control_public"},
        BadCell{"AgreementUnsigned", "agreements", {{"signed_on", ""}}, "signed_on", "is required"},
        BadCell{"AgreementReview", "agreements", {{"review_due", "2026-01-04"}}, "review_due", "before signed_on"},
        BadCell{"AgreementEnded", "agreements", {{"ended_on", "2026-01-04"}}, "ended_on", "before signed_on"},
        BadCell{"AddendumOfNobody", "agreements", {{"persons", ""}}, "persons", "who signed it"},
        BadCell{"MaintenanceOfNoTerminal", "maintenance_log", {{"terminal_id", "T-9"}, {"window_id", ""}}, "terminal_id", "is not in"},
        BadCell{"MaintenanceSerial", "maintenance_log", {{"serial", ""}}, "serial", "is required"},
        BadCell{"MaintenanceWindow", "maintenance_log", {{"window_id", "W9"}}, "window_id", "is not in"},
        BadCell{"ExceptionRule", "exceptions", {{"rule_id", "USB-1"}}, "rule_id", "rule catalogue such as USB-01"},
        BadCell{"ExceptionOwn", "exceptions", {{"approved_by", "OP-2"}}, "approved_by", "nobody approves their own"},
        BadCell{"ExceptionUnapproved", "exceptions", {{"approved_by", ""}}, "approved_by", "is required"},
        BadCell{"ExceptionTooLong", "exceptions", {{"to", "2027-02-21 08:01"}}, "to", "more than 90 days"},
        BadCell{"ExceptionOfEverything", "exceptions", {{"terminals", ""}}, "site_id", "has a scope"},
        BadCell{"ExceptionAboutAPerson", "exceptions", {{"rule_id", "OPR-02"}}, "approved_by_psd", "rule about a person"},
        BadCell{"ExceptionApprovedTwiceByOne", "exceptions", {{"rule_id", "USB-02"}, {"approved_by_psd", "OP-1"}}, "approved_by_psd", "two people"},
        BadCell{"ExceptionEnds", "exceptions", {{"to", "2026-11-23 08:00"}}, "to", "is not after from"},
        BadCell{"ExceptionTime", "exceptions", {{"from", "11/23/2026 13:00 PM"}}, "from", "must be a time"},
        BadCell{"OperatorSupervisorMissing", "operators", {{"supervisor", ""}}, "supervisor", "is required"},
        BadCell{"OperatorAccessUnlimited", "operators", {{"access_to", ""}}, "access_to", "of active access"},
        BadCell{"OperatorAccessSince", "operators", {{"access_from", ""}}, "access_from", "of active access"},
        BadCell{"OperatorWithoutAccount", "operators", {{"os_accounts", ""}}, "os_accounts", "of an active operator"},
        BadCell{"OperatorDeniedBy", "operators", {{"clearance_result", "denied"}, {"clearance_decided_on", "2026-01-01"}}, "clearance_decided_by", "is required"},
        BadCell{"OperatorClearsSelf", "operators", {{"clearance_result", "cleared"}, {"clearance_decided_by", "OP-1"}}, "clearance_decided_by", "nobody clears themselves"},
        BadCell{"OperatorScoreOfNothing", "operators", {{"security_awareness_score", "90"}}, "security_awareness_on", "of a score"},
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
        BadCell{"TerminalLicensedWithout_manufacturer", "terminals", {{"manufacturer", ""}}, "manufacturer", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_model", "terminals", {{"model", ""}}, "model", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_system_serial", "terminals", {{"system_serial", ""}}, "system_serial", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_board_serial", "terminals", {{"board_serial", ""}}, "board_serial", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_asset_tag", "terminals", {{"asset_tag", ""}}, "asset_tag", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_supplier", "terminals", {{"supplier", ""}}, "supplier", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_installed_on", "terminals", {{"installed_on", ""}}, "installed_on", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_disk_serials", "terminals", {{"disk_serials", ""}}, "disk_serials", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_nics", "terminals", {{"nics", ""}}, "nics", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_os_name", "terminals", {{"os_name", ""}}, "os_name", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_os_build_allowed", "terminals", {{"os_build_allowed", ""}}, "os_build_allowed", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_firmware_allowed", "terminals", {{"firmware_allowed", ""}}, "firmware_allowed", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_agent_version_allowed", "terminals", {{"agent_version_allowed", ""}}, "agent_version_allowed", "licensed terminal"},
        BadCell{"TerminalLicensedWithout_agent_config_sha256", "terminals", {{"agent_config_sha256", ""}}, "agent_config_sha256", "licensed terminal"},
        BadCell{"TerminalFirmware", "terminals", {{"firmware_allowed", "bios"}}, "firmware_allowed", "is no firmware"},
        BadCell{"TerminalFirmwareDigest", "terminals", {{"firmware_allowed", "bios/1.2/abc"}}, "firmware_allowed", "is no firmware"},
        BadCell{"TerminalRelease", "terminals", {{"agent_version_allowed", "0.1 b"}}, "agent_version_allowed", "is no version"},
        BadCell{"TerminalSensor", "terminals", {{"sensor_baseline", "radar/loud"}}, "sensor_baseline", "is no sensor's state"},
        BadCell{"TerminalDiskWord", "terminals", {{"disk_serials", "none;DSK1"}}, "disk_serials", "stands alone"},
        BadCell{"TerminalWirelessUnreferenced", "terminals", {{"wireless_approved", "true"}}, "wireless_ref", "is required"},
        BadCell{"TerminalApprovedByAnybody", "terminals", {{"approved_by", "OP-2"}}, "approved_by", "does not hold the role ACC"},
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
        BadCell{"MediumTerminals", "media", {{"terminals_allowed", ""}}, "terminals_allowed", "is required"},
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
        BadCell{"WindowApprovedByEscort", "windows", {{"escort", "OP-1"}}, "approved_by", "their own window"},
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

TEST_F(RegisterFile, GivenTheDocumentationThenItNamesEveryColumnOfEveryRegister) {
    std::ifstream in(SALLYPORT_SOURCE_DIR "/docs/formats/registers.md");
    for (std::string line; std::getline(in, line);)
        for (const Register& table : all_registers())
            if (line.starts_with("| " + std::string(table.name) + " | ")) {
                documented_.insert(table.name);
                for (const Column& column : table.columns)
                    EXPECT_THAT(line, ::testing::ContainsRegex("[ (]" + std::string(column.name) + "[ ,]")) << table.name;
            }
    EXPECT_EQ(documented_.size(), all_registers().size());
}

// --- by hand at most eight cells of a terminal (decision 25) ---------------------------------------------------------

TEST_F(RegisterFile, GivenTheCellsThatAPersonKnowsWhenATerminalIsProposedThenAcceptedAndWhenLicensedTheRestIsAskedFor) {
    import_everything();
    const std::string by_hand =
        "terminal_id,status,clets_mnemonic,ori,license_ref,licensed_on,room_id,custodian,printers_allowed,duty_profile\n"
        "T-9,";
    const std::string cells = ",NINE,CA0010000,L-9,2026-11-01,R1,OP-1,P1,office_hours\n";
    EXPECT_EQ(import("terminals", by_hand + "proposed" + cells).added, 1u);
    EXPECT_EQ(text_of(data_of("terminals", "T-9"), "approved_by"), "OP-1");  // the ACC
    const auto outcome = import("terminals", by_hand + "licensed" + cells);
    std::vector<std::string> asked;
    for (const auto& fault : outcome.faults)
        asked.push_back(fault.column);
    EXPECT_THAT(asked, ::testing::UnorderedElementsAre(
                           "manufacturer", "model", "system_serial", "board_serial", "asset_tag", "supplier", "installed_on",
                           "disk_serials", "nics", "os_name", "os_build_allowed", "firmware_allowed", "agent_version_allowed",
                           "agent_config_sha256"));
}

TEST_F(RegisterFile, GivenASecondOriOfTheAgencyWhenATerminalHasItThenAccepted) {
    import_everything();
    EXPECT_EQ(import("terminals", "terminal_id,ori\nT-1,CA0010005\n").changed, 1u);
}

TEST_F(RegisterFile, GivenATechnicianWithoutClearanceWhenImportedThenEscortedWhateverTheFileSays) {
    import_everything();
    Cells technician = good_row("operators");
    technician["operator_ref"] = "OP-5";
    technician["os_accounts"] = "tec";
    technician["role"] = "technician";
    const auto outcome = import("operators", csv_of({technician}));
    ASSERT_EQ(outcome.notes.size(), 1u);
    EXPECT_EQ(outcome.notes.front().column, "escort_required");
    EXPECT_TRUE(flag_of(data_of("operators", "OP-5"), "escort_required"));
}

TEST_F(RegisterFile, GivenAnExceptionWhenSomebodyWithoutTheRoleApprovesItThenRefused) {
    import_everything();
    import("staff_roles", "holding_id,staff_role,standing,operator_ref,holds_from,holds_to\n"
                          "H-SPOC,SPOC,holder,OP-1,2026-01-01,\nH-PSD,PSD_director,holder,OP-2,2026-01-01,2026-10-31\n");
    import("operators", csv_of({[] {
               Cells third = good_row("operators");
               third["operator_ref"] = "OP-3";
               third["os_accounts"] = "cleo";
               return third;
           }()}));
    Cells exception = good_row("exceptions");
    exception["approved_by"] = "OP-3";
    auto outcome = import("exceptions", csv_of({exception}));
    ASSERT_EQ(outcome.faults.size(), 1u);
    EXPECT_EQ(outcome.faults.front().text(), "row 2, column approved_by: 'OP-3' does not hold the role SPOC");
    exception["approved_by"] = "OP-1";
    exception["requested_by"] = "OP-3";
    exception["rule_id"] = "USB-02";
    exception["approved_by_psd"] = "OP-2";  // whose time has passed
    outcome = import("exceptions", csv_of({exception}));
    ASSERT_EQ(outcome.faults.size(), 1u);
    EXPECT_EQ(outcome.faults.front().text(), "row 2, column approved_by_psd: 'OP-2' does not hold the role PSD");
}

TEST_F(RegisterFile, GivenAHolderWhoseTimeIsOverWhenAnotherFollowsThenAccepted) {
    import_everything();
    EXPECT_EQ(import("staff_roles", "holding_id,holds_to\nH1,2026-11-30\n").changed, 1u);
    EXPECT_EQ(import("staff_roles", "holding_id,staff_role,standing,operator_ref,holds_from\n"
                                    "H2,ACC,holder,OP-2,2026-12-01\nH3,ACC,deputy,OP-2,2026-01-01\n").added, 2u);
}

TEST_F(RegisterFile, GivenTheRoomOfARunningCameraWhenItsNoticeIsTakenDownThenRefused) {
    import_everything();
    import("terminals", "terminal_id,camera_sensor,camera_enabled,bargaining_ref\nT-1,true,true,B-1\n");
    const auto outcome = import("rooms", "room_id,notice_posted_on\nR1,\n");
    ASSERT_EQ(outcome.faults.size(), 1u);
    EXPECT_EQ(outcome.faults.front().column, "notice_posted_on");
}

TEST_F(RegisterFile, GivenCertificatesWhenImportedThenRefused) {
    auto outcome = import_register(database(), *find_register("certificates"), "cert_sha256\n",
                                   {"CA0010000", "ann", "administrator", "test", kNow, {}});
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().message(), HasSubstr("enrolment alone"));
}

// --- how people's files look (decision 25) ---------------------------------------------------------------------------

TEST_F(RegisterFile, GivenDatesAsTheCountyWritesThemWhenImportedThenOneReadingEach) {
    import_everything();
    const auto taken = [&](const std::string& cell) {
        const auto outcome = import("rooms", "room_id,access_list_reviewed_on\nR1," + cell + "\n");
        return outcome.faults.empty() ? std::string(text_of(data_of("rooms", "R1"), "access_list_reviewed_on")) : "refused";
    };
    EXPECT_EQ(taken("11/23/2026"), "2026-11-23");
    EXPECT_EQ(taken("3/4/2026"), "2026-03-04");  // month first, always
    EXPECT_EQ(taken("02/29/2028"), "2028-02-29");
    for (const auto* cell : {"23/11/2026", "02/29/2026", "3/4/26", "2026/03/04", "11-23-2026", "/4/2026", "3//2026",
                             "003/4/2026", "3/4/2026/", "+3/4/2026"})
        EXPECT_EQ(taken(cell), "refused") << cell;
}

TEST_F(RegisterFile, GivenTimesAsTheCountyWritesThemWhenImportedThenOneReadingEach) {
    import_everything();
    const auto taken = [&](const std::string& cell) {
        const auto outcome = import("maintenance_log", "log_id,at\nL1," + cell + "\n");
        return outcome.faults.empty() ? std::string(text_of(data_of("maintenance_log", "L1"), "at")) : "refused";
    };
    EXPECT_EQ(taken("11/23/2026 10:04"), "2026-11-23T18:04:00.000Z");
    EXPECT_EQ(taken("7/6/2026 12:30 AM"), "2026-07-06T07:30:00.000Z");
    EXPECT_EQ(taken("7/6/2026 12:30 PM"), "2026-07-06T19:30:00.000Z");
    EXPECT_EQ(taken("2026-11-23 5:00 PM"), "2026-11-24T01:00:00.000Z");
    for (const auto* cell : {"11/23/2026", "11/23/2026 24:00", "11/23/2026 0:30 AM", "11/23/2026 13:00 PM",
                             "11/23/2026 10:04 am", "11/23/2026 10:60", "11/23/2026  10:04"})
        EXPECT_EQ(taken(cell), "refused") << cell;
}

TEST_F(RegisterFile, GivenAFileWithNamesOfItsOwnWhenMappedThenTaken) {
    ImportOptions options;
    options.columns = {{"Building", "site_name"}, {"Remark", ""}};
    const auto outcome = import("sites", "Site ID,Building,ADDRESS,Remark\nS1,Main,1 Example St,x\n", kNow, options);
    for (const auto& fault : outcome.faults)
        ADD_FAILURE() << fault.text();
    EXPECT_EQ(text_of(data_of("sites", "S1"), "site_name"), "Main");
    const auto first_fault = [&](std::string_view csv) { return import("sites", csv, kNow, options).faults.front().text(); };
    EXPECT_EQ(first_fault("Site ID,Building,address\nS1,A,B\n"), "row 1, column Remark: is to be mapped, and is not in the file");
    EXPECT_EQ(first_fault("Site ID,Building,site_name,address,Remark\nS1,A,A,B,\n"), "row 1, column site_name: stands twice");
    options.columns = {{"Building", "house"}};
    EXPECT_EQ(first_fault("Site ID,Building,address\nS1,A,B\n"), "row 1, column Building: is no column of the register sites");
}

TEST_F(RegisterFile, GivenAPreviewThenAdditionsChangesAndFaultsAreToldAndNothingIsWritten) {
    import_everything();
    const auto generation = *store::register_generation(database());
    ImportOptions options;
    options.preview = true;
    const auto outcome = import("sites", "site_id,site_name,address\nS1,Main,2 Example St\nS2,Other,2 Example St\n"
                                         "S3,Third,3 Example St\nS4,,4 Example St\n", kNow, options);
    EXPECT_FALSE(outcome.written);
    EXPECT_EQ(*store::register_generation(database()), generation);
    EXPECT_EQ(outcome.added, 1u);
    EXPECT_EQ(outcome.changed, 1u);
    EXPECT_EQ(outcome.unchanged, 1u);
    ASSERT_EQ(outcome.faults.size(), 1u);
    EXPECT_EQ(outcome.faults.front().text(), "row 5, column site_name: is required");
    ASSERT_EQ(outcome.changes.size(), 2u);
    EXPECT_FALSE(outcome.changes[0].added);
    ASSERT_EQ(outcome.changes[0].cells.size(), 1u);
    EXPECT_EQ(outcome.changes[0].cells[0].column, "address");
    EXPECT_EQ(outcome.changes[0].cells[0].before, "1 Example St, Town");
    EXPECT_EQ(outcome.changes[0].cells[0].after, "2 Example St");
    EXPECT_TRUE(outcome.changes[1].added);
    EXPECT_EQ(outcome.changes[1].row, 4u);
    EXPECT_EQ(outcome.changes[1].id, "S3");
}

TEST_F(RegisterFile, GivenGoodAndBadRowsWhenTheGoodOnesAreAskedForThenTheyAreTakenAndTheOthersNamed) {
    ImportOptions options;
    options.good_rows = true;
    const auto outcome = import("sites", "site_id,site_name,address\nS1,Main,A\nS2,,B\nS3,Third,C\nS3,Again,D\n", kNow, options);
    EXPECT_TRUE(outcome.written);
    EXPECT_EQ(outcome.added, 2u);
    ASSERT_EQ(outcome.faults.size(), 2u);
    EXPECT_EQ(text_of(data_of("sites", "S3"), "site_name"), "Third");
    EXPECT_FALSE(store::find_entry(database(), "sites", "S2", kNow, kNow)->has_value());
}

// What stands on a row that is not taken, does not stand.
TEST_F(RegisterFile, GivenGoodRowsThatReferToABadOneWhenTheGoodOnesAreAskedForThenTheyAreBadToo) {
    import_good("sites");
    const auto person = [](const char* id, const char* account, const char* supervisor, const char* role) {
        Cells row = good_row("operators");
        row["operator_ref"] = id;
        row["os_accounts"] = account;
        row["supervisor"] = supervisor;
        row["role"] = role;
        return row;
    };
    ImportOptions options;
    options.good_rows = true;
    const auto outcome = import("operators", csv_of({person("OP-1", "a", "none", "chief"), person("OP-2", "b", "OP-1", "FAO"),
                                                     person("OP-3", "c", "OP-2", "FAO"), person("OP-4", "d", "none", "FAO")}),
                                kNow, options);
    EXPECT_EQ(outcome.added, 1u);
    ASSERT_EQ(outcome.faults.size(), 3u);
    EXPECT_EQ(outcome.faults[2].text(), "row 4, column supervisor: 'OP-2' is not in the register operators");
}

TEST_F(RegisterFile, GivenAFileWithAnUnknownColumnWhenTheGoodRowsAreAskedForThenRefusedWhole) {
    ImportOptions options;
    options.good_rows = true;
    const auto outcome = import("sites", "site_id,site_name,address,colour\nS1,A,B,red\n", kNow, options);
    EXPECT_EQ(outcome.added, 0u);
    EXPECT_EQ(outcome.faults.size(), 1u);
}

// Catalogue, section 3.3: back-dated with a reason; what was known before stays known.
TEST_F(RegisterFile, GivenABackDatedChangeThenItHoldsSinceThenAsKnownFromNowOn) {
    import_everything();
    const WallTime later = kNow + std::chrono::hours(48), between = kNow + std::chrono::hours(24);
    const auto outcome = import("sites", "site_id,site_name\nS1,Renamed\n", later, {}, between);
    EXPECT_EQ(outcome.changed, 1u);
    const auto name = [&](WallTime as_of, WallTime known_at) {
        return std::string(text_of((*store::find_entry(database(), "sites", "S1", as_of, known_at))->data, "site_name"));
    };
    EXPECT_EQ(name(between, later), "Renamed");
    EXPECT_EQ(name(kNow, later), "Main");
    EXPECT_EQ(name(between, between), "Main");
    EXPECT_EQ(import("sites", "site_id,site_name\nS1,Renamed\n", later, {}, between).unchanged, 1u);
    const auto history = store::history_of(database(), "sites", "S1");
    EXPECT_EQ(history->back().changed_by, "ann");
    EXPECT_EQ(history->back().change_reason, "test");
    const auto exported_then = export_register(database(), *find_register("sites"), between, between);
    EXPECT_THAT(*exported_then, HasSubstr("S1,Main"));
}

TEST_F(RegisterFile, GivenAChangeFromATimeToComeWhenImportedThenRefused) {
    auto outcome = import_register(database(), *find_register("sites"), "site_id,site_name,address\nS1,A,B\n",
                                   {"CA0010000", "ann", "administrator", "test", kNow, kNow + std::chrono::hours(1)});
    EXPECT_FALSE(outcome);
}

}  // namespace
}  // namespace sallyport::registers
