// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// drill TERMINAL, drill list.
void add_drill_command(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
