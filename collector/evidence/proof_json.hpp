// SPDX-License-Identifier: Apache-2.0
//
// Proofs of a kept log as files that `sallyportctl evidence check-proof` takes (proof_file.hpp).
#pragma once

#include "collector/evidence/evidence_log.hpp"
#include "protocol/value.hpp"

namespace sallyport::evidence {

[[nodiscard]] Record to_record(const ProvenLine& line);
[[nodiscard]] Record to_record(const ProvenGrowth& growth);

}  // namespace sallyport::evidence
