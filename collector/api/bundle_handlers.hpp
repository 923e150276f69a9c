// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

// The evidence bundle of an incident, as a file. The PSD may have the full form; SPOC and auditor get the redacted one.
[[nodiscard]] Response export_bundle(const Request& request, Context& context);

}  // namespace sallyport::api
