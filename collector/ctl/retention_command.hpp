// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `retention status|list|set|propose|approve|withdraw|run`.
void add_retention_commands(CLI::App& app, Invocation& invocation, const Clock& clock);

}  // namespace sallyport::ctl
