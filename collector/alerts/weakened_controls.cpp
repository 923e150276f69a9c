// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/weakened_controls.hpp"

#include <algorithm>
#include <charconv>

namespace sallyport::alerts {
namespace {

const Record* setting_of(const ControlState& state, std::string_view name) {
    const Value* body = state.settings.find(name);
    return body == nullptr ? nullptr : body->as<Record>();
}

// An earlier lock than the registered one weakens nothing; exempt terminals have none to keep.
bool locks_late(const ControlState& state, const Record& fields) {
    const Record* setting = setting_of(state, "lock_timeout");
    if (setting == nullptr || flag_of(fields, "terminal.lock_exempt")) return false;
    const auto value = text_of(*setting, "value");
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    const bool is_number = error == std::errc() && end == value.data() + value.size();
    return text_of(*setting, "compliant") == "no" ||
           (is_number && seconds > integer_of(fields, "terminal.lock_minutes") * 60);
}

bool has_other_usb_policy(const ControlState& state, const Record& fields) {
    const Record* setting = setting_of(state, "usb_policy");
    const auto registered = text_of(fields, "terminal.usb_policy");
    return setting != nullptr && !registered.empty() && text_of(*setting, "value") != registered;
}

// What every terminal can be watched for (rule AGT-05). Any other sensor may be absent where the platform does not tell.
constexpr std::string_view kEverywhere[] = {"identity", "usb", "print", "session", "idle", "camera"};

bool is_accepted(const std::string& sensor, const std::string& state, const Record& fields) {
    const bool everywhere = std::find(std::begin(kEverywhere), std::end(kEverywhere), sensor) != std::end(kEverywhere);
    if (state == "ok" || (state == "absent" && !everywhere)) return true;
    const Value* baseline = fields.find("terminal.sensor_baseline");
    const auto* accepted = baseline == nullptr ? nullptr : baseline->as<List>();
    return accepted != nullptr &&
           std::find(accepted->begin(), accepted->end(), Value(sensor + "/" + state)) != accepted->end();
}

// What the agent finds wrong itself: without a history of its jobs a print server hides what was printed.
bool is_wrong(const ControlState& state, std::string_view name) {
    const Record* setting = setting_of(state, name);
    return setting != nullptr && text_of(*setting, "compliant") == "no";
}

}  // namespace

std::optional<List> weakened_controls(const ControlState& state, const Record& fields) {
    if (!flag_of(fields, "terminal.registered")) return std::nullopt;
    List weakened;
    if (state.secure_boot == "off" && flag_of(fields, "terminal.secure_boot_required"))
        weakened.emplace_back("secure_boot");
    if (locks_late(state, fields)) weakened.emplace_back("lock_timeout");
    if (has_other_usb_policy(state, fields)) weakened.emplace_back("usb_policy");
    if (is_wrong(state, "print_history")) weakened.emplace_back("print_history");
    for (const auto& [sensor, told] : state.sensors)
        if (const auto* text = told.as<std::string>(); text != nullptr && !is_accepted(sensor, *text, fields))
            weakened.emplace_back("sensor/" + sensor);
    return weakened;
}

}  // namespace sallyport::alerts
