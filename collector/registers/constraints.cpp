// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/constraints.hpp"

#include <algorithm>
#include <array>

#include "collector/registers/county_time.hpp"
#include "protocol/envelope.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

constexpr std::chrono::hours kMaintenanceMax{24};

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

class Check {
public:
    Check(const Register& table, const std::string& id, const Record& data, const RegisterView& view, std::string_view ori)
        : table_(table), id_(id), data_(data), view_(view), ori_(ori) {}

    std::vector<ColumnFault> run() {
        check_references();
        if (table_.name == "terminals")
            check_terminal();
        else if (table_.name == "printers")
            check_printer();
        else if (table_.name == "media")
            check_medium();
        else if (table_.name == "operators")
            check_operator();
        else if (table_.name == "windows")
            check_window();
        else if (table_.name == "enrolments")
            check_period("from", "to");
        return std::move(faults_);
    }

private:
    [[nodiscard]] std::string_view text(std::string_view field) const { return text_of(data_, field); }
    [[nodiscard]] bool has(std::string_view field) const { return data_.contains(field); }
    void fault(std::string_view column, std::string reason) { faults_.push_back({std::string(column), std::move(reason)}); }
    void need(std::string_view column, std::string_view when) {
        if (!has(column))
            fault(column, "is required " + std::string(when));
    }

    void check_references() {
        for (const Column& column : table_.columns) {
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
        if (text("ori") != ori_)
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
        constexpr std::array<std::string_view, 4> kServers = {"broker", "server", "collector-receive", "collector-send"};
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
            for (const auto column : {"licensed_on", "license_ref", "approved_by"})
                need(column, "of a licensed terminal (directive II.B.1)");
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
        for (const Value& card : list_of(data_, "nics")) {
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
    }

    void check_window() {
        check_period("from", "to");
        if (text("kind") == "maintenance") {
            for (const auto column : {"terminals", "work", "performed_by", "approved_by"})
                need(column, "of a maintenance window");
            if (has("approved_by") && text("approved_by") == text("performed_by"))
                fault("approved_by", "nobody approves their own window");
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
    }
    return forced;
}

std::vector<ColumnFault> check_entry(const Register& table, const std::string& id, const Record& data,
                                     const RegisterView& view, std::string_view ori) {
    return Check(table, id, data, view, ori).run();
}

bool camera_is_forbidden_in(std::string_view room_type) { return cameras_are_forbidden_in(room_type); }

}  // namespace sallyport::registers
