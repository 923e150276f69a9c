// SPDX-License-Identifier: Apache-2.0
//
// The dotted fields that rules read beside an event's own: what the registers say of it, as of its time and as known at
// another. What the registers do not know has no field. rules/engine/field_catalogue.cpp
// lists them all with their values. Pure.
#pragma once

#include "collector/registers/register_snapshot.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::registers {

// `terminal_id` empty: the event is about no terminal; a line of the daily sweep names its place and person itself.
[[nodiscard]] Record register_fields(const RegisterSnapshot& registers, const Event& event, std::string_view terminal_id,
                                     Moment moment);

}  // namespace sallyport::registers
