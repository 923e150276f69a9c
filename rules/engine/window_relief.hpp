// SPDX-License-Identifier: Apache-2.0
//
// What an open window leaves of a finding (the catalogue's "False positives"): it makes it expected and
// milder, and never drops it. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rules/engine/engine.hpp"

namespace sallyport::rules {

// The event that a finding is about: the beginning of what lasts, else the last one that made it whole. 0:
// none.
[[nodiscard]] std::int64_t telling_event(const Rule& rule, const Finding& finding);

// How grave the rule's alerts may be at most while a window of that event's fields (`window.*`) is open, info
// to critical; nothing where none that the rule names is.
[[nodiscard]] std::optional<std::string> severity_in_window(const Rule& rule, const Record& fields);

}  // namespace sallyport::rules
