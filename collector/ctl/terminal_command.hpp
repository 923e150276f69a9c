// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `terminals enrol`, `terminals revoke`. After add_register_commands(), which makes `terminals`.
void add_terminal_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
