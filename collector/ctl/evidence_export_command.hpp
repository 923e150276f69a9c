// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// evidence export INCIDENT --out FILE: an incident's evidence as a bundle.
void add_evidence_export_command(CLI::App& evidence, Invocation& invocation);

}  // namespace sallyport::ctl
