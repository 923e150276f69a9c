// SPDX-License-Identifier: Apache-2.0
//
// The wall of terminals, and one terminal with its open alerts and latest events.
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

[[nodiscard]] Response list_terminals(const Request& request, Context& context);
[[nodiscard]] Response show_terminal(const Request& request, Context& context);
// ?from=&to= (RFC 3339): what its sensors covered.
[[nodiscard]] Response show_coverage(const Request& request, Context& context);

}  // namespace sallyport::api
