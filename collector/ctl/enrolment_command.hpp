// SPDX-License-Identifier: Apache-2.0
//
// `sallyportctl enrolments requests|approve|refuse|sign`: what terminals asked for, beside the register of enrolment
// windows. Whoever runs `approve` or `sign` holds the authority's key; the collector does not.
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// After add_register_commands, which makes the group.
void add_enrolment_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
