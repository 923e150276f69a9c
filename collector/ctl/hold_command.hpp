// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `hold place|lift|list`: legal holds.
void add_hold_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
