// SPDX-License-Identifier: Apache-2.0
//
// Alerts, incidents and audit entries as the API shows them (docs/api/openapi.yml). The de-duplication key is
// not shown: it may hold an account name.
#pragma once

#include "collector/store/alert_repository.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/value.hpp"

namespace sallyport::api {

class TerminalBoard;

[[nodiscard]] Value time_or_null(const std::optional<WallTime>& time);
[[nodiscard]] Record alert_view(const store::Alert& alert, const TerminalBoard& board);
[[nodiscard]] Record incident_view(const store::Incident& incident);
[[nodiscard]] Record audit_view(const store::StoredAuditEntry& entry);

}  // namespace sallyport::api
