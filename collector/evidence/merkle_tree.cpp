// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/merkle_tree.hpp"

#include <bit>

#include "protocol/crypto.hpp"

namespace sallyport::evidence {
namespace {

// A run of leaves as RFC 6962 splits it: begins at a multiple of the largest power of two below its length.
struct Span {
    std::uint64_t begin;
    std::uint64_t end;

    [[nodiscard]] std::uint64_t length() const { return end - begin; }
    [[nodiscard]] bool complete() const { return std::has_single_bit(length()); }
    [[nodiscard]] NodePlace place() const {
        const auto level = static_cast<unsigned>(std::countr_zero(length()));
        return {level, begin >> level};
    }
    // Where the right part begins.
    [[nodiscard]] std::uint64_t split() const { return begin + std::bit_floor(length() - 1); }
    [[nodiscard]] Span left() const { return {begin, split()}; }
    [[nodiscard]] Span right() const { return {split(), end}; }
};

Result<Digest> root_over(Span span, const NodeSource& nodes) {
    if (span.complete())
        return nodes(span.place());
    auto left = nodes(span.left().place());
    if (!left)
        return left;
    auto right = root_over(span.right(), nodes);
    return right ? Result(node_hash(*left, *right)) : right;
}

// Adds the root over a part that the verifier cannot compute.
Result<void> add(std::vector<Digest>& proof, Span span, const NodeSource& nodes) {
    auto root = root_over(span, nodes);
    if (!root)
        return root.error();
    proof.push_back(*root);
    return {};
}

Result<void> audit_path(std::vector<Digest>& proof, std::uint64_t leaf, Span span, const NodeSource& nodes) {
    if (span.length() == 1)
        return {};
    const bool in_left = leaf < span.split();
    if (auto done = audit_path(proof, leaf, in_left ? span.left() : span.right(), nodes); !done)
        return done;
    return add(proof, in_left ? span.right() : span.left(), nodes);
}

// SUBPROOF(m, D[n], b) of section 2.1.2; `known`: the verifier has the older tree's root over this very span.
Result<void> subproof(std::vector<Digest>& proof, std::uint64_t from, Span span, bool known, const NodeSource& nodes) {
    if (from == span.end)
        return known ? Result<void>() : add(proof, span, nodes);
    if (from <= span.split()) {
        if (auto done = subproof(proof, from, span.left(), known, nodes); !done)
            return done;
        return add(proof, span.right(), nodes);
    }
    if (auto done = subproof(proof, from, span.right(), false, nodes); !done)
        return done;
    return add(proof, span.left(), nodes);
}

}  // namespace

Digest empty_root() { return sha256(ByteView()); }

Digest node_hash(const Digest& left, const Digest& right) {
    std::array<std::uint8_t, 1 + 2 * sizeof(Digest)> bytes;
    bytes[0] = 0x01;
    std::copy(left.begin(), left.end(), bytes.begin() + 1);
    std::copy(right.begin(), right.end(), bytes.begin() + 1 + sizeof(Digest));
    return sha256(bytes);
}

Result<TreeEdge> TreeEdge::read(std::uint64_t size, const NodeSource& nodes) {
    TreeEdge edge;
    edge.size_ = size;
    for (Span rest{0, size}; rest.length() > 0;) {
        const Span subtree = rest.complete() ? rest : rest.left();
        auto root = nodes(subtree.place());
        if (!root)
            return root.error();
        edge.roots_.push_back(*root);
        rest.begin = subtree.end;
    }
    return edge;
}

void TreeEdge::append(const Digest& leaf, const std::function<void(NodePlace, const Digest&)>& completed) {
    Digest hash = leaf;
    NodePlace place{0, size_};
    if (completed)
        completed(place, hash);
    for (; (place.index & 1U) != 0; place = {place.level + 1, place.index >> 1U}) {
        hash = node_hash(roots_.back(), hash);
        roots_.pop_back();
        if (completed)
            completed({place.level + 1, place.index >> 1U}, hash);
    }
    roots_.push_back(hash);
    ++size_;
}

Digest TreeEdge::root() const {
    if (roots_.empty())
        return empty_root();
    Digest root = roots_.back();
    for (auto left = roots_.rbegin() + 1; left != roots_.rend(); ++left)
        root = node_hash(*left, root);
    return root;
}

Result<Digest> root_of(std::uint64_t size, const NodeSource& nodes) {
    return size == 0 ? Result(empty_root()) : root_over({0, size}, nodes);
}

Result<std::vector<Digest>> make_inclusion_proof(std::uint64_t leaf_index, std::uint64_t size, const NodeSource& nodes) {
    if (leaf_index >= size)
        return Error(Errc::not_found, "inclusion proof: leaf " + std::to_string(leaf_index) + " in a tree of " +
                                          std::to_string(size) + ": there is none");
    std::vector<Digest> proof;
    if (auto done = audit_path(proof, leaf_index, {0, size}, nodes); !done)
        return done.error().within("inclusion proof");
    return proof;
}

Result<std::vector<Digest>> make_consistency_proof(std::uint64_t from, std::uint64_t to, const NodeSource& nodes) {
    if (from == 0 || from > to)
        return Error(Errc::bad_input, "consistency proof: from size " + std::to_string(from) + " to " +
                                          std::to_string(to) + ": nothing can be proven");
    std::vector<Digest> proof;
    if (auto done = subproof(proof, from, {0, to}, true, nodes); !done)
        return done.error().within("consistency proof");
    return proof;
}

}  // namespace sallyport::evidence
