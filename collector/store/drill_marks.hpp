// SPDX-License-Identifier: Apache-2.0
//
// Whether a drill's mark is believed: as intake stores the line, and each time the log is judged. A function of the event and
// of the orders, which are never changed.
#pragma once

#include <string_view>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::store {

// `unknown_drill`, `other_terminal`, `out_of_span`, `not_cued`; empty when the mark is believed. The event has one.
[[nodiscard]] Result<std::string_view> fault_of_mark(Database& database, const Event& event);

}  // namespace sallyport::store
