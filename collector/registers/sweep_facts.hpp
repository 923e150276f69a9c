// SPDX-License-Identifier: Apache-2.0
//
// What a sweep of the registers knows besides them, as the store has it. Any thread with a connection of its own.
#pragma once

#include "collector/registers/sweep_lines.hpp"

namespace sallyport::registers {

// `now` stands for the beginning of the log while there is none.
[[nodiscard]] Result<SweepFacts> read_sweep_facts(Database& reader, WallTime now);

}  // namespace sallyport::registers
