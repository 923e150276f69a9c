// SPDX-License-Identifier: Apache-2.0
//
// `watch`: from another host, whether collector, broker and evidence log are alive and tell one story (docs/guide-watch.md).
#pragma once

#include "collector/ctl/invocation.hpp"

namespace sallyport::ctl {

void add_watch_command(CLI::App& app, Invocation& invocation, const Clock& clock);

}  // namespace sallyport::ctl
