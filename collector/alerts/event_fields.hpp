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
// Of what the collector saw, `terminal_id` is the terminal it is about.
[[nodiscard]] Record event_fields(const Event& event);
// product sallyport, category `usb`, service `attach`.
[[nodiscard]] rules::Logsource logsource_of(std::string_view type);

}  // namespace sallyport::alerts
