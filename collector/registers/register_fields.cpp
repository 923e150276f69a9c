// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_fields.hpp"

#include <algorithm>

#include "collector/registers/authorisation.hpp"
#include "collector/registers/calendar.hpp"
#include "collector/registers/hardware_comparison.hpp"
#include "collector/registers/ip_address.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

// Flags of the terminal's entry as they stand.
constexpr std::pair<std::string_view, std::string_view> kTerminalFlags[] = {
    {"terminal.privacy_filter", "privacy_filter"},
    {"terminal.wireless_approved", "wireless_approved"},
    {"terminal.secure_boot_required", "secure_boot_required"},
    {"terminal.removable_boot_allowed", "removable_boot_allowed"},
};

struct Identity {
    std::string_view name, column, field;
};
constexpr Identity kIdentities[] = {
    {"terminal.mnemonic_matches", "clets_mnemonic", "mnemonic"},
    {"terminal.identifier_matches", "terminal_identifier", "terminal_identifier"},
    {"terminal.ori_matches", "ori", "ori"},
};

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return result;
}

bool contains(const Record& data, std::string_view field, std::string_view text) {
    const Value* value = data.find(field);
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    return list != nullptr && std::any_of(list->begin(), list->end(), [&](const Value& item) {
               const auto* entry = item.as<std::string>();
               return entry != nullptr && *entry == text;
           });
}

List to_list(const std::vector<std::string>& texts) {
    List list;
    for (const std::string& text : texts)
        list.emplace_back(text);
    return list;
}

// From `from` on, up to but not including `to`.
bool covers(const Record& window, WallTime time) {
    const auto from = parse_time(text_of(window, "from"));
    const auto to = parse_time(text_of(window, "to"));
    return from && to && *from <= time && time < *to;
}

// The fields of one event, gathered step by step.
class RegisterFields {
public:
    RegisterFields(const RegisterSnapshot& registers, const Event& event, std::string_view terminal_id, Moment moment)
        : registers_(registers), event_(event), terminal_id_(terminal_id), moment_(moment) {}

    Record gather() {
        terminal_ = registers_.find("terminals", terminal_id_, moment_);
        room_ = registers_.find("rooms", terminal_ != nullptr ? text_of(*terminal_, "room_id") : own("room_id"), moment_);
        if (!terminal_id_.empty() || !is_sweep())
            fields_.set("terminal.registered", terminal_ != nullptr);
        if (terminal_ != nullptr)
            add_terminal();
        add_place();
        add_operator();
        add_windows();
        if (event_.type.starts_with("usb."))
            add_media();
        else if (event_.type == "print.job" || event_.type == "printer.change")
            add_printer();
        else if (terminal_ != nullptr)
            add_comparison();
        return std::move(fields_);
    }

private:
    void add_text(std::string_view name, const Record& from, std::string_view field) {
        if (const auto text = text_of(from, field); !text.empty())
            fields_.set(name, text);
    }

    [[nodiscard]] bool is_sweep() const { return event_.type.starts_with("sweep."); }
    // What a line of the sweep names itself; no terminal is believed what it says of such things.
    [[nodiscard]] std::string_view own(std::string_view field) const {
        return is_sweep() ? text_of(event_.body, field) : std::string_view();
    }
    // A line that came from the terminal itself, with the configuration that it was under.
    [[nodiscard]] bool is_terminals_own() const {
        return event_.terminal_id == terminal_id_ && !event_.config_sha256.empty();
    }

    void add_flag(std::string_view name, const Record& from, std::string_view field) {
        if (from.contains(field))
            fields_.set(name, flag_of(from, field));
    }

    // --- the terminal and what it reports of itself -------------------------------------------------------------------

    void add_terminal() {
        const auto licensed_on = parse_date(text_of(*terminal_, "licensed_on"));
        const auto lock_minutes = integer_of(*terminal_, "screen_lock_minutes", 15);
        add_text("terminal.status", *terminal_, "status");
        fields_.set("terminal.licensed", text_of(*terminal_, "status") == "licensed" && licensed_on &&
                                             *licensed_on <= county_day(moment_.as_of));
        add_text("terminal.site", *terminal_, "site_id");
        add_text("terminal.room", *terminal_, "room_id");
        fields_.set("terminal.lock_minutes", lock_minutes);
        fields_.set("terminal.idle_limit_s", lock_minutes * 60 + 60);
        fields_.set("terminal.lock_exempt", text_of(*terminal_, "lock_exempt", "none") != "none");
        // A room in which cameras are forbidden since then is stronger than the terminal's own setting.
        fields_.set("terminal.camera_enabled", flag_of(*terminal_, "camera_enabled") &&
                                                   (room_ == nullptr || flag_of(*room_, "camera_permitted")));
        add_text("terminal.usb_policy", *terminal_, "usb_policy");
        fields_.set("terminal.heartbeat_s", integer_of(*terminal_, "heartbeat_s", 60));
        add_text("terminal.duty_profile", *terminal_, "duty_profile");
        add_text("terminal.model", *terminal_, "model");
        add_text("terminal.addressing", *terminal_, "addressing");
        fields_.set("terminal.displays", integer_of(*terminal_, "displays", 1));
        if (const Value* baseline = terminal_->find("sensor_baseline"))
            fields_.set("terminal.sensor_baseline", *baseline);
        fields_.set("terminal.camera_bargained", terminal_->contains("bargaining_ref"));
        for (const auto& [name, field] : kTerminalFlags)
            add_flag(name, *terminal_, field);
        if (is_terminals_own() && terminal_->contains("agent_config_sha256"))
            fields_.set("agent.config_expected", text_of(*terminal_, "agent_config_sha256") == event_.config_sha256);
    }

    // What an event of the terminal says of it, held against its entry; without an answer where either says nothing.
    void add_comparison() {
        if (event_.type == "device.identity")
            add_identity();
        else if (event_.type == "agent.start")
            add_release(text_of(event_.body, "version"), text_of(event_.body, "sha256"));
        else if (event_.type == "device.network")
            add_network();
        else if (event_.type == "device.firmware")
            add_firmware();
        else if (event_.type == "device.boot")
            add_member("boot.measure_allowed", "boot_measure_allowed", text_of(event_.body, "measure_digest"));
        else if (event_.type == "agent.sensor")
            add_sensor();
    }

    void add_identity() {
        add_hardware();
        for (const auto& [name, column, field] : kIdentities) {
            const auto registered = text_of(*terminal_, column), reported = text_of(event_.body, field);
            if (!registered.empty() && !reported.empty())
                fields_.set(name, registered == upper(reported));
        }
        if (const auto ori = text_of(event_.body, "ori"); !ori.empty())
            registers_.each("agency", moment_, [&](const auto&, const Record& agency) {
                fields_.set("agency.ori_matches", contains(agency, "agency_oris", upper(ori)));
            });
        add_member("terminal.os_build_allowed", "os_build_allowed", text_of(event_.body, "os_build"));
        add_release(text_of(event_.body, "agent_version"), text_of(event_.body, "agent_sha256"));
    }

    void add_member(std::string_view name, std::string_view column, std::string_view reported) {
        if (!reported.empty() && terminal_->contains(column))
            fields_.set(name, contains(*terminal_, column, reported));
    }

    // `version` alone in the register takes every file of that version.
    void add_release(std::string_view version, std::string_view digest) {
        if (version.empty() || !terminal_->contains("agent_version_allowed"))
            return;
        fields_.set("agent.version_allowed",
                    contains(*terminal_, "agent_version_allowed", version) ||
                        (!digest.empty() && contains(*terminal_, "agent_version_allowed",
                                                     std::string(version) + "/" + std::string(digest))));
    }

    void add_firmware() {
        if (!terminal_->contains("firmware_allowed"))
            return;
        const std::string version =
            std::string(text_of(event_.body, "component")) + "/" + std::string(text_of(event_.body, "version"));
        const auto digest = text_of(event_.body, "digest");
        fields_.set("firmware.allowed", contains(*terminal_, "firmware_allowed", version) ||
                                            (!digest.empty() && contains(*terminal_, "firmware_allowed",
                                                                         version + "/" + std::string(digest))));
    }

    void add_sensor() {
        const auto state = text_of(event_.body, "state");
        fields_.set("sensor.accepted",
                    state == "ok" || contains(*terminal_, "sensor_baseline",
                                              std::string(text_of(event_.body, "sensor")) + "/" + std::string(state)));
    }

    // Whose subnet the address belongs to: the room's, another room's of the site, another site's, nobody's.
    void add_network() {
        const auto address = IpAddress::parse(text_of(event_.body, "ip"));
        if (!address || room_ == nullptr || !room_->contains("subnets"))
            return;
        if (contains(*room_, "subnets", "any") || is_within(*address, *room_)) {
            fields_.set("network.place", "room");
            return;
        }
        std::string_view place = "none";
        registers_.each("rooms", moment_, [&](const auto&, const Record& other) {
            if (!is_within(*address, other))
                return;
            const bool same_site = text_of(other, "site_id") == text_of(*terminal_, "site_id");
            place = same_site ? "site" : place == "site" ? place : "other_site";
        });
        fields_.set("network.place", place);
    }

    static bool is_within(const IpAddress& address, const Record& room) {
        const Value* subnets = room.find("subnets");
        const auto* list = subnets == nullptr ? nullptr : subnets->as<List>();
        return list != nullptr && std::any_of(list->begin(), list->end(), [&](const Value& item) {
                   const auto* subnet = item.as<std::string>();
                   return subnet != nullptr && address.is_within(*subnet);
               });
    }

    void add_hardware() {
        const HardwareDifference difference = compare_hardware(*terminal_, event_.body);
        fields_.set("terminal.hardware_changes", static_cast<std::int64_t>(difference.changed.size()));
        fields_.set("terminal.hardware_changed", to_list(difference.changed));
        fields_.set("terminal.tpm_changed", difference.tpm_changed);
    }

    // --- place, hours and person --------------------------------------------------------------------------------------

    void add_place() {
        if (const auto site = terminal_ != nullptr ? text_of(*terminal_, "site_id") : own("site_id"); !site.empty())
            fields_.set("site.id", site);
        if (room_ == nullptr)
            return;
        add_text("room.zone", *room_, "zone");
        add_text("room.type", *room_, "room_type");
        add_flag("room.mfa_required", *room_, "mfa_required");
        fields_.set("room.notice_posted", room_->contains("notice_posted_on"));
        const auto hours = working_hours(text_of(*room_, "allowed_hours"), [this](std::string_view id) {
            return registers_.find("calendars", id, moment_);
        });
        if (!hours)
            return;
        const bool open = hours->open_at(moment_.as_of);
        fields_.set("hours.open", open);
        if (const auto end = open ? std::nullopt : hours->last_end(moment_.as_of))
            fields_.set("hours.closed_s", seconds_since(*end));
    }

    [[nodiscard]] std::int64_t seconds_since(WallTime time) const {
        return std::chrono::floor<std::chrono::seconds>(moment_.as_of - time).count();
    }

    void add_operator() {
        if (const auto person = own("operator_ref"); !person.empty()) {
            fields_.set("operator.ref", person);
            if (const Record* entry = registers_.find("operators", person, moment_))
                add_person(std::string(person), *entry);
            return;
        }
        if (!event_.operator_account)
            return;
        bool known = false;
        registers_.each_with("operators", "os_accounts", *event_.operator_account, moment_,
                             [&](const std::string& id, const Record& entry) {
                                 known = true;
                                 fields_.set("operator.ref", id);
                                 add_person(id, entry);
                             });
        if (!known)
            add_authorisation(no_record());
    }

    void add_person(const std::string& id, const Record& entry) {
        const Date today = county_day(moment_.as_of);
        add_authorisation(authorisation_of(entry, today));
        fields_.set("operator.findings", to_list(review_operator(entry, today, addendum_review(registers_, id, moment_)).findings));
        add_text("operator.role", entry, "role");
        fields_.set("operator.escort_required", flag_of(entry, "escort_required"));
        if (terminal_ != nullptr)
            fields_.set("operator.assigned", !terminal_->contains("assigned_operators") ||
                                                 contains(*terminal_, "assigned_operators", "any_authorised") ||
                                                 contains(*terminal_, "assigned_operators", id));
    }

    void add_authorisation(const Authorisation& authorisation) {
        fields_.set("operator.authorisation", to_string(authorisation));
        fields_.set("operator.reasons", to_list(authorisation.reasons));
    }

    // --- what is attached and printed on ------------------------------------------------------------------------------

    void add_media() {
        std::string media_id;
        // Without a serial number every device of its kind has the same hash: none of them can be told to be ours.
        if (flag_of(event_.body, "serial_present", true))
            registers_.each_with("media", "serial_hash", text_of(event_.body, "serial_hash"), moment_,
                                 [&](const std::string& id, const Record& entry) {
                                     media_id = id;
                                     fields_.set("media.id", id);
                                     add_text("media.status", entry, "status");
                                     add_permission(entry);
                                 });
        if (terminal_ != nullptr && event_.body.contains("vid"))
            fields_.set("media.known_device", is_known_device(media_id));
    }

    void add_permission(const Record& medium) {
        add_text("media.owner", medium, "owner");
        add_flag("media.encrypted_required", medium, "encrypted_required");
        const std::string today = format_date(county_day(moment_.as_of));
        const auto from = text_of(medium, "valid_from"), to = text_of(medium, "valid_to");
        if (!from.empty() && !to.empty())
            fields_.set("media.valid", from <= today && today <= to);
        if (medium.contains("terminals_allowed"))
            fields_.set("media.terminal_allowed", contains(medium, "terminals_allowed", "any_terminal") ||
                                                      contains(medium, "terminals_allowed", terminal_id_));
    }

    [[nodiscard]] bool is_known_device(std::string_view media_id) const {
        const std::string kind =
            std::string(text_of(event_.body, "vid")) + ":" + std::string(text_of(event_.body, "pid"));
        const std::string device = kind + ":" + std::string(text_of(event_.body, "serial_hash"));
        for (const std::string_view field : {"usb_allowlist", "usb_baseline"})
            if (contains(*terminal_, field, kind) || contains(*terminal_, field, device) ||
                (!media_id.empty() && contains(*terminal_, field, media_id)))
                return true;
        return false;
    }

    void add_printer() {
        bool allowed = false;
        const auto consider = [&](const std::string& id, const Record& printer) {
            fields_.set("printer.id", id);
            fields_.set("printer.pull_print", flag_of(printer, "pull_print"));
            allowed = allowed || (terminal_ != nullptr && contains(*terminal_, "printers_allowed", id) &&
                                  !text_of(printer, "approved_on").empty());
            const Record* room = registers_.find("rooms", text_of(printer, "room_id"), moment_);
            if (const auto zone = text_of(printer, "zone", room == nullptr ? "" : text_of(*room, "zone")); !zone.empty())
                fields_.set("printer.zone", zone);
        };
        // A registered hash decides; only printers registered without one are known by the name of their queue.
        const auto by_name = [&](const std::string& id, const Record& printer) {
            if (text_of(printer, "printer_hash").empty())
                consider(id, printer);
        };
        const auto queue = text_of(event_.body, "printer_id");
        registers_.each_with("printers", "printer_hash", text_of(event_.body, "printer_hash"), moment_, consider);
        registers_.each_with("printers", "queue", queue, moment_, by_name);
        if (const Record* printer = registers_.find("printers", queue, moment_))
            by_name(std::string(queue), *printer);
        fields_.set("printer.allowed", allowed);
    }

    // --- windows --------------------------------------------------------------------------------------------------------

    void add_windows() {
        if (terminal_id_.empty())
            return;
        bool enrolment = false;
        registers_.each_with("windows", "terminals", terminal_id_, moment_,
                             [&](const auto&, const Record& window) { look_at_window(window, "maintenance"); });
        if (terminal_ != nullptr)
            registers_.each_with("windows", "room_id", text_of(*terminal_, "room_id"), moment_,
                                 [&](const auto&, const Record& window) { look_at_window(window, "visitor"); });
        registers_.each_with("enrolments", "terminal_id", terminal_id_, moment_, [&](const auto&, const Record& window) {
            enrolment = enrolment || covers(window, moment_.as_of);
        });
        fields_.set("window.maintenance", maintenance_);
        fields_.set("window.visitor", visitor_);
        fields_.set("window.escort", escort_);
        fields_.set("window.enrolment", enrolment);
        if (maintenance_ended_ && !maintenance_)
            fields_.set("window.maintenance_ended_s", *maintenance_ended_);
    }

    void look_at_window(const Record& window, std::string_view kind) {
        if (text_of(window, "kind") != kind)
            return;
        if (covers(window, moment_.as_of)) {
            (kind == "maintenance" ? maintenance_ : visitor_) = true;
            escort_ = escort_ || window.contains("escort");
            return;
        }
        const auto end = parse_time(text_of(window, "to"));
        if (kind != "maintenance" || !end || *end > moment_.as_of || moment_.as_of - *end > std::chrono::hours(24))
            return;
        maintenance_ended_ = std::min(maintenance_ended_.value_or(INT64_MAX), seconds_since(*end));
    }

    const RegisterSnapshot& registers_;
    const Event& event_;
    std::string_view terminal_id_;
    Moment moment_;
    const Record* terminal_ = nullptr;
    const Record* room_ = nullptr;
    bool maintenance_ = false, visitor_ = false, escort_ = false;
    std::optional<std::int64_t> maintenance_ended_;
    Record fields_;
};

}  // namespace

Record register_fields(const RegisterSnapshot& registers, const Event& event, std::string_view terminal_id, Moment moment) {
    return RegisterFields(registers, event, terminal_id, moment).gather();
}

}  // namespace sallyport::registers
