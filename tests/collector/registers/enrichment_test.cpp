// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/enrichment.hpp"

#include <gmock/gmock.h>

#include "tests/collector/registers/store_fixture.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::registers {
namespace {

using sallyport::testing::at;

const WallTime kBefore = at("2026-11-01T00:00:00.000Z");
const WallTime kMonday = at("2026-11-23T18:00:00.000Z");  // 10:00 in the county
const std::string kStick(64, 'd');

Record terminal() {
    return {{"terminal_id", "T1"},     {"status", "licensed"},
            {"licensed_on", "2026-11-23"}, {"site_id", "S1"},
            {"room_id", "R1"},         {"screen_lock_minutes", 10},
            {"lock_exempt", "none"},   {"camera_enabled", true},
            {"usb_policy", "allowlist"}, {"usb_allowlist", List{"046d:c31c"}},
            {"usb_baseline", List{"413c:301a"}}, {"heartbeat_s", 60},
            {"duty_profile", "office_hours"}, {"printers_allowed", List{"P1", "P2"}},
            {"system_serial", "SER1"}, {"board_serial", "BRD1"},
            {"disk_serials", List{"DSK1"}}, {"nics", List{"00:11:22:33:44:55/wired"}},
            {"tpm_ek_sha256", std::string(64, 'a')}};
}

Record room() {
    return {{"site_id", "S1"},
            {"zone", "controlled"},
            {"room_type", "records"},
            {"camera_permitted", true},
            {"allowed_hours", "Mon-Fri 07:00-18:00"}};
}

class Enriching : public sallyport::testing::StoreFixture {
protected:
    Enriching() {
        record("rooms", "R1", room(), kBefore);
        record("terminals", "T1", terminal(), kBefore);
        enrichment_ = *Enrichment::open(reader());
    }

    Record fields(std::string_view type, Record body, std::optional<std::string> account = {},
                  WallTime time = kMonday, std::optional<WallTime> known_at = {}) {
        Event event = sallyport::testing::event(type, "T1", std::string(32, '2'), 1, std::move(body), time);
        event.operator_account = std::move(account);
        EXPECT_TRUE(enrichment_->refresh());
        return enrichment_->fields_for(event, terminal_, known_at.value_or(kMonday + std::chrono::days(300)));
    }
    Record usb(Record changes = {}) {
        Record body = sallyport::testing::usb_stick_body();
        for (const auto& [name, value] : changes)
            body.set(name, value);
        return fields("usb.attach", std::move(body));
    }
    Record print(std::string_view queue, char hash) {
        return fields("print.job", {{"job_id", "1"}, {"printer_id", queue}, {"printer_hash", std::string(64, hash)},
                                    {"printer_kind", "network"}, {"state", "submitted"}});
    }

    std::unique_ptr<Enrichment> enrichment_;
    std::string terminal_ = "T1";
};

TEST_F(Enriching, GivenARegisteredTerminalThenItsOwnFieldsAndItsPlace) {
    const Record found = fields("session.lock", {{"cause", "user"}});
    EXPECT_TRUE(flag_of(found, "terminal.registered"));
    EXPECT_TRUE(flag_of(found, "terminal.licensed"));
    EXPECT_EQ(text_of(found, "terminal.status"), "licensed");
    EXPECT_EQ(text_of(found, "terminal.site"), "S1");
    EXPECT_EQ(text_of(found, "terminal.room"), "R1");
    EXPECT_EQ(integer_of(found, "terminal.lock_minutes"), 10);
    EXPECT_EQ(integer_of(found, "terminal.idle_limit_s"), 660);
    EXPECT_EQ(integer_of(found, "terminal.heartbeat_s"), 60);
    EXPECT_FALSE(flag_of(found, "terminal.lock_exempt", true));
    EXPECT_TRUE(flag_of(found, "terminal.camera_enabled"));
    EXPECT_EQ(text_of(found, "terminal.usb_policy"), "allowlist");
    EXPECT_EQ(text_of(found, "terminal.duty_profile"), "office_hours");
    EXPECT_EQ(text_of(found, "site.id"), "S1");
    EXPECT_EQ(text_of(found, "room.zone"), "controlled");
    EXPECT_EQ(text_of(found, "room.type"), "records");
    EXPECT_TRUE(flag_of(found, "hours.open"));
    EXPECT_FALSE(found.contains("operator.authorisation"));
    EXPECT_FALSE(found.contains("printer.allowed"));
    EXPECT_FALSE(found.contains("media.known_device"));
}

TEST_F(Enriching, GivenAnUnknownTerminalThenItIsNotRegisteredAndNothingIsInvented) {
    terminal_ = "T9";
    const Record found = fields("session.lock", {{"cause", "user"}});
    EXPECT_FALSE(flag_of(found, "terminal.registered", true));
    EXPECT_FALSE(found.contains("terminal.licensed"));
    EXPECT_FALSE(found.contains("room.zone"));
    EXPECT_FALSE(found.contains("hours.open"));
}

TEST_F(Enriching, GivenTheDayBeforeTheLicenceThenNotLicensed) {
    const Record found = fields("session.lock", {}, {}, at("2026-11-23T07:59:00.000Z"));  // the 22nd in the county
    EXPECT_FALSE(flag_of(found, "terminal.licensed", true));
}

TEST_F(Enriching, GivenASuspendedTerminalThenNotLicensedFromThenOn) {
    Record suspended = terminal();
    suspended.set("status", "suspended");
    record("terminals", "T1", suspended, kMonday);
    EXPECT_FALSE(flag_of(fields("session.lock", {}), "terminal.licensed", true));
    EXPECT_EQ(text_of(fields("session.lock", {}, {}, kMonday - std::chrono::minutes(1)), "terminal.status"), "licensed");
}

TEST_F(Enriching, GivenALaterCorrectionWhenAskedAsKnownBeforeThenTheOldAnswer) {
    Record moved = terminal();
    moved.set("site_id", "S2");
    record("terminals", "T1", moved, kMonday + std::chrono::hours(1), kMonday - std::chrono::hours(1));
    EXPECT_EQ(text_of(fields("session.lock", {}, {}, kMonday, kMonday), "site.id"), "S1");
    EXPECT_EQ(text_of(fields("session.lock", {}, {}, kMonday, kMonday + std::chrono::hours(1)), "site.id"), "S2");
}

TEST_F(Enriching, GivenARoomWhereCamerasBecameForbiddenThenTheCameraIsNotEnabled) {
    Record changed = room();
    changed.set("camera_permitted", false);
    record("rooms", "R1", changed, kBefore + std::chrono::hours(1));
    EXPECT_FALSE(flag_of(fields("session.lock", {}), "terminal.camera_enabled", true));
}

TEST_F(Enriching, GivenTheEveningThenHoursAreClosed) {
    EXPECT_FALSE(flag_of(fields("session.lock", {}, {}, at("2026-11-24T03:00:00.000Z")), "hours.open", true));
}

// Decisions 7: built-in (PCI) network cards and internal disks only.
TEST_F(Enriching, GivenTheSameHardwareThenNoChangesWhateverHangsOnUsb) {
    const List cards{Record{{"mac", "00:11:22:33:44:55"}, {"type", "wired"}, {"bus", "pci"}},
                     Record{{"mac", "66:77:88:99:aa:bb"}, {"type", "wired"}, {"bus", "usb"}}};
    const Record found = fields("device.identity", {{"system_serial", "SER1"}, {"board_serial", "BRD1"},
                                                    {"disk_serials", List{"DSK1"}}, {"nics", cards},
                                                    {"tpm_present", true}, {"tpm_ek_sha256", std::string(64, 'a')}});
    EXPECT_EQ(integer_of(found, "terminal.hardware_changes", -1), 0);
    EXPECT_FALSE(flag_of(found, "terminal.tpm_changed", true));
}

TEST_F(Enriching, GivenOtherHardwareThenEachChangeIsCountedAndNamed) {
    const List cards{Record{{"mac", "00:11:22:33:44:66"}, {"type", "wired"}, {"bus", "pci"}}};
    const Record found = fields("device.identity", {{"system_serial", "SER2"}, {"board_serial", "BRD1"},
                                                    {"disk_serials", List{}}, {"nics", cards}, {"tpm_present", false}});
    EXPECT_EQ(integer_of(found, "terminal.hardware_changes"), 3);
    EXPECT_EQ(found.find("terminal.hardware_changed")->as<List>()->size(), 3u);
    EXPECT_TRUE(flag_of(found, "terminal.tpm_changed"));
}

TEST_F(Enriching, GivenUnreadableHardwareThenNothingIsCalledChanged) {
    const Record found = fields("device.identity", {{"hostname", "t1"}});
    EXPECT_EQ(integer_of(found, "terminal.hardware_changes", -1), 0);
    EXPECT_FALSE(flag_of(found, "terminal.tpm_changed", true));
}

TEST_F(Enriching, GivenAnAccountOfNobodyThenNoRecord) {
    const Record found = fields("session.logon", {}, "mallory");
    EXPECT_EQ(text_of(found, "operator.authorisation"), "not_authorised");
    EXPECT_EQ(*found.find("operator.reasons")->as<List>(), List{"NO_RECORD"});
    EXPECT_FALSE(found.contains("operator.ref"));
}

TEST_F(Enriching, GivenARegisteredAccountThenThePseudonymAndItsAuthorisation) {
    record("operators", "OP-7", {{"os_accounts", List{"jdoe", "jdoe2"}}, {"role", "none"}, {"access_status", "active"}},
           kBefore);
    const Record found = fields("session.logon", {}, "jdoe2");
    EXPECT_EQ(text_of(found, "operator.ref"), "OP-7");
    EXPECT_EQ(text_of(found, "operator.authorisation"), "not_authorised");
}

TEST_F(Enriching, GivenAnAccountThatChangedHandsThenTheTimeDecides) {
    record("operators", "OP-1", {{"os_accounts", List{"desk"}}}, kBefore);
    record("operators", "OP-1", {{"os_accounts", List{}}}, kMonday);
    record("operators", "OP-2", {{"os_accounts", List{"desk"}}}, kMonday);
    EXPECT_EQ(text_of(fields("session.logon", {}, "desk", kMonday - std::chrono::hours(1)), "operator.ref"), "OP-1");
    EXPECT_EQ(text_of(fields("session.logon", {}, "desk"), "operator.ref"), "OP-2");
}

TEST_F(Enriching, GivenUnknownAndRegisteredMediaThenOnlyTheRegisteredHasAStatus) {
    EXPECT_FALSE(usb().contains("media.status"));
    record("media", "M1", {{"serial_hash", kStick}, {"status", "issued"}}, kBefore);
    EXPECT_EQ(text_of(usb(), "media.id"), "M1");
    EXPECT_EQ(text_of(usb(), "media.status"), "issued");
}

TEST_F(Enriching, GivenADeviceWithoutASerialThenItIsNeverTakenForARegisteredOne) {
    record("media", "M1", {{"serial_hash", kStick}, {"status", "issued"}}, kBefore);
    EXPECT_FALSE(usb({{"serial_present", false}}).contains("media.status"));
}

TEST_F(Enriching, GivenDevicesOnAllowListOrBaselineThenKnown) {
    EXPECT_FALSE(flag_of(usb(), "media.known_device", true));
    EXPECT_TRUE(flag_of(usb({{"vid", "046d"}, {"pid", "c31c"}}), "media.known_device"));
    EXPECT_TRUE(flag_of(usb({{"vid", "413c"}, {"pid", "301a"}}), "media.known_device"));
}

TEST_F(Enriching, GivenPrintersThenAllowedOnlyIfOnTheListAndApproved) {
    record("printers", "P1", {{"queue", "records-laser"}, {"approved_on", "2026-01-01"}, {"room_id", "R1"}}, kBefore);
    record("printers", "P2", {{"queue", "pending"}, {"zone", "public"}}, kBefore);
    record("printers", "P3", {{"queue", "lobby"}, {"approved_on", "2026-01-01"}, {"zone", "public"}}, kBefore);
    EXPECT_TRUE(flag_of(print("records-laser", 'b'), "printer.allowed"));
    EXPECT_EQ(text_of(print("records-laser", 'b'), "printer.zone"), "controlled");
    EXPECT_TRUE(flag_of(print("P1", 'b'), "printer.allowed"));
    EXPECT_FALSE(flag_of(print("pending", 'b'), "printer.allowed", true));
    EXPECT_FALSE(flag_of(print("lobby", 'b'), "printer.allowed", true));
    EXPECT_EQ(text_of(print("lobby", 'b'), "printer.zone"), "public");
    EXPECT_FALSE(flag_of(print("elsewhere", 'b'), "printer.allowed", true));
}

TEST_F(Enriching, GivenAPrinterRegisteredByItsHashThenAnotherOneUnderItsNameIsNotAllowed) {
    record("printers", "P1", {{"queue", "laser"}, {"printer_hash", std::string(64, 'b')}, {"approved_on", "2026-01-01"}},
           kBefore);
    EXPECT_TRUE(flag_of(print("renamed", 'b'), "printer.allowed"));
    EXPECT_FALSE(flag_of(print("laser", 'c'), "printer.allowed", true));
}

TEST_F(Enriching, GivenWindowsThenTheyHoldFromTheirStartToBeforeTheirEnd) {
    const std::string from = format_time(kMonday), to = format_time(kMonday + std::chrono::hours(1));
    record("windows", "W1", {{"kind", "maintenance"}, {"terminals", List{"T1"}}, {"from", from}, {"to", to}}, kBefore);
    record("windows", "W2", {{"kind", "visitor"}, {"room_id", "R1"}, {"from", from}, {"to", to}}, kBefore);
    record("enrolments", "E1", {{"terminal_id", "T1"}, {"from", from}, {"to", to}}, kBefore);
    for (const auto* name : {"window.maintenance", "window.visitor", "window.enrolment"}) {
        EXPECT_FALSE(flag_of(fields("session.lock", {}, {}, kMonday - std::chrono::milliseconds(1)), name, true)) << name;
        EXPECT_TRUE(flag_of(fields("session.lock", {}), name)) << name;
        EXPECT_FALSE(flag_of(fields("session.lock", {}, {}, kMonday + std::chrono::hours(1)), name, true)) << name;
    }
}

TEST_F(Enriching, GivenNoRowThenObserveAndTheMostSpecificRowWins) {
    const auto save = [&](const char* rule, const char* site, std::optional<std::string> state, Record parameters) {
        ASSERT_TRUE(store::save_rule_site(database(), {rule, site, state, std::move(parameters), "t", "r", kBefore}));
    };
    const auto live = [&](const char* rule, const char* site) {
        EXPECT_TRUE(enrichment_->refresh());
        return enrichment_->is_live(rule, site);
    };
    const auto value = [&](const char* rule, const char* site) { return enrichment_->parameter(rule, site, "wait_s"); };
    EXPECT_FALSE(live("USB-01", "S1"));
    EXPECT_EQ(value("USB-01", "S1"), std::nullopt);
    save("", "", "live", {});
    EXPECT_TRUE(live("USB-01", "S1"));
    save("", "S1", "observe", {{"wait_s", 60}});
    EXPECT_FALSE(live("USB-01", "S1"));
    EXPECT_TRUE(live("USB-01", "S2"));
    save("USB-01", "", "live", {{"wait_s", 30.5}});
    EXPECT_TRUE(live("USB-01", "S1"));
    EXPECT_EQ(value("USB-01", "S1"), 30.5);
    EXPECT_EQ(value("USB-02", "S1"), 60);
    save("USB-01", "S1", std::nullopt, {{"wait_s", 10}});  // a parameter without a state leaves the state to others
    EXPECT_TRUE(live("USB-01", "S1"));
    EXPECT_EQ(value("USB-01", "S1"), 10);
}

// A new site observes, whatever the agency decided for what is of no site (decision 11).
TEST_F(Enriching, GivenWhatIsOfNoSiteThenItStandsByARowOfItsOwn) {
    const auto live = [&](const char* rule, const char* site) {
        EXPECT_TRUE(enrichment_->refresh());
        return enrichment_->is_live(rule, site);
    };
    const std::string nowhere(store::kOfNoSite);
    ASSERT_TRUE(store::save_rule_site(database(), {"", nowhere, "live", {}, "t", "r", kBefore}));
    ASSERT_TRUE(store::save_rule_site(database(), {"GOV-08", nowhere, std::nullopt, {{"reads", 40}}, "t", "r", kBefore}));
    EXPECT_TRUE(live("GOV-08", ""));
    EXPECT_FALSE(live("GOV-08", "S1"));
    EXPECT_EQ(enrichment_->parameter("GOV-08", "", "reads"), 40);
    EXPECT_EQ(enrichment_->parameter("GOV-08", "S1", "reads"), std::nullopt);
    ASSERT_TRUE(store::save_rule_site(database(), {"GOV-08", nowhere, "observe", {}, "t", "r", kBefore}));
    EXPECT_FALSE(live("GOV-08", ""));
    EXPECT_TRUE(live("GOV-09", ""));
}

// --- what the whole catalogue asks ----------------------------------------------------------------------------------

TEST_F(Enriching, GivenATerminalsEntryThenWhatItAllowsIsSaid) {
    Record entry = terminal();
    entry.set("model", "M100").set("addressing", "pooled").set("bargaining_ref", "B-1").set("privacy_filter", true);
    entry.set("wireless_approved", false).set("secure_boot_required", true).set("removable_boot_allowed", false);
    record("terminals", "T1", entry, kBefore + std::chrono::hours(1));
    const Record found = fields("session.lock", {{"cause", "user"}});
    EXPECT_EQ(text_of(found, "terminal.model"), "M100");
    EXPECT_EQ(text_of(found, "terminal.addressing"), "pooled");
    for (const auto* name : {"terminal.camera_bargained", "terminal.privacy_filter", "terminal.secure_boot_required"})
        EXPECT_TRUE(flag_of(found, name)) << name;
    for (const auto* name : {"terminal.wireless_approved", "terminal.removable_boot_allowed"})
        EXPECT_FALSE(flag_of(found, name, true)) << name;
}

TEST_F(Enriching, GivenAnIdentityThenItIsHeldAgainstTheEntryWhereBothSaySomething) {
    Record entry = terminal();
    entry.set("clets_mnemonic", "ABC1").set("ori", "CA0010000").set("os_build_allowed", List{"Debian 12.8"});
    entry.set("agent_version_allowed", List{"0.1.0", "0.2.0/" + std::string(64, 'a')}).set("agent_config_sha256", std::string(64, '0'));
    record("terminals", "T1", entry, kBefore + std::chrono::hours(1));
    record("agency", "CA0010000", {{"agency_oris", List{"CA0010000", "CA0010005"}}}, kBefore);
    Record found = fields("device.identity", {{"mnemonic", "abc1"}, {"ori", "CA0010005"}, {"os_build", "Debian 12.8"},
                                              {"agent_version", "0.1.0"}, {"agent_sha256", std::string(64, 'b')}});
    EXPECT_TRUE(flag_of(found, "terminal.mnemonic_matches"));
    EXPECT_FALSE(flag_of(found, "terminal.ori_matches", true));
    EXPECT_TRUE(flag_of(found, "agency.ori_matches"));
    EXPECT_FALSE(found.contains("terminal.identifier_matches"));
    EXPECT_TRUE(flag_of(found, "terminal.os_build_allowed"));
    EXPECT_TRUE(flag_of(found, "agent.version_allowed"));
    EXPECT_TRUE(flag_of(found, "agent.config_expected"));
    found = fields("device.identity", {{"mnemonic", "ABC2"}, {"ori", "CA9990000"}, {"os_build", "Debian 11"},
                                       {"agent_version", "0.2.0"}, {"agent_sha256", std::string(64, 'b')}});
    for (const auto* name : {"terminal.mnemonic_matches", "agency.ori_matches", "terminal.os_build_allowed", "agent.version_allowed"})
        EXPECT_FALSE(flag_of(found, name, true)) << name;
    EXPECT_TRUE(flag_of(fields("agent.start", {{"version", "0.2.0"}, {"sha256", std::string(64, 'a')}}), "agent.version_allowed"));
}

TEST_F(Enriching, GivenFirmwareBootAndSensorsThenTheBaselineDecides) {
    Record entry = terminal();
    entry.set("firmware_allowed", List{"bios/1.2", "ec/7/" + std::string(64, 'a')}).set("sensor_baseline", List{"camera/off"});
    entry.set("boot_measure_allowed", List{std::string(64, 'c')});
    record("terminals", "T1", entry, kBefore + std::chrono::hours(1));
    const auto firmware = [&](const char* component, const char* version, char digest) {
        return fields("device.firmware", {{"component", component}, {"version", version}, {"digest", std::string(64, digest)}});
    };
    EXPECT_TRUE(flag_of(firmware("bios", "1.2", 'x'), "firmware.allowed"));
    EXPECT_FALSE(flag_of(firmware("bios", "1.3", 'x'), "firmware.allowed", true));
    EXPECT_TRUE(flag_of(firmware("ec", "7", 'a'), "firmware.allowed"));
    EXPECT_FALSE(flag_of(firmware("ec", "7", 'b'), "firmware.allowed", true));
    const auto sensor = [&](const char* name, const char* state) {
        return flag_of(fields("agent.sensor", {{"sensor", name}, {"state", state}}), "sensor.accepted");
    };
    EXPECT_TRUE(sensor("camera", "off"));
    EXPECT_TRUE(sensor("usb", "ok"));
    EXPECT_FALSE(sensor("usb", "off"));
    EXPECT_TRUE(flag_of(fields("device.boot", {{"measure_digest", std::string(64, 'c')}}), "boot.measure_allowed"));
    EXPECT_FALSE(flag_of(fields("device.boot", {{"measure_digest", std::string(64, 'd')}}), "boot.measure_allowed", true));
    EXPECT_FALSE(fields("device.boot", {}).contains("boot.measure_allowed"));
}

TEST_F(Enriching, GivenAnAddressThenWhoseNetworkItIs) {
    Record home = room();
    home.set("subnets", List{"10.1.2.0/24", "fd00:1::/64"});
    record("rooms", "R1", home, kBefore + std::chrono::hours(1));
    record("rooms", "R2", {{"site_id", "S1"}, {"subnets", List{"10.1.0.0/16"}}}, kBefore);
    record("rooms", "R3", {{"site_id", "S2"}, {"subnets", List{"10.2.0.0/15"}}}, kBefore);
    const auto place = [&](const char* ip) {
        return std::string(text_of(fields("device.network", {{"if_type", "wired"}, {"ip", ip}}), "network.place"));
    };
    EXPECT_EQ(place("10.1.2.255"), "room");
    EXPECT_EQ(place("10.1.3.0"), "site");
    EXPECT_EQ(place("10.3.255.255"), "other_site");
    EXPECT_EQ(place("10.4.0.0"), "none");
    EXPECT_EQ(place("fd00:1::42"), "room");
    EXPECT_EQ(place("fd00:1:0:1::42"), "none");
    EXPECT_EQ(place("unknown"), "");
    home.set("subnets", List{"any"});
    record("rooms", "R1", home, kBefore + std::chrono::hours(2));
    EXPECT_EQ(place("192.0.2.1"), "room");
}

TEST_F(Enriching, GivenAnOperatorThenRoleFindingsAndWhetherTheTerminalIsTheirs) {
    record("operators", "OP-1", {{"os_accounts", List{"ann"}}, {"role", "technician"}, {"employer_kind", "contractor"},
                                 {"access_status", "active"}, {"escort_required", true}}, kBefore);
    Record entry = terminal();
    entry.set("assigned_operators", List{"OP-2"});
    record("terminals", "T1", entry, kBefore + std::chrono::hours(1));
    const Record found = fields("session.unlock", {{"cause", "user"}}, "ann");
    EXPECT_EQ(text_of(found, "operator.role"), "technician");
    EXPECT_TRUE(flag_of(found, "operator.escort_required"));
    EXPECT_FALSE(flag_of(found, "operator.assigned", true));
    EXPECT_EQ(*found.find("operator.findings"), Value(List{"NOT_CLEARED", "ADDENDUM_MISSING", "STATEMENT_MISSING",
                                                           "TRAINING_OVERDUE", "AWARENESS_MISSING"}));
    EXPECT_TRUE(flag_of(fields("session.unlock", {}, "ann", kBefore + std::chrono::minutes(1)), "operator.assigned"));
}

TEST_F(Enriching, GivenRegisteredMediaThenOwnerPermissionAndEncryption) {
    record("media", "M1", {{"serial_hash", kStick}, {"status", "issued"}, {"owner", "OP-1"}, {"encrypted_required", true},
                           {"valid_from", "2026-11-24"}, {"valid_to", "2026-11-24"}, {"terminals_allowed", List{"T2"}}}, kBefore);
    const Record found = usb();
    EXPECT_EQ(text_of(found, "media.owner"), "OP-1");
    EXPECT_TRUE(flag_of(found, "media.encrypted_required"));
    EXPECT_FALSE(flag_of(found, "media.valid", true));
    EXPECT_FALSE(flag_of(found, "media.terminal_allowed", true));
    record("media", "M1", {{"serial_hash", kStick}, {"status", "issued"}, {"valid_from", "2026-11-23"}, {"valid_to", "2026-11-23"},
                           {"terminals_allowed", List{"any_terminal"}}}, kBefore + std::chrono::hours(1));
    EXPECT_TRUE(flag_of(usb(), "media.valid"));
    EXPECT_TRUE(flag_of(usb(), "media.terminal_allowed"));
}

TEST_F(Enriching, GivenAWorkingCalendarThenItsHolidaysAndSinceWhenItIsClosed) {
    Record changed = room();
    changed.set("allowed_hours", "office").set("mfa_required", true).set("notice_posted_on", "2026-01-01");
    record("rooms", "R1", changed, kBefore + std::chrono::hours(1));
    record("calendars", "office", {{"hours", "Mon-Fri 07:00-18:00"}, {"holidays", List{"2026-11-26"}}}, kBefore);
    EXPECT_TRUE(flag_of(fields("session.lock", {}), "hours.open"));
    EXPECT_FALSE(fields("session.lock", {}).contains("hours.closed_s"));
    Record found = fields("session.lock", {}, {}, at("2026-11-24T03:30:00.000Z"));  // 19:30
    EXPECT_EQ(integer_of(found, "hours.closed_s"), 5400);
    EXPECT_TRUE(flag_of(found, "room.mfa_required"));
    EXPECT_TRUE(flag_of(found, "room.notice_posted"));
    found = fields("session.lock", {}, {}, at("2026-11-26T18:00:00.000Z"));  // the holiday, 10:00
    EXPECT_FALSE(flag_of(found, "hours.open", true));
    EXPECT_EQ(integer_of(found, "hours.closed_s"), 16 * 3600);
}

TEST_F(Enriching, GivenAWindowThatEndedThenSinceWhenAndWhetherAnEscortIsThere) {
    record("windows", "W1", {{"kind", "maintenance"}, {"terminals", List{"T1"}}, {"from", "2026-11-23T16:00:00.000Z"},
                             {"to", "2026-11-23T17:00:00.000Z"}, {"escort", "OP-1"}}, kBefore);
    Record found = fields("session.lock", {}, {}, at("2026-11-23T16:30:00.000Z"));
    EXPECT_TRUE(flag_of(found, "window.escort"));
    EXPECT_FALSE(found.contains("window.maintenance_ended_s"));
    found = fields("session.lock", {});
    EXPECT_FALSE(flag_of(found, "window.escort", true));
    EXPECT_EQ(integer_of(found, "window.maintenance_ended_s"), 3600);
    EXPECT_FALSE(fields("session.lock", {}, {}, at("2026-11-24T17:00:01.000Z")).contains("window.maintenance_ended_s"));
}

// A line of the daily sweep names its place and its person itself; no terminal is believed what it says of such things.
TEST_F(Enriching, GivenALineOfTheSweepThenItsOwnSitePersonAndRoom) {
    record("operators", "OP-1", {{"role", "FAO"}, {"access_status", "active"}}, kBefore);
    terminal_.clear();
    const Record found = fields("sweep.access", {{"operator_ref", "OP-1"}, {"site_id", "S1"}, {"room_id", "R1"}});
    EXPECT_EQ(text_of(found, "operator.ref"), "OP-1");
    EXPECT_EQ(text_of(found, "operator.authorisation"), "not_authorised");
    EXPECT_EQ(text_of(found, "site.id"), "S1");
    EXPECT_EQ(text_of(found, "room.zone"), "controlled");
    EXPECT_FALSE(found.contains("terminal.registered"));
    EXPECT_FALSE(fields("session.lock", {{"operator_ref", "OP-1"}, {"site_id", "S1"}}).contains("operator.ref"));
}

// One look at the store a step: what changes meanwhile is seen with the next.
TEST_F(Enriching, GivenARegisterThatChangesWithinAStepThenItIsSeenFromTheNextOn) {
    EXPECT_TRUE(flag_of(fields("session.lock", {}), "terminal.licensed"));
    Record suspended = terminal();
    suspended.set("status", "suspended");
    record("terminals", "T1", suspended, kBefore + std::chrono::hours(1));
    const Event event = sallyport::testing::event("session.lock", "T1", std::string(32, '2'), 1, {}, kMonday);
    EXPECT_TRUE(flag_of(enrichment_->fields_for(event, "T1", kMonday), "terminal.licensed"));
    ASSERT_TRUE(enrichment_->refresh());
    EXPECT_FALSE(flag_of(enrichment_->fields_for(event, "T1", kMonday), "terminal.licensed", true));
}

// PRN-10 and FWB-09: what the terminal may show itself on, and which sensors may be off.
TEST_F(Enriching, GivenDisplaysAndAcceptedSensorsThenTheyAreSaidAndElseOneDisplay) {
    Record found = fields("display.change", {{"action", "attached"}, {"count", 2}});
    EXPECT_EQ(integer_of(found, "terminal.displays"), 1);
    EXPECT_FALSE(found.contains("terminal.sensor_baseline"));
    Record entry = terminal();
    entry.set("displays", 2).set("sensor_baseline", List{"camera/off"});
    record("terminals", "T1", entry, kBefore + std::chrono::hours(1));
    found = fields("display.change", {{"action", "attached"}, {"count", 2}});
    EXPECT_EQ(integer_of(found, "terminal.displays"), 2);
    EXPECT_EQ(*found.find("terminal.sensor_baseline"), Value(List{"camera/off"}));
}

}  // namespace
}  // namespace sallyport::registers
