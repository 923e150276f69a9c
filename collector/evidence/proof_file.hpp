// SPDX-License-Identifier: Apache-2.0
//
// A single proof as a JSON object, with the fields of transparency-dev/merkle's test data:
//   inclusion    leafIdx, treeSize, root, leafHash, proof
//   consistency  size1, size2, root1, root2, proof
// Hashes are base64 of 32 bytes, `proof` a list of them or null. `desc` and `wantErr` may stand beside them and count for
// nothing. Anything else is refused.
#pragma once

#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace sallyport::evidence {

enum class ProofKind { inclusion, consistency };

// What was proven, in words. Errc::bad_input: it is no such object; Errc::refused: it proves nothing, and why (a hash of
// another length than 32 bytes is a reason).
struct ProvenFact {
    ProofKind kind;
    std::string sentence;
};
[[nodiscard]] Result<ProvenFact> check_proof(std::string_view json);

}  // namespace sallyport::evidence
