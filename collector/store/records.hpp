// SPDX-License-Identifier: Apache-2.0
//
// Alerts, incidents and audit entries with the names by which JSON shows them everywhere: API, stream, sallyportctl
// (docs/api/openapi.yml). The de-duplication key is left out: it may hold an account name.
#pragma once

#include "collector/store/alert_repository.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/value.hpp"

namespace sallyport::store {

[[nodiscard]] Record to_record(const Alert& alert);  // without its evidence
[[nodiscard]] Record to_record(const Incident& incident);
[[nodiscard]] Record to_record(const StoredAuditEntry& entry);
[[nodiscard]] Value time_or_null(const std::optional<WallTime>& time);

}  // namespace sallyport::store
