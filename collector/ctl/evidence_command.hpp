// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// sallyportctl evidence check-proof
void add_evidence_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
