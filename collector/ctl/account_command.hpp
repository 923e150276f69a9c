// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `accounts add`, `accounts list`, `accounts disable`: people at the console.
void add_account_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
