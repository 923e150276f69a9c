// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/store_proofs.hpp"

#include <array>

#include "collector/store/tree_repository.hpp"

namespace sallyport::evidence {
namespace {

Result<store::EvidenceTree> tree_of(Database& database, std::string_view ori) {
    auto tree = store::find_evidence_tree(database, ori);
    if (!tree) return tree.error();
    if (!*tree) return Error(Errc::not_found, "the agency " + std::string(ori) + " has no evidence log yet");
    return std::move(**tree);
}

Result<KeptHead> read_head(const store::SignedHead& stored) {
    auto head = read_checkpoint(stored.checkpoint);
    if (!head) return head.error();
    return KeptHead{std::move(*head), stored.checkpoint};
}

Result<std::optional<KeptHead>> read_head(Result<std::optional<store::SignedHead>> stored) {
    if (!stored) return stored.error();
    if (!*stored) return std::optional<KeptHead>();
    auto head = read_head(**stored);
    return head ? Result(std::optional(std::move(*head))) : head.error();
}

}  // namespace

Result<StoreProofs> StoreProofs::with_fresh_head(Database& database, std::string_view ori, const SigningKey& key, WallTime now) {
    const std::array known{key.public_key()};
    auto stored = sign_everything(database, ori, key, known, now, HeadReason::exported);
    if (!stored) return stored.error();
    auto head = read_head(*stored);
    if (!head) return head.error();
    auto tree = tree_of(database, ori);
    if (!tree) return tree.error();
    return StoreProofs(database, std::move(*tree), std::move(*head));
}

Result<StoreProofs> StoreProofs::with_newest_head(Database& reader, std::string_view ori) {
    auto tree = tree_of(reader, ori);
    if (!tree) return tree.error();
    auto head = read_head(store::latest_signed_head(reader, tree->tree_id));
    if (!head) return head.error();
    if (!*head) return Error(Errc::not_found, "no head of the evidence log was signed yet");
    return StoreProofs(reader, std::move(*tree), std::move(**head));
}

Result<LeafProof> StoreProofs::prove(std::int64_t ingest_id) {
    auto proven = prove_line(database_, tree_, ingest_id, head_.head.size);
    if (!proven) return proven.error();
    return LeafProof{proven->proof.leaf_index, std::move(proven->proof.path)};
}

Result<std::optional<KeptHead>> StoreProofs::last_before(WallTime time) {
    return read_head(store::last_signed_head_before(database_, tree_.tree_id, time));
}

Result<std::optional<KeptHead>> StoreProofs::first_from(WallTime time) {
    return read_head(store::first_signed_head_from(database_, tree_.tree_id, time));
}

Result<std::vector<Digest>> StoreProofs::prove_growth(const TreeHead& from) {
    auto grown = evidence::prove_growth(database_, tree_, from.size, head_.head.size);
    if (!grown) return grown.error();
    return std::move(grown->proof.path);
}

}  // namespace sallyport::evidence
