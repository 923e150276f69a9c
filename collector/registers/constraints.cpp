// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/constraints.hpp"

#include <algorithm>
#include <array>

#include "collector/registers/calendar.hpp"
#include "protocol/envelope.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

constexpr std::chrono::hours kMaintenanceMax{24};
constexpr std::chrono::hours kExceptionMax{90 * 24};
constexpr std::string_view kFarAway = "9999-12-31";  // a period without an end

// What a licensed terminal's entry holds besides what every terminal's does (dictionary section 4). By hand come the
// licence, its approval and the mnemonic; enrolment proposes the rest (decision 25).
constexpr std::array<std::string_view, 19> kOfLicensed = {
    "licensed_on",   "license_ref",  "license_review_due", "approved_by",      "desk",
    "manufacturer",  "model",        "system_serial",      "board_serial",     "asset_tag",
    "supplier",      "installed_on", "disk_serials",       "nics",             "os_name",
    "os_build_allowed", "firmware_allowed", "agent_version_allowed", "agent_config_sha256"};

// Rules about a person (catalogue, section 1): an exception to one takes the PSD's word, too.
constexpr std::array<std::string_view, 24> kPersonRules = {
    "IDN-07", "FWB-03", "USB-02", "USB-06", "USB-10", "USB-11", "PRN-02", "PRN-06", "PRN-09", "CAM-06", "CAM-08", "SES-10",
    "AGT-03", "AGT-12", "COR-01", "COR-02", "COR-03", "COR-06", "COR-07", "COR-08", "COR-10", "COR-11", "COR-13", "GOV-08"};

bool is_person_rule(std::string_view rule) {
    return rule.starts_with("OPR-") || std::find(kPersonRules.begin(), kPersonRules.end(), rule) != kPersonRules.end();
}

const List& list_of(const Record& data, std::string_view name) {
    static const List kEmpty;
    const Value* value = data.find(name);
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    return list == nullptr ? kEmpty : *list;
}

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

// Labor Code 435: no recording in rest rooms, locker rooms and rooms for changing clothes.
bool cameras_are_forbidden_in(std::string_view room_type) {
    constexpr std::array<std::string_view, 4> kForbidden = {"restroom", "locker_room", "changing_room", "lactation_room"};
    return std::find(kForbidden.begin(), kForbidden.end(), room_type) != kForbidden.end();
}

bool is_never_approvable(const Record& printer) {
    const auto kind = text_of(printer, "kind");
    return kind == "virtual" || kind == "redirected";
}

bool is_active(const Record& terminal) {
    const auto status = text_of(terminal, "status");
    return status != "retired" && status != "lost" && status != "stolen";
}

// The one who holds a staff role at this time, or nothing.
std::string_view holder_of(const RegisterView& view, std::string_view role) {
    const std::string today = format_date(county_day(view.now()));
    for (const auto& [id, entry] : view.entries("staff_roles"))
        if (text_of(entry, "staff_role") == role && text_of(entry, "standing") == "holder" &&
            text_of(entry, "holds_from") <= today && today <= text_of(entry, "holds_to", kFarAway))
            return text_of(entry, "operator_ref");
    return {};
}

class Check {
public:
    Check(const Register& table, const std::string& id, const Record& data, const RegisterView& view, std::string_view ori)
        : table_(table), id_(id), data_(data), view_(view), ori_(ori) {}

    std::vector<ColumnFault> run();

private:
    struct RegisterCheck {
        std::string_view name;
        void (Check::*check)();
    };
    static const RegisterCheck kChecks[];  // registers with rules beyond their columns

    [[nodiscard]] std::string_view text(std::string_view field) const { return text_of(data_, field); }
    [[nodiscard]] bool has(std::string_view field) const { return data_.contains(field); }
    void fault(std::string_view column, std::string reason) { faults_.push_back({std::string(column), std::move(reason)}); }
    void need(std::string_view column, std::string_view when) {
        if (!has(column))
            fault(column, "is required " + std::string(when));
    }

    void check_references() {
        for (const Column& column : table_.columns) {
            if (column.kind == CellKind::calendar && has(column.name) && names_calendar(text(column.name)) &&
                view_.find("calendars", text(column.name)) == nullptr)
                fault(column.name, in_quotes(text(column.name)) + " is not in the register calendars");
            if (column.kind == CellKind::id && !column.refers_to.empty() && has(column.name))
                check_reference(column, text(column.name));
            if (column.kind == CellKind::ids)
                for (const Value& item : list_of(data_, column.name))
                    check_reference(column, *item.as<std::string>());
            if (column.kind == CellKind::devices)
                for (const Value& item : list_of(data_, column.name))
                    check_device(column, *item.as<std::string>());
        }
    }

    void check_reference(const Column& column, std::string_view id) {
        const bool is_word = std::find(column.choices.begin(), column.choices.end(), id) != column.choices.end();
        if (!is_word && view_.find(column.refers_to, id) == nullptr)
            fault(column.name, in_quotes(id) + " is not in the register " + std::string(column.refers_to));
    }

    void check_device(const Column& column, std::string_view device) {
        if (device.find(':') != std::string_view::npos)
            return;
        const Record* medium = view_.find("media", device);
        if (medium == nullptr)
            fault(column.name, in_quotes(device) + " is not in the register media");
        else if (text_of(*medium, "kind") == "phone_or_mtp")
            fault(column.name, in_quotes(device) + " is a phone or camera, which is never allowed (CSP MP-7)");
    }

    // --- terminals ------------------------------------------------------------------------------------------------

    void check_terminal() {
        check_name();
        if (!is_agency_ori(text("ori")))
            fault("ori", in_quotes(text("ori")) + " is not the agency's " + in_quotes(ori_));
        check_address();
        check_standing();
        check_lock();
        check_devices();
        const Record* room = view_.find("rooms", text("room_id"));
        if (room == nullptr)
            return;
        if (has("site_id") && text_of(*room, "site_id") != text("site_id"))
            fault("site_id", "is not the site of room " + in_quotes(text("room_id")));
        check_camera(*room);
        if ((text("lock_exempt") == "dispatch" || text("lock_exempt") == "receive_only") && text_of(*room, "zone") != "secure")
            fault("lock_exempt", "is possible only in a secure zone (CSP AC-11)");
    }

    // The id is a level of a topic and the CN of a certificate: it must not be mistaken for one of the server's own.
    void check_name() {
        constexpr std::array<std::string_view, 5> kServers = {"broker", "server", "collector-receive", "collector-send", "watch"};
        if (!is_terminal_id(id_))
            fault("terminal_id", "must be of letters, digits, dot, dash and underscore");
        if (std::find(kServers.begin(), kServers.end(), id_) != kServers.end())
            fault("terminal_id", "is the name of one of the server's own certificates");
    }

    void check_address() {
        if (text("addressing") == "pooled")
            need("terminal_identifier", "where mnemonics are pooled");
        else
            need("clets_mnemonic", "unless mnemonics are pooled");
        if (!has("clets_mnemonic") || !is_active(data_))
            return;
        for (const auto& [other, entry] : view_.entries("terminals"))
            if (other != id_ && is_active(entry) && text_of(entry, "clets_mnemonic") == text("clets_mnemonic"))
                fault("clets_mnemonic", "is also that of the active terminal " + in_quotes(other));
    }

    void check_standing() {
        if (text("status") == "licensed")
            for (const std::string_view column : missing_of_licensed(data_))
                need(column, "of a licensed terminal (directive II.B.1; CSP CM-8)");
        if (has("approved_by"))
            check_holds_role("approved_by", "ACC", "");
        if (text("status") == "retired")
            for (const auto column : {"decommissioned_on", "decommission_method", "decommission_witness",
                                      "decommission_certificate"})
                need(column, "of a retired terminal (CSP MP-6)");
    }

    void check_lock() {
        if (text("lock_exempt") != "none")
            need("lock_exempt_approved_by", "for an exemption from the screen lock");
    }

    void check_devices() {
        if (flag_of(data_, "wireless_approved"))
            need("wireless_ref", "of an approval of wireless (CSP AC-18)");
        for (const Value& card : list_of(data_, "nics")) {
            if (*card.as<std::string>() == "none")
                continue;
            const auto type = std::string_view(*card.as<std::string>()).substr(18);
            if ((type == "wifi" || type == "cellular") && !flag_of(data_, "wireless_approved"))
                fault("nics", "a wireless card needs wireless_approved (CSP AC-18)");
        }
        if (text("usb_policy") == "allowlist")
            need("usb_allowlist", "for the USB policy allowlist");
        else if (has("usb_allowlist"))
            fault("usb_allowlist", "has a meaning only for the USB policy allowlist");
        for (const Value& item : list_of(data_, "printers_allowed")) {
            const Record* printer = view_.find("printers", *item.as<std::string>());
            if (printer != nullptr && text_of(*printer, "approved_on").empty())
                fault("printers_allowed", in_quotes(*item.as<std::string>()) + " is not an approved printer");
        }
    }

    // Camera off by default; only after notice and bargaining (policy-facts section 0, item 3).
    void check_camera(const Record& room) {
        if (!flag_of(data_, "camera_enabled"))
            return;
        if (!flag_of(room, "camera_permitted"))
            fault("camera_enabled", "room " + in_quotes(text("room_id")) + " does not permit a camera");
        else if (text_of(room, "notice_posted_on").empty())
            fault("camera_enabled", "room " + in_quotes(text("room_id")) + " has no posted notice");
        if (!flag_of(data_, "camera_sensor"))
            fault("camera_enabled", "no camera is fitted (camera_sensor)");
        need("bargaining_ref", "where the camera is enabled");
    }

    // --- the agency, rooms and people's roles -----------------------------------------------------------------------

    [[nodiscard]] bool is_agency_ori(std::string_view ori) const {
        const Record* agency = view_.find("agency", ori_);
        if (agency == nullptr)
            return ori == ori_;
        const List& oris = list_of(*agency, "agency_oris");
        return std::find(oris.begin(), oris.end(), Value(ori)) != oris.end();
    }

    void check_room() {
        if (flag_of(data_, "camera_permitted") && !has("notice_posted_on") && has_camera())
            fault("notice_posted_on", "is required while a terminal's camera is enabled in this room");
    }

    [[nodiscard]] bool has_camera() const {
        const auto& terminals = view_.entries("terminals");
        return std::any_of(terminals.begin(), terminals.end(), [&](const auto& terminal) {
            return text_of(terminal.second, "room_id") == id_ && flag_of(terminal.second, "camera_enabled");
        });
    }

    void check_calendar() {
        if (!names_calendar(id_))
            fault("calendar_id", "must be of letters, digits, dot, dash and underscore, and not `always`");
        if (names_calendar(text("hours")))
            fault("hours", "must be the hours themselves, not another calendar");
    }

    void check_agency() {
        if (id_ != ori_)
            fault("agency_id", in_quotes(id_) + " is not the agency's " + in_quotes(ori_));
        const List& oris = list_of(data_, "agency_oris");
        if (has("agency_oris") && std::find(oris.begin(), oris.end(), Value(id_)) == oris.end())
            fault("agency_oris", "does not name the agency itself");
    }

    void check_travel_time() {
        if (text("from_site") == text("to_site"))
            fault("to_site", "is the site from which the way begins");
        for (const auto& [other, entry] : view_.entries("travel_times")) {
            const auto from = text_of(entry, "from_site"), to = text_of(entry, "to_site");
            const bool same = (from == text("from_site") && to == text("to_site")) ||
                              (from == text("to_site") && to == text("from_site"));
            if (other != id_ && same)
                fault("to_site", "these two sites are also those of " + in_quotes(other));
        }
    }

    // One holder of a role at a time; as many deputies and alternates as there are.
    void check_staff_role() {
        if (has("holds_to") && text("holds_to") < text("holds_from"))
            fault("holds_to", "is before holds_from");
        const auto role = text("staff_role");
        if (text("standing") != "holder" || (role != "SPOC" && role != "ACC" && role != "PSD_director" && role != "CCA"))
            return;
        for (const auto& [other, entry] : view_.entries("staff_roles"))
            if (other != id_ && text_of(entry, "staff_role") == role && text_of(entry, "standing") == "holder" &&
                text_of(entry, "holds_from") <= text_of(data_, "holds_to", kFarAway) &&
                text("holds_from") <= text_of(entry, "holds_to", kFarAway))
                fault("standing", in_quotes(other) + " is the holder of that role at the same time");
    }

    void check_agreement() {
        if (has("review_due") && text("review_due") < text("signed_on"))
            fault("review_due", "is before signed_on");
        if (has("ended_on") && text("ended_on") < text("signed_on"))
            fault("ended_on", "is before signed_on");
        if (text("kind") == "security_addendum")
            need("persons", "of a Security Addendum: who signed it");
    }

    void check_maintenance() {
        const Record* window = view_.find("windows", text("window_id"));
        if (has("window_id") && window == nullptr)
            return;  // named already
        if (window != nullptr) {
            const List& terminals = list_of(*window, "terminals");
            if (std::find(terminals.begin(), terminals.end(), Value(text("terminal_id"))) == terminals.end())
                fault("window_id", in_quotes(text("window_id")) + " is not a window of this terminal");
        }
    }

    // --- exceptions -------------------------------------------------------------------------------------------------

    // Asked, and approved by other people; of a rule about a person by the PSD as well (dictionary section 7, CSP AC-5).
    void check_exception() {
        check_period("from", "to");
        if (period("from", "to") > kExceptionMax)
            fault("to", "is more than 90 days after from");
        if (!has("site_id") && !has("terminals") && !has("operators") && !has("media"))
            fault("site_id", "is required, or terminals, operators or media: an exception has a scope");
        for (const std::string_view column : {"approved_by", "approved_by_psd"})
            if (has(column) && text(column) == text("requested_by"))
                fault(column, "nobody approves their own exception");
        check_holds_role("approved_by", "SPOC", text("from"));
        if (is_person_rule(text("rule_id")))
            need("approved_by_psd", "for a rule about a person");
        if (!has("approved_by_psd"))
            return;
        if (text("approved_by_psd") == text("approved_by"))
            fault("approved_by_psd", "is the SPOC's approver, too: two people approve");
        check_holds_role("approved_by_psd", "PSD", text("from"));
    }

    // A role is told by its word or its beginning (PSD). While nobody is registered for a role, nobody is refused.
    void check_holds_role(std::string_view column, std::string_view role, std::string_view from) {
        if (!has(column))
            return;
        bool known = false;
        for (const auto& [id, entry] : view_.entries("staff_roles")) {
            if (!text_of(entry, "staff_role").starts_with(role))
                continue;
            known = true;
            const bool holds = from.empty() || (text_of(entry, "holds_from") <= from.substr(0, 10) &&
                                                from.substr(0, 10) <= text_of(entry, "holds_to", kFarAway));
            if (holds && text_of(entry, "operator_ref") == text(column))
                return;
        }
        if (known)
            fault(column, in_quotes(text(column)) + " does not hold the role " + std::string(role));
    }

    // --- the others -----------------------------------------------------------------------------------------------

    void check_printer() {
        const Record* room = view_.find("rooms", text("room_id"));
        if (room != nullptr && text_of(*room, "site_id") != text("site_id"))
            fault("site_id", "is not the site of room " + in_quotes(text("room_id")));
        if (room != nullptr && has("zone") && text_of(*room, "zone") != text("zone"))
            fault("zone", "is not the zone of room " + in_quotes(text("room_id")));
        if (!has("room_id"))
            need("zone", "without a room");
        if (is_never_approvable(data_)) {
            for (const auto column : {"approved_on", "approved_by"})
                if (has(column))
                    fault(column, "a virtual or redirected printer can never be approved (CSP PE-5, MP-2)");
        } else if (has("approved_on") != has("approved_by"))
            fault(has("approved_on") ? "approved_by" : "approved_on", "is required: who approved it, and when");
        for (const std::string_view column : {"queue", "printer_hash"})
            check_unique(column);
    }

    void check_unique(std::string_view column) {
        if (!has(column))
            return;
        for (const auto& [other, entry] : view_.entries(table_.name))
            if (other != id_ && text_of(entry, column) == text(column))
                fault(column, "is also that of " + in_quotes(other));
    }

    void check_medium() {
        if (text("ownership") == "personal")
            fault("ownership", "personally owned media are never allowed (CSP MP-7)");
        if (text("kind") == "phone_or_mtp" && text("status") == "issued")
            fault("kind", "a phone or camera is never approved as media (CSP MP-7)");
        if (text("valid_to") < text("valid_from"))
            fault("valid_to", "is before valid_from");
        if (text("status") == "destroyed")
            for (const auto column : {"sanitised_on", "sanitise_method", "sanitise_witness"})
                need(column, "of destroyed media (CSP MP-6)");
        check_unique("serial_hash");
    }

    void check_operator() {
        for (const auto& [other, entry] : view_.entries("operators"))
            for (const Value& account : list_of(data_, "os_accounts")) {
                const List& theirs = list_of(entry, "os_accounts");
                if (other != id_ && std::find(theirs.begin(), theirs.end(), account) != theirs.end())
                    fault("os_accounts", in_quotes(*account.as<std::string>()) + " is also an account of " + in_quotes(other));
            }
        if (text("supervisor") == id_)
            fault("supervisor", "nobody supervises themselves");
        if (has("access_from") && has("access_to") && text("access_to") < text("access_from"))
            fault("access_to", "is before access_from");
        if (has("proficiency_exam_on"))
            for (const auto column : {"exam_kind", "exam_score"})
                need(column, "of an exam");
        if (text("clearance_result") == "cleared_by_agency_head" || text("clearance_result") == "denied")
            for (const auto column : {"clearance_decided_by", "clearance_decided_on"})
                need(column, "of a decision on clearance (directive II.B.2)");
        if (text("clearance_decided_by") == id_)
            fault("clearance_decided_by", "nobody clears themselves");
        if (has("security_awareness_score"))
            need("security_awareness_on", "of a score");
        if (text("access_status") != "active")
            return;
        for (const auto column : {"access_from", "access_to"})
            need(column, "of active access");
        if (text("role") == "FAO" || text("role") == "LTFAO")
            need("os_accounts", "of an active operator");
    }

    void check_window() {
        check_period("from", "to");
        if (text("kind") == "maintenance") {
            for (const auto column : {"terminals", "work", "performed_by", "approved_by"})
                need(column, "of a maintenance window");
            for (const auto column : {"performed_by", "escort"})
                if (has("approved_by") && text("approved_by") == text(column)) {
                    fault("approved_by", "nobody approves their own window");
                    break;
                }
            if (period("from", "to") > kMaintenanceMax)
                fault("to", "is more than 24 hours after from");
        }
        if (text("kind") == "visitor") {
            for (const auto column : {"room_id", "visitor_org", "purpose", "escort", "id_checked"})
                need(column, "of a visitor window (CSP PE-8)");
            check_period("time_in", "time_out");
        }
    }

    [[nodiscard]] std::chrono::milliseconds period(std::string_view from, std::string_view to) const {
        const auto begin = parse_time(text(from)), end = parse_time(text(to));
        return begin && end ? *end - *begin : std::chrono::milliseconds(0);
    }

    void check_enrolment() { check_period("from", "to"); }

    void check_period(std::string_view from, std::string_view to) {
        if (has(from) && has(to) && period(from, to) <= std::chrono::milliseconds(0))
            fault(to, "is not after " + std::string(from));
    }

    const Register& table_;
    const std::string& id_;
    const Record& data_;
    const RegisterView& view_;
    std::string_view ori_;
    std::vector<ColumnFault> faults_;
};

const Check::RegisterCheck Check::kChecks[] = {
    {"rooms", &Check::check_room},
    {"terminals", &Check::check_terminal},
    {"printers", &Check::check_printer},
    {"media", &Check::check_medium},
    {"operators", &Check::check_operator},
    {"windows", &Check::check_window},
    {"enrolments", &Check::check_enrolment},
    {"calendars", &Check::check_calendar},
    {"agency", &Check::check_agency},
    {"travel_times", &Check::check_travel_time},
    {"staff_roles", &Check::check_staff_role},
    {"agreements", &Check::check_agreement},
    {"maintenance_log", &Check::check_maintenance},
    {"exceptions", &Check::check_exception},
};

std::vector<ColumnFault> Check::run() {
    check_references();
    for (const auto& [name, check] : kChecks)
        if (table_.name == name)
            (this->*check)();
    return std::move(faults_);
}

}  // namespace

std::vector<ColumnFault> complete_entry(const Register& table, Record& data, const RegisterView& view) {
    std::vector<ColumnFault> forced;
    if (table.name == "rooms" && flag_of(data, "camera_permitted") && cameras_are_forbidden_in(text_of(data, "room_type"))) {
        data.set("camera_permitted", false);
        forced.push_back({"camera_permitted", "set to false: Labor Code 435 forbids cameras in this kind of room"});
    }
    if (table.name == "terminals") {
        const Record* room = view.find("rooms", text_of(data, "room_id"));
        if (!data.contains("site_id") && room != nullptr)
            data.set("site_id", text_of(*room, "site_id"));
        const auto licensed_on = parse_date(text_of(data, "licensed_on"));
        if (!data.contains("license_review_due") && licensed_on)
            data.set("license_review_due", format_date(add_months(*licensed_on, 12)));
        if (!data.contains("desk") && room != nullptr)
            data.set("desk", text_of(*room, "room_label"));
        if (!data.contains("approved_by") && licensed_on)
            if (const auto coordinator = holder_of(view, "ACC"); !coordinator.empty())
                data.set("approved_by", coordinator);
    }
    if (table.name == "operators" && text_of(data, "role") == "technician" && !data.contains("clearance_result") &&
        !flag_of(data, "escort_required")) {
        data.set("escort_required", true);
        forced.push_back({"escort_required", "set to true: a technician without clearance is escorted (directive II.B.2)"});
    }
    return forced;
}

std::vector<std::string_view> missing_of_licensed(const Record& terminal) {
    std::vector<std::string_view> missing;
    for (const std::string_view column : kOfLicensed)
        if (!terminal.contains(column))
            missing.push_back(column);
    return missing;
}

std::vector<ColumnFault> check_entry(const Register& table, const std::string& id, const Record& data,
                                     const RegisterView& view, std::string_view ori) {
    return Check(table, id, data, view, ori).run();
}

bool camera_is_forbidden_in(std::string_view room_type) { return cameras_are_forbidden_in(room_type); }

}  // namespace sallyport::registers
