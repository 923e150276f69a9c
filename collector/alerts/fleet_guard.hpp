// SPDX-License-Identifier: Apache-2.0
//
// One rule on many terminals at once is one thing to look at (catalogue section 1.3, point 7): the single
// alerts are kept and attached to one fleet alert.
#pragma once

#include "collector/store/alert_repository.hpp"

namespace sallyport::alerts {

inline constexpr std::size_t kFleetTerminals = 10;
inline constexpr std::chrono::minutes kFleetWindow{10};

// To be asked after `alert` was stored, in the same transaction; attaches it, and those before it, where they
// are many. `alert` is updated with what was written.
[[nodiscard]] Result<void> guard_fleet(Database& database, store::Alert& alert, WallTime now);

}  // namespace sallyport::alerts
