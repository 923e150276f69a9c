// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/proof.hpp"

#include <bit>
#include <span>

#include "collector/evidence/merkle_tree.hpp"

namespace sallyport::evidence {
namespace {

Error refused(std::string why) { return Error(Errc::refused, std::move(why)); }

// Where the proof stands on its way up: the node's number on this level, and that of the last one.
struct Climb {
    std::uint64_t node;
    std::uint64_t last;

    [[nodiscard]] bool at_root() const { return last == 0; }
    // The sibling is to the left.
    [[nodiscard]] bool from_left() const { return (node & 1U) != 0 || node == last; }
    void up() {
        node >>= 1U;
        last >>= 1U;
    }
    // Levels on which the node has no sibling are passed over.
    void up_past_lone_nodes() {
        while ((node & 1U) == 0 && node != 0)
            up();
    }
};

}  // namespace

Result<void> verify_inclusion(const InclusionProof& proof, const Digest& root) {
    if (proof.leaf_index >= proof.size)
        return refused("leaf " + std::to_string(proof.leaf_index) + " is outside a tree of " + std::to_string(proof.size));
    Climb climb{proof.leaf_index, proof.size - 1};
    Digest hash = proof.leaf;
    for (const Digest& sibling : proof.path) {
        if (climb.at_root())
            return refused("the path is too long: " + std::to_string(proof.path.size()) + " hashes");
        if (climb.from_left()) {
            hash = node_hash(sibling, hash);
            climb.up_past_lone_nodes();
        } else {
            hash = node_hash(hash, sibling);
        }
        climb.up();
    }
    if (!climb.at_root())
        return refused("the path is too short: " + std::to_string(proof.path.size()) + " hashes");
    if (hash != root)
        return refused("the path leads to another root: " + to_hex(hash));
    return {};
}

Result<void> verify_consistency(const ConsistencyProof& proof, const Digest& from_root, const Digest& to_root) {
    if (proof.from == 0)
        return refused("a tree without leaves is the beginning of every tree: nothing is proven");
    if (proof.from > proof.to)
        return refused("size " + std::to_string(proof.from) + " is larger than " + std::to_string(proof.to));
    if (proof.from == proof.to) {
        if (!proof.path.empty())
            return refused("the sizes are equal, yet there is a path");
        return from_root == to_root ? Result<void>() : refused("two roots for one size: the log was forked");
    }
    // A complete older tree is a node of the newer one: the path then begins with it, unsaid.
    const bool complete = std::has_single_bit(proof.from);
    if (!complete && proof.path.empty())
        return refused("the path is empty");
    std::span<const Digest> path(proof.path);
    const Digest& first = complete ? from_root : path.front();
    if (!complete)
        path = path.subspan(1);
    Climb climb{proof.from - 1, proof.to - 1};
    while ((climb.node & 1U) != 0)
        climb.up();
    Digest older = first, newer = first;
    for (const Digest& sibling : path) {
        if (climb.at_root())
            return refused("the path is too long: " + std::to_string(proof.path.size()) + " hashes");
        if (climb.from_left()) {
            older = node_hash(sibling, older);
            newer = node_hash(sibling, newer);
            climb.up_past_lone_nodes();
        } else {
            newer = node_hash(newer, sibling);
        }
        climb.up();
    }
    if (!climb.at_root())
        return refused("the path is too short: " + std::to_string(proof.path.size()) + " hashes");
    if (older != from_root)
        return refused("the path leads to another root of size " + std::to_string(proof.from) + ": " + to_hex(older));
    if (newer != to_root)
        return refused("the path leads to another root of size " + std::to_string(proof.to) + ": " + to_hex(newer));
    return {};
}

}  // namespace sallyport::evidence
