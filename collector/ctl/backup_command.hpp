// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

// `backup --out FOLDER`, `restore --from FOLDER [--check]`.
void add_backup_commands(CLI::App& app, Invocation& invocation);

}  // namespace sallyport::ctl
