// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `broker config`: the configuration under which mosquitto may be used.
void add_broker_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
