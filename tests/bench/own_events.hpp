// SPDX-License-Identifier: Apache-2.0
//
// A working day's mix of our own events, each as the line that an agent sends and as the record that the
// judge makes of it, with what the registers and the terminal's state add.
#pragma once

#include <string>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/value.hpp"
#include "rules/engine/logsource.hpp"

namespace sallyport::bench {

struct OwnEvent {
    std::string line;
    Record added;   // beside the line
    Record fields;  // all of it
    rules::Logsource logsource;
    WallTime time;
};

[[nodiscard]] std::vector<OwnEvent> own_events();

}  // namespace sallyport::bench
