// SPDX-License-Identifier: Apache-2.0
//
// The span that an audit asks about, in whole days of the county's calendar. Pure.
#pragma once

#include <string_view>

#include "collector/registers/county_time.hpp"

namespace sallyport::audit {

struct Period {
    registers::Date first, last;  // both days are within
    WallTime from{}, to{};        // the end is excluded
};

// `2026`, `2026-Q3`, `2026-07` or `2026-07-01..2026-09-15`.
[[nodiscard]] Result<Period> parse_period(std::string_view text);

}  // namespace sallyport::audit
