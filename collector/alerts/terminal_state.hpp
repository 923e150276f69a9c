// SPDX-License-Identifier: Apache-2.0
//
// What a terminal is doing, as its own events tell in their own order: the fields that rules read beside an
// event's (session.state, session.idle_s, clets.running, camera.*). A pure fold over events: the same events
// in the terminal's order give the same state, whatever other terminals do. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "protocol/envelope.hpp"

namespace sallyport::alerts {

class TerminalState {
public:
    // In the order of (instance, seq).
    void apply(const Event& event);
    // The state after the last applied event. What no sensor ever told is left out, so that "not known" is
    // never read as "no" (decisions, point 23: without its sensor the CLETS client counts as running).
    void add_to(Record& fields) const;

    [[nodiscard]] Record snapshot() const;
    [[nodiscard]] static TerminalState restore(const Record& record);

private:
    void apply_session(const Event& event);
    void apply_camera(const Event& event);
    void apply_sensor(const Event& event);
    [[nodiscard]] std::string_view session_state() const;

    std::map<std::string, bool> sessions_;  // session id -> locked
    std::optional<std::int64_t> idle_s_;
    std::optional<bool> clets_running_;
    std::string camera_state_;  // empty: not known
    Record presence_;           // the last camera.presence while the camera is on
};

}  // namespace sallyport::alerts
