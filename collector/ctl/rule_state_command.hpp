// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `rules live`, `rules observe`, `rules set`: how a rule stands at a site. Into the subcommand `rules`.
void add_rule_state_commands(CLI::App& rules, Invocation& invocation);

}  // namespace sallyport::ctl
