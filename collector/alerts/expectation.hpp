// SPDX-License-Identifier: Apache-2.0
//
// Which alerts an open window makes expected, and how grave they still are (the catalogue's "False
// positives"). A window never drops an alert. Pure function; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/value.hpp"

namespace sallyport::alerts {

// The severity that a window of the event's fields (window.*) leaves this catalogue rule; nothing without
// one.
[[nodiscard]] std::optional<std::string> expected_severity(std::string_view rule_id, const Record& fields);

}  // namespace sallyport::alerts
