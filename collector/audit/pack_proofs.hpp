// SPDX-License-Identifier: Apache-2.0
//
// What was proved while a pack was made: that the log of acts and the log of evidence are whole. One thread.
#pragma once

#include "collector/audit/pack_tables.hpp"

namespace sallyport::audit {

// `result` is `proved` or `failed`; what is not covered by a proof counts as failed.
[[nodiscard]] Result<AuditTable> proof_table(const PackSource& source);

}  // namespace sallyport::audit
