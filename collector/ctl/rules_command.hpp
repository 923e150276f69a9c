// SPDX-License-Identifier: Apache-2.0
//
// `rules check`, `test`, `run`, `explain`, `list`: what is asked of rules and a file. Into the subcommand `rules`.
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

void add_rules_command(CLI::App& rules, Invocation& invocation);

}  // namespace sallyport::ctl
