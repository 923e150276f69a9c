// SPDX-License-Identifier: Apache-2.0
//
// An event as the rules see it: envelope and body in one flat record. Pure functions; any thread.
#pragma once

#include <string>

#include "protocol/envelope.hpp"
#include "rules/engine/engine.hpp"

namespace sallyport::alerts {

// The terminal an event is about: its sender, or for what the collector itself saw `body.terminal`. Empty:
// none.
[[nodiscard]] std::string terminal_of(const Event& event);
// The stream it came in: its events have an order of their own.
[[nodiscard]] std::uint64_t origin_of(const Event& event);
// Of what the collector saw, `terminal_id` is the terminal it is about. Beside envelope and body: `event.lag_s`, how
// long after its time it was received (below zero: it is from the future), `firmware.downgraded` of a device.firmware,
// where the two versions have an order, and `print.day` of a print.job, the county's calendar day.
[[nodiscard]] Record event_fields(const Event& event, WallTime received_at);
// product sallyport, category `usb`, service `attach`.
[[nodiscard]] rules::Logsource logsource_of(std::string_view type);

}  // namespace sallyport::alerts
