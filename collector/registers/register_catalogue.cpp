// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_catalogue.hpp"

#include <algorithm>

namespace sallyport::registers {
namespace {

using Choices = std::span<const std::string_view>;

constexpr Column required(Column column) {
    column.required = true;
    return column;
}
// What an empty cell, or a file without the column, means.
constexpr Column otherwise(std::string_view fallback, Column column) {
    column.fallback = fallback;
    return column;
}
constexpr Column id(std::string_view name) { return {name, CellKind::id, true, 1, 64, {}, {}, {}}; }
constexpr Column reference(std::string_view name, std::string_view register_name, Choices word = {}) {
    return {name, CellKind::id, false, 1, 64, word, register_name, {}};
}
constexpr Column token(std::string_view name) { return {name, CellKind::id, false, 1, 64, {}, {}, {}}; }
constexpr Column text(std::string_view name, std::int64_t max = 128) {
    return {name, CellKind::text, false, 1, max, {}, {}, {}};
}
constexpr Column code(std::string_view name, std::int64_t max) {
    return {name, CellKind::code, false, 1, max, {}, {}, {}};
}
constexpr Column choice(std::string_view name, Choices choices) {
    return {name, CellKind::choice, false, 0, 0, choices, {}, {}};
}
constexpr Column flag(std::string_view name) { return {name, CellKind::flag, false, 0, 0, {}, {}, {}}; }
constexpr Column integer(std::string_view name, std::int64_t min, std::int64_t max) {
    return {name, CellKind::integer, false, min, max, {}, {}, {}};
}
constexpr Column date(std::string_view name) { return {name, CellKind::date, false, 0, 0, {}, {}, {}}; }
constexpr Column time(std::string_view name) { return {name, CellKind::time, false, 0, 0, {}, {}, {}}; }
constexpr Column hex(std::string_view name, std::int64_t digits) {
    return {name, CellKind::hex, false, digits, digits, {}, {}, {}};
}
constexpr Column ids(std::string_view name, std::string_view register_name, Choices word = {}) {
    return {name, CellKind::ids, false, 1, 64, word, register_name, {}};
}
constexpr Column texts(std::string_view name, Choices word = {}) {
    return {name, CellKind::texts, false, 1, 128, word, {}, {}};
}
constexpr Column hashes(std::string_view name) { return {name, CellKind::codes, false, 64, 64, {}, {}, {}}; }
constexpr Column of_kind(CellKind kind, std::string_view name, Choices word = {}) {
    return {name, kind, false, 1, 256, word, {}, {}};
}

// The device was asked and has none: not the same as an empty cell.
constexpr std::string_view kNone[] = {"none"};

// --- the agency, its sites and rooms (section 3) --------------------------------------------------------------------

constexpr Column kAgency[] = {{"agency_id", CellKind::ori, true, 9, 9, {}, {}, {}},
                              required(text("agency_name")),
                              required(text("county")),
                              required(of_kind(CellKind::oris, "agency_oris")),
                              reference("working_calendar", "calendars"),
                              text("supplier"),
                              texts("shared_accounts"),
                              date("accounts_reviewed_on"),
                              date("rules_reviewed_on")};

constexpr Column kCalendars[] = {id("calendar_id"), required(text("calendar_name")),
                                 required(of_kind(CellKind::calendar, "hours")), of_kind(CellKind::dates, "holidays")};

constexpr Column kSites[] = {id("site_id"),
                             required(text("site_name")),
                             required(text("address", 256)),
                             date("keys_inventoried_on"),
                             date("physical_access_reviewed_on"),
                             date("visitors_reviewed_on")};

constexpr Column kTravelTimes[] = {id("route_id"), required(reference("from_site", "sites")),
                                   required(reference("to_site", "sites")), required(integer("minutes", 1, 1440))};

constexpr std::string_view kZones[] = {"public", "controlled", "secure", "alternate_work_site", "vehicle"};
constexpr std::string_view kRoomTypes[] = {"office",    "records", "dispatch", "intake",   "interview",     "courtroom",
                                           "server",    "lobby",   "restroom", "locker_room", "changing_room",
                                           "lactation_room"};
// any: whatever network there is; none: no terminal stands there.
constexpr std::string_view kNetworkWords[] = {"any", "none"};
constexpr Column kRooms[] = {id("room_id"),
                             required(reference("site_id", "sites")),
                             required(text("floor", 32)),
                             required(text("room_label")),
                             required(choice("zone", kZones)),
                             required(choice("room_type", kRoomTypes)),
                             otherwise("false", flag("camera_permitted")),
                             date("notice_posted_on"),
                             otherwise("false", flag("perimeter_signed")),
                             required(of_kind(CellKind::calendar, "allowed_hours")),
                             ids("authorised_persons", "operators"),
                             required(date("access_list_reviewed_on")),
                             required(of_kind(CellKind::subnets, "subnets", kNetworkWords)),
                             otherwise("false", flag("mfa_required"))};

// --- terminals (section 4) ------------------------------------------------------------------------------------------

constexpr std::string_view kAddressing[] = {"fixed", "pooled", "receive_only"};
constexpr std::string_view kTerminalStatus[] = {"proposed", "licensed", "suspended", "in_repair",
                                                "lost",     "stolen",   "retired"};
constexpr std::string_view kLockExempt[] = {"none", "dispatch", "receive_only", "conveyance"};
constexpr std::string_view kUsbPolicies[] = {"none", "hid_only", "allowlist"};
constexpr std::string_view kDutyProfiles[] = {"office_hours", "round_the_clock", "occasional"};
constexpr std::string_view kAnyAuthorised[] = {"any_authorised"};
constexpr Column kTerminals[] = {
    id("terminal_id"),
    code("clets_mnemonic", 25),
    otherwise("fixed", choice("addressing", kAddressing)),
    code("terminal_identifier", 25),
    required(of_kind(CellKind::ori, "ori")),
    text("gateway"),
    required(choice("status", kTerminalStatus)),
    date("licensed_on"),
    text("license_ref", 64),
    date("license_review_due"),
    reference("approved_by", "operators"),
    reference("site_id", "sites"),
    required(reference("room_id", "rooms")),
    text("desk", 64),
    flag("screen_faces_public"),
    flag("window_behind"),
    flag("privacy_filter"),
    date("surveyed_on"),
    reference("surveyed_by", "operators"),
    otherwise("15", integer("screen_lock_minutes", 1, 30)),
    otherwise("none", choice("lock_exempt", kLockExempt)),
    reference("lock_exempt_approved_by", "operators"),
    text("manufacturer"),
    text("model"),
    text("system_serial", 64),
    text("board_serial", 64),
    text("asset_tag", 64),
    text("supplier"),
    date("installed_on"),
    hex("tpm_ek_sha256", 64),
    texts("disk_serials", kNone),
    of_kind(CellKind::cards, "nics", kNone),
    otherwise("false", flag("wireless_approved")),
    text("wireless_ref", 64),
    text("os_name", 64),
    texts("os_build_allowed"),
    of_kind(CellKind::firmware, "firmware_allowed", kNone),
    otherwise("true", flag("secure_boot_required")),
    hashes("boot_measure_allowed"),
    otherwise("hid_only", choice("usb_policy", kUsbPolicies)),
    of_kind(CellKind::devices, "usb_allowlist"),
    of_kind(CellKind::devices, "usb_baseline"),
    ids("printers_allowed", "printers"),
    otherwise("false", flag("removable_boot_allowed")),
    otherwise("1", integer("displays", 1, 8)),
    otherwise("false", flag("chassis_sensor")),
    otherwise("false", flag("camera_sensor")),
    otherwise("false", flag("camera_enabled")),
    text("bargaining_ref", 64),
    text("camera_orientation"),
    of_kind(CellKind::releases, "agent_version_allowed"),
    hex("agent_config_sha256", 64),
    of_kind(CellKind::sensors, "sensor_baseline"),
    otherwise("60", integer("heartbeat_s", 30, 300)),
    required(choice("duty_profile", kDutyProfiles)),
    required(reference("custodian", "operators")),
    text("custody_note", 256),
    otherwise("any_authorised", ids("assigned_operators", "operators", kAnyAuthorised)),
    date("last_inspected_on"),
    reference("inspected_by", "operators"),
    text("seal_ref", 64),
    date("decommissioned_on"),
    text("decommission_method", 64),
    reference("decommission_witness", "operators"),
    text("decommission_certificate", 64)};

constexpr Column kMaintenanceLog[] = {id("log_id"),
                                      required(reference("terminal_id", "terminals")),
                                      reference("window_id", "windows"),
                                      required(time("at")),
                                      required(text("component")),
                                      required(text("serial", 64)),
                                      required(text("work", 256)),
                                      required(text("performed_by")),
                                      reference("escort", "operators")};

// --- printers, media, certificates (section 5) ----------------------------------------------------------------------

constexpr std::string_view kPrinterKinds[] = {"network", "local", "virtual", "redirected"};
constexpr Column kPrinters[] = {id("printer_id"),
                                required(text("name")),
                                required(choice("kind", kPrinterKinds)),
                                token("queue"),
                                hex("printer_hash", 64),
                                text("serial", 64),
                                text("model"),
                                required(reference("site_id", "sites")),
                                reference("room_id", "rooms"),
                                choice("zone", kZones),
                                otherwise("false", flag("pull_print")),
                                text("owner_unit"),
                                otherwise("false", flag("has_disk")),
                                reference("approved_by", "operators"),
                                date("approved_on")};

constexpr std::string_view kMediaKinds[] = {"usb_storage",  "external_disk", "optical",         "card",
                                            "phone_or_mtp", "token_hid",     "smartcard_reader"};
constexpr std::string_view kOwnerships[] = {"agency", "vendor_under_contract", "personal"};
constexpr std::string_view kMediaStatus[] = {"issued", "returned", "lost", "destroyed"};
constexpr std::string_view kAnyTerminal[] = {"any_terminal"};
constexpr Column kMedia[] = {id("media_id"),
                             required(text("label")),
                             required(choice("kind", kMediaKinds)),
                             required(hex("vid", 4)),
                             required(hex("pid", 4)),
                             required(hex("serial_hash", 64)),
                             // USBGuard's, of descriptors, name and serial: by which a terminal that enforces knows it.
                             hex("usbguard_hash", 64),
                             required(reference("owner", "operators")),
                             required(choice("ownership", kOwnerships)),
                             otherwise("true", flag("encrypted_required")),
                             required(text("purpose", 256)),
                             required(ids("terminals_allowed", "terminals", kAnyTerminal)),
                             required(date("valid_from")),
                             required(date("valid_to")),
                             required(choice("status", kMediaStatus)),
                             date("sanitised_on"),
                             text("sanitise_method", 64),
                             reference("sanitise_witness", "operators")};

constexpr Column kCertificates[] = {hex("cert_sha256", 64), reference("terminal_id", "terminals"), time("issued_at"),
                                    time("not_after"), time("revoked_at"), text("revoke_reason")};

// --- people (section 6, decision 24) --------------------------------------------------------------------------------

constexpr std::string_view kEmployers[] = {"employee", "volunteer", "contractor", "other_agency"};
constexpr std::string_view kRoles[] = {"FAO", "LTFAO", "practitioner", "administrator", "technician", "none"};
constexpr std::string_view kAccessStatus[] = {"pending", "active", "suspended", "revoked", "expired"};
constexpr std::string_view kClearance[] = {"cleared", "cleared_by_agency_head", "denied"};
constexpr std::string_view kExamKinds[] = {"FAO", "LTFAO"};
constexpr Column kOperators[] = {id("operator_ref"),
                                 required(text("staff_id", 64)),
                                 required(text("display_name")),
                                 texts("os_accounts"),
                                 required(choice("employer_kind", kEmployers)),
                                 required(flag("sworn")),
                                 required(choice("role", kRoles)),
                                 required(date("appointed_on")),
                                 required(text("unit")),
                                 required(reference("site_id", "sites")),
                                 required(reference("supervisor", "operators", kNone)),
                                 required(choice("access_status", kAccessStatus)),
                                 date("access_from"),
                                 date("access_to"),
                                 date("fingerprint_cleared_on"),
                                 date("background_cleared_on"),
                                 choice("clearance_result", kClearance),
                                 reference("clearance_decided_by", "operators"),
                                 date("clearance_decided_on"),
                                 date("clearance_review_due"),
                                 date("employee_statement_signed_on"),
                                 date("security_addendum_signed_on"),
                                 date("initial_training_on"),
                                 date("security_awareness_on"),
                                 integer("security_awareness_score", 0, 100),
                                 date("proficiency_exam_on"),
                                 choice("exam_kind", kExamKinds),
                                 integer("exam_score", 0, 100),
                                 date("dmv_statement_on"),
                                 date("areas_of_liability_signed_on"),
                                 date("rules_of_behavior_on"),
                                 date("separated_on"),
                                 date("transferred_on"),
                                 otherwise("false", flag("escort_required"))};

constexpr std::string_view kStaffRoles[] = {"SPOC",    "ACC", "PSD_director", "PSD_investigator",
                                            "auditor", "CCA", "administrator"};
constexpr std::string_view kStandings[] = {"holder", "deputy", "alternate"};
constexpr Column kStaffRoleHolders[] = {id("holding_id"),
                             required(choice("staff_role", kStaffRoles)),
                             required(choice("standing", kStandings)),
                             required(reference("operator_ref", "operators")),
                             token("account"),
                             of_kind(CellKind::calendar, "on_duty"),
                             required(date("holds_from")),
                             date("holds_to")};

constexpr std::string_view kAgreementKinds[] = {"management_control_public", "management_control_private",
                                                "security_addendum", "subscriber", "placement"};
constexpr Column kAgreements[] = {id("agreement_id"),
                                  required(choice("kind", kAgreementKinds)),
                                  required(text("party")),
                                  required(date("signed_on")),
                                  required(date("review_due")),
                                  date("ended_on"),
                                  text("reference", 64),
                                  ids("persons", "operators")};

// --- windows and exceptions (section 7) -----------------------------------------------------------------------------

constexpr Column kEnrolments[] = {id("enrolment_id"), required(reference("terminal_id", "terminals")),
                                  required(time("from")), required(time("to")), required(token("performed_by"))};

constexpr std::string_view kWindowKinds[] = {"maintenance", "visitor"};
constexpr Column kWindows[] = {id("window_id"),
                               required(choice("kind", kWindowKinds)),
                               ids("terminals", "terminals"),
                               reference("room_id", "rooms"),
                               required(time("from")),
                               required(time("to")),
                               text("work", 256),
                               text("performed_by"),
                               reference("escort", "operators"),
                               reference("approved_by", "operators"),
                               text("visitor_org"),
                               text("purpose", 256),
                               flag("id_checked"),
                               time("time_in"),
                               time("time_out")};

constexpr Column kExceptions[] = {id("exception_id"),
                                  required(of_kind(CellKind::rule, "rule_id")),
                                  reference("site_id", "sites"),
                                  ids("terminals", "terminals"),
                                  ids("operators", "operators"),
                                  ids("media", "media"),
                                  required(text("reason", 256)),
                                  required(reference("requested_by", "operators")),
                                  required(reference("approved_by", "operators")),
                                  reference("approved_by_psd", "operators"),
                                  required(time("from")),
                                  required(time("to"))};

// In the order in which they refer to each other.
constexpr Register kRegisters[] = {
    {"calendars", "registry.change", kCalendars},
    {"agency", "registry.change", kAgency},
    {"sites", "registry.change", kSites},
    {"travel_times", "registry.change", kTravelTimes},
    {"operators", "operator.change", kOperators},
    {"staff_roles", "operator.change", kStaffRoleHolders},
    {"agreements", "registry.change", kAgreements},
    {"rooms", "registry.change", kRooms},
    {"printers", "registry.change", kPrinters},
    {"terminals", "registry.change", kTerminals},
    {"certificates", "registry.change", kCertificates, true},
    {"media", "registry.change", kMedia},
    {"enrolments", "window.change", kEnrolments},
    {"windows", "window.change", kWindows},
    {"maintenance_log", "registry.change", kMaintenanceLog},
    {"exceptions", "window.change", kExceptions},
};

}  // namespace

const Column* Register::find(std::string_view column) const {
    const auto at = std::find_if(columns.begin(), columns.end(),
                                 [&](const Column& candidate) { return candidate.name == column; });
    return at == columns.end() ? nullptr : &*at;
}

std::span<const Register> all_registers() { return kRegisters; }

const Register* find_register(std::string_view name) {
    const auto* at = std::find_if(std::begin(kRegisters), std::end(kRegisters),
                                  [&](const Register& candidate) { return candidate.name == name; });
    return at == std::end(kRegisters) ? nullptr : at;
}

}  // namespace sallyport::registers
