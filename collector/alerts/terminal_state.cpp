// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/terminal_state.hpp"

#include <algorithm>

namespace sallyport::alerts {
namespace {

constexpr std::string_view kPresenceFields[] = {"onlookers", "operator_present", "confidence", "zone"};

}  // namespace

void TerminalState::apply(const Event& event) {
    if (event.type == "device.boot" || event.type == "device.shutdown")
        *this = {};
    else if (event.type.starts_with("session."))
        apply_session(event);
    else if (event.type.starts_with("camera."))
        apply_camera(event);
    else if (event.type == "clets.client")
        clets_running_ = text_of(event.body, "state") != "stopped";
    else if (event.type == "agent.sensor")
        apply_sensor(event);
}

void TerminalState::apply_session(const Event& event) {
    const std::string session = event.session_id.value_or("");
    if (event.type == "session.idle") {
        idle_s_ = integer_of(event.body, "idle_s");
        return;
    }
    // A failed attempt and a service's session put nobody before the screen.
    if (event.outcome == EventOutcome::failure || text_of(event.body, "kind") == "service") return;
    if (event.type == "session.logoff") {
        sessions_.erase(session);
        return;
    }
    const bool locked = event.type == "session.lock";
    sessions_.insert_or_assign(session, locked);
    if (!locked) idle_s_ = 0;
}

void TerminalState::apply_camera(const Event& event) {
    if (event.type == "camera.state") {
        camera_state_ = text_of(event.body, "state");
        if (camera_state_ != "on") presence_ = {};
    } else if (event.type == "camera.presence") {
        presence_ = {};
        for (const std::string_view field : kPresenceFields) {
            if (const Value* value = event.body.find(field)) presence_.set(field, *value);
        }
    }
}

// A sensor that is gone tells nothing any more: what it told last is not to be taken for the present.
void TerminalState::apply_sensor(const Event& event) {
    const auto state = text_of(event.body, "state");
    if (state != "off" && state != "absent") return;
    const auto sensor = text_of(event.body, "sensor");
    if (sensor == "session") {
        sessions_.clear();
        idle_s_.reset();
    } else if (sensor == "camera") {
        camera_state_.clear();
        presence_ = {};
    } else if (sensor.starts_with("clets")) {
        clets_running_.reset();
    }
}

std::string_view TerminalState::session_state() const {
    if (sessions_.empty()) return "none";
    const bool unlocked =
        std::any_of(sessions_.begin(), sessions_.end(), [](const auto& one) { return !one.second; });
    return unlocked ? "unlocked" : "locked";
}

void TerminalState::add_to(Record& fields) const {
    fields.set("session.state", session_state());
    if (idle_s_) fields.set("session.idle_s", *idle_s_);
    if (clets_running_) fields.set("clets.running", *clets_running_);
    if (!camera_state_.empty()) fields.set("camera.state", camera_state_);
    for (const auto& [name, value] : presence_)
        fields.set("camera." + name, value);
}

Record TerminalState::snapshot() const {
    Record sessions;
    for (const auto& [session, locked] : sessions_)
        sessions.append(session, locked);
    Record record{{"sessions", std::move(sessions)}, {"camera", camera_state_}, {"presence", presence_}};
    if (idle_s_) record.set("idle_s", *idle_s_);
    if (clets_running_) record.set("clets", *clets_running_);
    return record;
}

TerminalState TerminalState::restore(const Record& record) {
    TerminalState state;
    const auto part = [&](std::string_view name) {
        const Value* value = record.find(name);
        const auto* found = value == nullptr ? nullptr : value->as<Record>();
        return found == nullptr ? Record() : *found;
    };
    for (const auto& [session, locked] : part("sessions"))
        state.sessions_.insert_or_assign(session, locked == Value(true));
    state.camera_state_ = text_of(record, "camera");
    state.presence_ = part("presence");
    if (record.contains("idle_s")) state.idle_s_ = integer_of(record, "idle_s");
    if (record.contains("clets")) state.clets_running_ = flag_of(record, "clets");
    return state;
}

}  // namespace sallyport::alerts
