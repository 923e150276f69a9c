// SPDX-License-Identifier: Apache-2.0
//
// The rules in force: what each watches for, on which clause it rests, and how it stands at each site.
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

[[nodiscard]] Response list_rules(const Request& request, Context& context);
// The rule that raised the alert as it is now, or what the alert itself remembers when it is gone.
[[nodiscard]] Record rule_view_for_alert(const store::Alert& alert, Context& context);

}  // namespace sallyport::api
