// SPDX-License-Identifier: Apache-2.0
//
// Which of a terminal's controls are weaker than its entry in the register says (rule FWB-09; CSP MA-2(e),
// CM-4(2)). Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "protocol/value.hpp"

namespace sallyport::alerts {

// What a terminal last told of its controls; what it never told is not here.
struct ControlState {
    std::string secure_boot;  // on, off, unknown
    Record settings;          // name of a policy.setting -> its last body
    Record sensors;           // name -> its last state
};

// `fields`: what the registers say of the terminal. The names of the weaker ones: `secure_boot`,
// `lock_timeout`, `usb_policy`, `print_history`, `sensor/usb`. Nothing where the registers do not know the terminal.
[[nodiscard]] std::optional<List> weakened_controls(const ControlState& state, const Record& fields);

}  // namespace sallyport::alerts
