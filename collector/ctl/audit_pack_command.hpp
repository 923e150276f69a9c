// SPDX-License-Identifier: Apache-2.0
//
// `audit-pack`: what an auditor takes along (docs/formats/audit-pack.md).
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

void add_audit_pack_command(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
