// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/field_catalogue.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "protocol/catalogue.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::rules {
namespace {

constexpr std::string_view kFlagTexts[] = {"true", "false"};
constexpr std::string_view kTerminalStatus[] = {"proposed", "licensed", "suspended", "in_repair",
                                                "lost",     "stolen",   "retired"};
constexpr std::string_view kUsbPolicies[] = {"none", "hid_only", "allowlist"};
constexpr std::string_view kDutyProfiles[] = {"office_hours", "round_the_clock", "occasional"};
constexpr std::string_view kZones[] = {"public", "controlled", "secure", "alternate_work_site", "vehicle"};
constexpr std::string_view kRoomTypes[] = {"office",    "records",     "dispatch",      "intake",
                                           "interview", "courtroom",   "server",        "lobby",
                                           "restroom",  "locker_room", "changing_room", "lactation_room"};
constexpr std::string_view kAddressing[] = {"fixed", "pooled", "receive_only"};
constexpr std::string_view kNetworkPlaces[] = {"room", "site", "other_site", "none"};
constexpr std::string_view kAuthorisations[] = {"authorised", "not_authorised"};
constexpr std::string_view kOperatorRoles[] = {"FAO",           "LTFAO",      "practitioner",
                                               "administrator", "technician", "none"};
constexpr std::string_view kMediaStatus[] = {"issued", "returned", "lost", "destroyed"};
constexpr std::string_view kSessionStates[] = {"locked", "unlocked", "none"};
constexpr std::string_view kCameraStates[] = {
    "on",    "off",    "covered", "blinded",      "defocused",
    "moved", "frozen", "virtual", "disconnected", "in_use_by_other"};
constexpr std::string_view kCameraZones[] = {"near", "far"};
constexpr std::string_view kSwitch[] = {"on", "off", "unknown"};

struct AddedField {
    std::string_view name;
    std::span<const std::string_view> choices = {};  // empty: any text or number
};

constexpr AddedField kAdded[] = {
    // --- the registers, as of the event's time (collector/registers/enrichment.hpp)
    {"terminal.registered", kFlagTexts},
    {"terminal.status", kTerminalStatus},
    {"terminal.licensed", kFlagTexts},
    {"terminal.site"},
    {"terminal.room"},
    {"terminal.model"},
    {"terminal.addressing", kAddressing},
    {"terminal.idle_limit_s"},
    {"terminal.lock_minutes"},
    {"terminal.lock_exempt", kFlagTexts},
    {"terminal.camera_enabled", kFlagTexts},
    {"terminal.camera_bargained", kFlagTexts},  // a bargaining reference is recorded
    {"terminal.usb_policy", kUsbPolicies},
    {"terminal.heartbeat_s"},
    {"terminal.duty_profile", kDutyProfiles},
    {"terminal.privacy_filter", kFlagTexts},
    {"terminal.wireless_approved", kFlagTexts},
    {"terminal.secure_boot_required", kFlagTexts},
    {"terminal.removable_boot_allowed", kFlagTexts},
    {"terminal.displays"},         // how many may show its screen
    {"terminal.sensor_baseline"},  // what the register accepts, as `camera/off`
    // device.identity; each of the `matches` only where the event and the register both say it
    {"terminal.hardware_changes"},
    {"terminal.tpm_changed", kFlagTexts},
    {"terminal.hardware_changed"},
    {"terminal.mnemonic_matches", kFlagTexts},
    {"terminal.identifier_matches", kFlagTexts},
    {"terminal.ori_matches", kFlagTexts},
    {"agency.ori_matches", kFlagTexts},  // one of the agency's own
    {"terminal.os_build_allowed", kFlagTexts},
    {"agent.version_allowed", kFlagTexts},  // agent.start too
    // other device and agent events
    {"agent.config_expected", kFlagTexts},  // config_sha256 of any event
    {"sensor.accepted", kFlagTexts},        // agent.sensor: this state is in the terminal's baseline
    {"network.place", kNetworkPlaces},      // device.network: whose subnet the address belongs to
    {"firmware.allowed", kFlagTexts},       // device.firmware
    {"boot.measure_allowed", kFlagTexts},   // device.boot; absent where the register holds no values
    {"room.zone", kZones},
    {"room.type", kRoomTypes},
    {"room.mfa_required", kFlagTexts},
    {"room.notice_posted", kFlagTexts},
    {"site.id"},
    {"hours.open", kFlagTexts},
    {"hours.closed_s"},  // since the hours ended; absent while they are open
    {"operator.ref"},
    {"operator.authorisation", kAuthorisations},
    {"operator.reasons"},
    {"operator.findings"},  // as sweep.operator names them: missing told from lapsed
    {"operator.role", kOperatorRoles},
    {"operator.assigned", kFlagTexts},  // on the terminal's list, or the terminal takes any authorised one
    {"operator.escort_required", kFlagTexts},
    {"media.status", kMediaStatus},
    {"media.id"},
    {"media.known_device", kFlagTexts},
    {"media.owner"},
    {"media.valid", kFlagTexts},  // today is within valid_from..valid_to
    {"media.terminal_allowed", kFlagTexts},
    {"media.encrypted_required", kFlagTexts},
    {"printer.id"},
    {"printer.allowed", kFlagTexts},
    {"printer.zone", kZones},
    {"printer.pull_print", kFlagTexts},
    {"window.maintenance", kFlagTexts},
    {"window.maintenance_ended_s"},  // since this terminal's last one ended, within a day; absent in an open
                                     // one
    {"window.visitor", kFlagTexts},
    {"window.escort", kFlagTexts},  // an open window, of either kind, that names an escort
    {"window.enrolment", kFlagTexts},
    // --- the terminal's running state (collector/alerts/terminal_state.hpp)
    {"session.state", kSessionStates},
    {"session.account"},  // of who last logged on or unlocked, while anybody is logged on
    {"session.idle_s"},
    {"clets.running", kFlagTexts},
    {"clets.foreground", kFlagTexts},
    {"camera.state", kCameraStates},
    {"camera.faces"},
    {"camera.onlookers"},
    {"camera.operator_present", kFlagTexts},
    {"camera.confidence"},
    {"camera.zone", kCameraZones},
    {"camera.blind_s"},      // how long it saw nothing while unlocked, now or the last time in this boot
    {"camera.blind_ago_s"},  // since that ended; 0 while it lasts
    {"controls.weakened_count"},  // held against the register; absent of a terminal that is not in it
    {"controls.weakened"},        // secure_boot, lock_timeout, usb_policy, print_history, sensor/<name>; absent: none
    {"boot.secure_boot", kSwitch},
    {"boot.returned", kFlagTexts},        // an event of a boot that another one had followed
    {"firmware.age_s"},                   // since the last device.firmware
    {"firmware.downgraded", kFlagTexts},  // device.firmware; absent where the versions have no order
    {"usb.last_attach_s"},  // usb.attach: since the same device was last attached; absent: never before
    {"display.detached_s"},  // display.change: since one of its kind was detached; absent: not in this boot
    {"print.day"},           // print.job: the county's calendar day
    {"agent.binary_changed", kFlagTexts},  // agent.start: the version of the last start in another file
    {"event.lag_s"},                       // received minus occurred; below zero: from the future
};

bool one_of(std::span<const std::string_view> choices, std::string_view text) {
    return std::find(choices.begin(), choices.end(), text) != choices.end();
}

std::string listed(std::span<const std::string_view> choices) {
    std::string text;
    for (const auto choice : choices)
        text += (text.empty() ? "" : ", ") + std::string(choice);
    return text;
}

bool in_category(const EventType& type, std::string_view category) {
    return category.empty() || type.name.substr(0, type.name.find('.')) == category;
}

const AddedField* find_added(std::string_view name) {
    const auto* at = std::find_if(std::begin(kAdded), std::end(kAdded),
                                  [&](const auto& field) { return field.name == name; });
    return at == std::end(kAdded) ? nullptr : at;
}

// `nics.mac` is looked for inside `nics`.
const FieldSpec* find_spec(std::span<const FieldSpec> fields, std::string_view name) {
    for (const FieldSpec& field : fields) {
        if (field.name == name) return &field;
        if (!field.fields.empty() && name.size() > field.name.size() && name.starts_with(field.name) &&
            name[field.name.size()] == '.')
            return find_spec(field.fields, name.substr(field.name.size() + 1));
    }
    return nullptr;
}

// Every place in an event where this name may stand.
std::vector<const FieldSpec*> find_specs(std::string_view category, std::string_view name) {
    std::vector<const FieldSpec*> specs;
    if (const FieldSpec* spec = find_spec(envelope_fields(), name); spec != nullptr && name != "body")
        specs.push_back(spec);
    for (const EventType& type : event_types())
        if (in_category(type, category))
            if (const FieldSpec* spec = find_spec(type.fields, name)) specs.push_back(spec);
    return specs;
}

bool is_numeric(FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::number;
}

bool looks_numeric(std::string_view text) {
    return !text.empty() && text.find_first_not_of("+-.0123456789eE") == std::string_view::npos;
}

bool admits(const FieldSpec& spec, std::string_view text) {
    if (spec.kind == FieldKind::choice) return one_of(spec.choices, text);
    if (spec.kind == FieldKind::flag) return one_of(kFlagTexts, text);
    return !is_numeric(spec.kind) || looks_numeric(text);
}

}  // namespace

bool FieldCatalogue::category_exists() const {
    const auto types = event_types();
    return std::any_of(types.begin(), types.end(),
                       [&](const EventType& type) { return in_category(type, category_); });
}

bool FieldCatalogue::is_of_member(std::string_view field) {
    constexpr std::string_view kPrefixes[] = {"terminal.", "room.", "site.", "hours.", "window."};
    constexpr std::string_view kOfEvents[] = {"terminal.hardware_changes", "terminal.hardware_changed",
                                              "terminal.tpm_changed"};
    if (field == "terminal_id") return true;
    if (one_of(kOfEvents, field) || find_added(field) == nullptr) return false;
    return std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                       [&](std::string_view prefix) { return field.starts_with(prefix); });
}

std::string_view member_field(std::string_view each) {
    return each == "terminal" ? "terminal_id" : std::string_view();
}

bool FieldCatalogue::knows(std::string_view field) const {
    if (const auto star = field.find('*'); star != std::string_view::npos)
        return knows(field.substr(0, star)) && knows(field.substr(star + 1));
    return find_added(field) != nullptr || !find_specs(category_, field).empty();
}

std::optional<std::string> FieldCatalogue::why_never(std::string_view field, std::string_view text) const {
    const std::string value = "'" + std::string(text) + "'";
    if (field == "type") {
        const EventType* type = find_event_type(text);
        if (type == nullptr) return "there is no event type " + value;
        if (!in_category(*type, category_))
            return "the event type " + value + " is not of the category '" + category_ + "'";
        return std::nullopt;
    }
    if (const AddedField* added = find_added(field)) {
        if (added->choices.empty() || one_of(added->choices, text)) return std::nullopt;
        return value + " is no value of '" + std::string(field) +
               "', which is one of: " + listed(added->choices);
    }
    const auto specs = find_specs(category_, field);
    if (specs.empty() ||
        std::any_of(specs.begin(), specs.end(), [&](const auto* spec) { return admits(*spec, text); }))
        return std::nullopt;
    const auto* choice = *std::find_if(specs.begin(), specs.end() - 1,
                                       [](const auto* spec) { return !spec->choices.empty(); });
    return value + " is no value of '" + std::string(field) + "'" +
           (choice->choices.empty() ? "" : ", which is one of: " + listed(choice->choices));
}

}  // namespace sallyport::rules
