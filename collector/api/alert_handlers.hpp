// SPDX-License-Identifier: Apache-2.0
//
// Alerts: list, one with its rule and evidence, acknowledge, resolve, and the counts of the console's header.
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

[[nodiscard]] Response list_alerts(const Request& request, Context& context);
[[nodiscard]] Response show_alert(const Request& request, Context& context);
[[nodiscard]] Response acknowledge_alert(const Request& request, Context& context);
[[nodiscard]] Response resolve_alert(const Request& request, Context& context);
[[nodiscard]] Response show_counts(const Request& request, Context& context);

// What the role's header shows; for the PSD only what was referred to it.
[[nodiscard]] Result<Record> counts_for(Role role, Database& reader);
// Whether this role sees this alert: the ACC those routed to it, the PSD those of referred incidents.
[[nodiscard]] Result<bool> may_see(Role role, const store::Alert& alert, Database& reader);

}  // namespace sallyport::api
