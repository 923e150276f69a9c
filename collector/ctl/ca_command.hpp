// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `ca init`, `ca crl`: the certificate authority of the agency.
void add_ca_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
