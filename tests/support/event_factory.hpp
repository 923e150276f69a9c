// SPDX-License-Identifier: Apache-2.0
//
// Well-formed events for tests, with every required field filled in.
#pragma once

#include "protocol/envelope.hpp"

namespace sallyport::testing {

inline Event event(std::string_view type, std::string_view terminal, std::string_view instance, std::uint64_t seq,
                   Record body, WallTime at = WallTime(std::chrono::milliseconds(1'795'456'800'000))) {
    Event made;
    made.event_id = make_event_id(at);
    made.terminal_id = terminal;
    made.agent_instance = instance;
    made.boot_id = std::string(32, '1');
    made.seq = seq;
    made.type = type;
    made.occurred_at = at;
    made.observed_at = at;
    made.clock = ClockState::synced;
    made.config_sha256 = std::string(64, '0');
    made.nonce = std::string(32, 'e');
    made.body = std::move(body);
    return made;
}

inline Record usb_stick_body() {
    return {{"vid", "0951"},
            {"pid", "1666"},
            {"serial_hash", std::string(64, 'd')},
            {"serial_present", true},
            {"classes", List{"08:06:50"}},
            {"is_storage", true},
            {"is_hid", false},
            {"is_keyboard", false},
            {"is_net", false},
            {"is_mtp", false},
            {"port", "1-2"},
            {"external", true},
            {"decision", "allowed"}};
}

inline Event usb_attach(std::string_view terminal, std::string_view instance, std::uint64_t seq) {
    return event("usb.attach", terminal, instance, seq, usb_stick_body());
}

}  // namespace sallyport::testing
