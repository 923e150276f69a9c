// SPDX-License-Identifier: Apache-2.0
//
// What a terminal is doing, as its own events tell in their own order: the fields that rules read beside an
// event's (session.*, clets.*, camera.*, controls.*, boot.*, firmware.age_s, usb.last_attach_s, display.detached_s,
// agent.binary_changed). A pure fold over events: the same events
// in the terminal's order give the same state, whatever other terminals do. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/alerts/weakened_controls.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::alerts {

class TerminalState {
public:
    // In the order of (instance, seq).
    void apply(const Event& event);
    // The state after the last applied event. What no sensor ever told is left out, so that "not known" is
    // never read as "no" (decisions, point 23: without its sensor the CLETS client counts as running).
    // `now` is the time of that event. `fields` has what the registers say of the terminal, against which its
    // controls are held.
    void add_to(Record& fields, WallTime now) const;

    [[nodiscard]] Record snapshot() const;
    [[nodiscard]] static TerminalState restore(const Record& record);

private:
    void apply_boot_id(const Event& event);
    void apply_session(const Event& event);
    void apply_camera(const Event& event);
    void apply_sensor(const Event& event);
    void apply_attach(const Event& event);
    void apply_display(const Event& event);
    void apply_start(const Event& event);
    void look_at_view(WallTime now);
    [[nodiscard]] std::string_view session_state() const;

    // What a boot begins anew.
    struct Running {
        std::map<std::string, bool> sessions;  // session id -> locked
        std::string account;                   // who last logged on or unlocked, while anybody is logged on
        std::optional<std::int64_t> idle_s;
        std::optional<bool> clets_running, clets_foreground;
        std::string camera_state;  // empty: not known
        Record presence;           // the last camera.presence while the camera is on
        std::optional<WallTime> blind_since, blind_from, blind_to;  // unlocked and unseen: now, and the last time
        std::map<std::string, WallTime> displays_gone;  // kind -> when one of it was last detached
    };
    Running running_;
    // Outlasts a boot: every setting and sensor is told anew when an agent starts, so that switching off
    // restores nothing.
    ControlState controls_;

    std::string boot_id_;
    std::vector<std::string> earlier_boots_;  // the last few
    bool boot_returned_ = false;              // of the last event
    std::optional<WallTime> firmware_at_;
    std::map<std::string, WallTime> attached_;          // serial_hash -> when, of the last devices
    std::optional<std::int64_t> since_attach_s_;        // of the last event, a usb.attach
    std::optional<std::int64_t> since_detach_s_;        // of the last event, a display.change
    std::string agent_version_, agent_sha256_;          // of the last start
    std::optional<bool> binary_changed_;                // of the last event, an agent.start
};

}  // namespace sallyport::alerts
