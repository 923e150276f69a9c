// SPDX-License-Identifier: Apache-2.0
//
// sallyportctl firmware-config: what is expected of each model of terminal and camera (docs/formats/firmware-configs.md).
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

void add_firmware_config_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
