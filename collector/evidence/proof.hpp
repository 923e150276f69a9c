// SPDX-License-Identifier: Apache-2.0
//
// Proofs of RFC 6962 and how they are checked (algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2). Whoever checks
// needs nothing but the proof and the roots. What is not proven is refused with the reason; there is no third answer.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/bytes.hpp"

namespace sallyport::evidence {

// That a leaf stands at `leaf_index` in the tree of `size` leaves.
struct InclusionProof {
    std::uint64_t leaf_index = 0;
    std::uint64_t size = 0;
    Digest leaf{};
    std::vector<Digest> path;
};
[[nodiscard]] Result<void> verify_inclusion(const InclusionProof& proof, const Digest& root);

// That the tree of `from` leaves is the beginning of that of `to` leaves. From size 0 nothing is proven: refused.
struct ConsistencyProof {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::vector<Digest> path;
};
[[nodiscard]] Result<void> verify_consistency(const ConsistencyProof& proof, const Digest& from_root,
                                              const Digest& to_root);

}  // namespace sallyport::evidence
