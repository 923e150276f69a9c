// SPDX-License-Identifier: Apache-2.0
#include "protocol/drill.hpp"

#include <algorithm>

namespace sallyport {
namespace {

constexpr std::string_view kSensors[] = {"identity", "usb",          "print",   "session",       "camera",
                                         "chassis",  "clets_client", "display", "failed_logons", "firmware",
                                         "lock_policy", "network",   "remote_view"};

// The registered stick, plugged in now, and nothing but a store: no stick that also types or connects, and none whose
// serial number two devices share.
bool is_the_stick(const DrillOrder& order, const Record& body) {
    return order.stick && text_of(body, "vid") == order.stick->vid && text_of(body, "pid") == order.stick->pid &&
           text_of(body, "serial_hash") == order.stick->serial_hash && text_of(body, "identity") == "device" &&
           flag_of(body, "is_storage") && !flag_of(body, "is_hid") && !flag_of(body, "is_net") &&
           !flag_of(body, "is_mtp") && !flag_of(body, "present_at_start");
}

// A job that is made held, never given anything to print, and cancelled: no sheet of paper fits this.
bool is_the_empty_job(const Record& body) {
    const auto state = text_of(body, "state");
    return (state == "submitted" || state == "cancelled") && text_of(body, "way") == "queue" &&
           integer_of(body, "bytes") == 0 && !body.contains("pages") && !body.contains("sheets");
}

bool asks(const DrillOrder& order, std::string_view sensor) {
    return std::find(order.sensors.begin(), order.sensors.end(), sensor) != order.sensors.end();
}

}  // namespace

std::span<const std::string_view> drill_sensors() { return kSensors; }

std::string_view proven_by(std::string_view type, const Record& body) {
    if (type == "usb.attach") return "usb";
    if (type == "print.job") return text_of(body, "state") == "cancelled" ? "print" : "";
    if (type == "session.lock") return "session";
    if (type == "device.identity") return "identity";
    return type == "agent.drill" ? text_of(body, "sensor") : "";
}

// session.lock and device.identity are copies: what they say was told unmarked as well.
bool is_cued(const DrillOrder& order, std::string_view type, const Record& body) {
    if (type == "agent.drill") return true;
    if (type == "usb.attach") return asks(order, "usb") && is_the_stick(order, body);
    if (type == "print.job") return asks(order, "print") && is_the_empty_job(body);
    if (type == "session.lock") return asks(order, "session");
    return type == "device.identity" && asks(order, "identity");
}

std::string_view fault_of_mark(const DrillOrder& order, const Event& event) {
    const WallTime at = event_time(event);
    if (at < order.begins_at - kDrillClockTolerance || at > order.ends_at + kDrillClockTolerance) return "out_of_span";
    return is_cued(order, event.type, event.body) ? "" : "not_cued";
}

}  // namespace sallyport
