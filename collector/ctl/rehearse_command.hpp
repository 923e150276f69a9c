// SPDX-License-Identifier: Apache-2.0
//
// `rules rehearse`: what a rule would have raised over the stored history, beside what the rules in force would have. Only
// reads the store.
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// The clock measures the load; it outlives the parser.
void add_rehearse_command(CLI::App& rules, Invocation& invocation, const Clock& clock);

}  // namespace sallyport::ctl
