// SPDX-License-Identifier: Apache-2.0
//
// What the evidence log of an agency answers: a signed head, the proof of a line against a head, the proof that one head
// grew into another. Free functions on a Database, so that the collector and sallyportctl use the same ones.
//
// Only sizes that were committed with FULL are signed: the tree grows at the end of a transaction, and a head is made in a
// later one.
#pragma once

#include <span>
#include <string>

#include "collector/evidence/checkpoint.hpp"
#include "collector/evidence/proof.hpp"
#include "collector/store/tree_repository.hpp"

namespace sallyport::evidence {

// Why a head was signed; kept with it.
enum class HeadReason { interval, conversion, exported, start, stop };
[[nodiscard]] std::string_view to_string(HeadReason reason);

// Signs the agency's newest tree as it is committed, and keeps the head; in the caller's transaction, published by the
// caller after its commit. Errc::corrupt, and nothing is signed: the tree does not lead on from the last head, or that one
// was signed by none of `known`. Errc::not_found: the agency has no tree yet.
[[nodiscard]] Result<store::SignedHead> sign_head(Database& database, std::string_view ori, const SigningKey& key,
                                                  std::span<const PublicKey> known, WallTime now, HeadReason reason);

// A head that covers every line committed before the call: takes up what waits, commits, and signs. For whoever has a
// connection of his own and no transaction open (sallyportctl); the collector asks its HeadSigner.
[[nodiscard]] Result<store::SignedHead> sign_everything(Database& database, std::string_view ori, const SigningKey& key,
                                                        std::span<const PublicKey> known, WallTime now, HeadReason reason);

struct ProvenLine {
    std::int64_t ingest_id = 0;
    InclusionProof proof;
    Digest root{};
};
// Against the tree of `size` leaves. Errc::refused: not covered by that tree; Errc::corrupt: the line's own leaf is not
// the one in the tree. The proof is checked before it is given.
[[nodiscard]] Result<ProvenLine> prove_line(Database& database, const store::EvidenceTree& tree, std::int64_t ingest_id,
                                            std::uint64_t size);

struct ProvenGrowth {
    ConsistencyProof proof;
    Digest from_root{};
    Digest to_root{};
};
// 0 < from <= to <= size of the tree.
[[nodiscard]] Result<ProvenGrowth> prove_growth(Database& database, const store::EvidenceTree& tree, std::uint64_t from,
                                                std::uint64_t to);

// What a witness checks when it is shown another head than the one it last believed. Errc::refused, and the message begins
// with what it is: `another log`, `older` (signed before the one last seen: stale, and no more), `shrunk` or `fork`.
[[nodiscard]] Result<void> check_growth(const TreeHead& last_seen, const TreeHead& newer, const std::vector<Digest>& path);

}  // namespace sallyport::evidence
