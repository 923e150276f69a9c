// SPDX-License-Identifier: Apache-2.0
//
// The audit log as the auditor reads it: the entries of one object, and whether the chain holds.
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

[[nodiscard]] Response list_audit(const Request& request, Context& context);

}  // namespace sallyport::api
