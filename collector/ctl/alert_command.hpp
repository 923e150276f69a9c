// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `alerts list|show`, `incidents list|show`.
void add_alert_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
