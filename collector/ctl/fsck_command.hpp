// SPDX-License-Identifier: Apache-2.0
//
// sallyportctl fsck: derives the evidence log again from the stored lines and names what differs.
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

void add_fsck_command(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
