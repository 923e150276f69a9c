// SPDX-License-Identifier: Apache-2.0
//
// `rules diff A B`: what two sets of rules say otherwise, and with --since what of the stored history each would have
// raised. Only reads the store, and that only with --since or where a register is a list.
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// The clock measures the load; it outlives the parser.
void add_diff_command(CLI::App& rules, Invocation& invocation, const Clock& clock);

}  // namespace sallyport::ctl
