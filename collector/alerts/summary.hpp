// SPDX-License-Identifier: Apache-2.0
//
// The one sentence that says what happened. Pure function; any thread.
#pragma once

#include <string>
#include <string_view>

#include "protocol/value.hpp"

namespace sallyport::alerts {

// Fills {field} from the event and what the registers say of it. An account name never gets in: people are
// shown by their pseudonym, or as "a person not in the register" (policy-facts section 0, row 10).
[[nodiscard]] std::string fill_summary(std::string_view sentence, const Record& fields);

}  // namespace sallyport::alerts
