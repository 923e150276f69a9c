// SPDX-License-Identifier: Apache-2.0
//
// Incidents: the SPOC converts, accepts and refers; the PSD sees what was referred to it and may resolve a
// person with a purpose (dictionary, section 15). To the PSD, an incident that was not referred is answered
// like one that is not there; to the SPOC, what the PSD did with one stays hidden.
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

[[nodiscard]] Response list_incidents(const Request& request, Context& context);
[[nodiscard]] Response show_incident(const Request& request, Context& context);
[[nodiscard]] Response convert_alerts(const Request& request, Context& context);
[[nodiscard]] Response accept_incident(const Request& request, Context& context);
[[nodiscard]] Response refer_incident(const Request& request, Context& context);
[[nodiscard]] Response resolve_person(const Request& request, Context& context);

}  // namespace sallyport::api
