// SPDX-License-Identifier: Apache-2.0
//
// The tree of RFC 6962 section 2.1 over the log's leaves: its hashes, its growing edge, and the proofs that it can give.
//
// A leaf is `leaf_of(line)` (protocol/chain.hpp): SHA-256(0x00 || line). A node is SHA-256(0x01 || left || right). Only
// complete subtrees are kept: node (level, index) covers the leaves [index * 2^level, (index + 1) * 2^level). All pure;
// one thread at a time for what has state.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "protocol/bytes.hpp"

namespace sallyport::evidence {

// The root of a tree without leaves: SHA-256 of nothing.
[[nodiscard]] Digest empty_root();
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);

struct NodePlace {
    unsigned level = 0;
    std::uint64_t index = 0;
    friend bool operator==(const NodePlace&, const NodePlace&) = default;
};

// The hash of a complete subtree. An error ends the proof that asked for it: it is never guessed.
using NodeSource = std::function<Result<Digest>(NodePlace)>;

// What of a tree is needed to go on with it: the roots of its complete subtrees from left to right, at most 64.
class TreeEdge {
public:
    TreeEdge() = default;
    // Takes up a tree of that size from its kept nodes.
    [[nodiscard]] static Result<TreeEdge> read(std::uint64_t size, const NodeSource& nodes);

    // `completed` is told each subtree that this leaf completes, itself first (level 0).
    void append(const Digest& leaf, const std::function<void(NodePlace, const Digest&)>& completed = {});
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] Digest root() const;

private:
    std::uint64_t size_ = 0;
    std::vector<Digest> roots_;  // of the subtrees, the largest first
};

// The root over the first `size` leaves.
[[nodiscard]] Result<Digest> root_of(std::uint64_t size, const NodeSource& nodes);

// The audit path of the leaf in the tree of that size (RFC 6962 section 2.1.1). Errc::not_found: it has no such leaf.
[[nodiscard]] Result<std::vector<Digest>> make_inclusion_proof(std::uint64_t leaf_index, std::uint64_t size,
                                                               const NodeSource& nodes);
// That the tree of size `from` is the beginning of that of size `to` (section 2.1.2). 0 < from <= to, else bad_input.
[[nodiscard]] Result<std::vector<Digest>> make_consistency_proof(std::uint64_t from, std::uint64_t to,
                                                                 const NodeSource& nodes);

}  // namespace sallyport::evidence
