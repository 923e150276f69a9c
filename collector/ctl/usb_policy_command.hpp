// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `terminals permit-usb`. After add_register_commands(), which makes `terminals`.
void add_usb_policy_command(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
