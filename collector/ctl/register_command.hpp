// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `sites`, `rooms`, `terminals`, ...: import, export and list of every register.
void add_register_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
