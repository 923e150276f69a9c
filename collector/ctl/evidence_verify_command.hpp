// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// evidence verify FILE --key PUBLIC_KEY: whether a bundle holds.
void add_evidence_verify_command(CLI::App& evidence, Invocation& invocation);

}  // namespace sallyport::ctl
