// SPDX-License-Identifier: Apache-2.0
//
// How a sighting becomes an alert, or adds to one: every decision that needs no database. Pure functions; any
// thread.
#pragma once

#include <string>

#include "collector/alerts/sighting.hpp"
#include "collector/store/alert_repository.hpp"

namespace sallyport::alerts {

// Repeats of an event alert within this time are the same alert (catalogue section 1.3, point 4).
inline constexpr std::chrono::minutes kRepeatWindow{30};

// A new alert, raised now. `earlier_today`: alerts of this rule and terminal with an earlier condition that
// day.
[[nodiscard]] store::Alert draft_alert(const Sighting& sighting, WallTime now, int earlier_today);
// Whether a finding of that time repeats this alert: while a state lasts, or within the repeat window of an
// event.
[[nodiscard]] bool is_repeat(const store::Alert& alert, WallTime at);
// Counts the sighting in; false when that changes nothing. `counted`: its events are among the alert's
// already. The severity rises and never falls; a graver alert starts the graver clock, and leaves the digest
// where it must.
[[nodiscard]] bool merge(store::Alert& alert, const Sighting& sighting, bool counted, WallTime now);
// The cause has ended; false when that is known. What a person decided stays.
[[nodiscard]] bool clear(store::Alert& alert, WallTime at);

// Off the queue, without a clock: `whole` says it all.
void attach(store::Alert& part, const store::Alert& whole);
[[nodiscard]] bool is_open(const store::Alert& alert);

}  // namespace sallyport::alerts
