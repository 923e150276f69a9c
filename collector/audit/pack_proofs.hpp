// SPDX-License-Identifier: Apache-2.0
//
// What was proved while a pack was made: that the log of acts and the log of evidence are whole. One thread.
#pragma once

#include "collector/audit/pack_tables.hpp"

namespace sallyport::audit {

// The signed heads of the period, as they were published: whoever has the log's public key checks them without us.
[[nodiscard]] Result<AuditTable> head_table(const PackSource& source);
// `result` is `proved` or `failed`; what is not covered by a proof counts as failed.
[[nodiscard]] Result<AuditTable> proof_table(const PackSource& source);

}  // namespace sallyport::audit
