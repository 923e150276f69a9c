// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/merkle_tree.hpp"

#include <gtest/gtest.h>

#include <map>

#include "collector/evidence/proof.hpp"
#include "protocol/chain.hpp"

namespace sallyport::evidence {
namespace {

// A tree that keeps every node, and its roots by size.
struct Grown {
    explicit Grown(std::uint64_t leaves) {
        TreeEdge edge;
        roots.push_back(edge.root());
        for (std::uint64_t leaf = 0; leaf < leaves; ++leaf) {
            edge.append(leaf_of("line " + std::to_string(leaf)),
                        [&](NodePlace place, const Digest& hash) { kept[{place.level, place.index}] = hash; });
            roots.push_back(edge.root());
        }
    }
    [[nodiscard]] NodeSource nodes() const {
        return [this](NodePlace place) -> Result<Digest> {
            const auto found = kept.find({place.level, place.index});
            return found != kept.end() ? Result(found->second) : Error(Errc::not_found, "node");
        };
    }
    std::map<std::pair<unsigned, std::uint64_t>, Digest> kept;
    std::vector<Digest> roots;
};

TEST(MerkleTree, GivenEveryLeafOfEverySizeWhenProvenThenItVerifiesAndInNoOtherPlaceOrTree) {
    const Grown tree(33);
    for (std::uint64_t size = 1; size <= 33; ++size) {
        EXPECT_EQ(*root_of(size, tree.nodes()), tree.roots[size]);
        for (std::uint64_t leaf = 0; leaf < size; ++leaf) {
            auto path = make_inclusion_proof(leaf, size, tree.nodes());
            ASSERT_TRUE(path) << path.error().message();
            InclusionProof proof{leaf, size, leaf_of("line " + std::to_string(leaf)), *path};
            EXPECT_TRUE(verify_inclusion(proof, tree.roots[size]));
            EXPECT_FALSE(verify_inclusion(proof, tree.roots[size - 1]));
            proof.leaf = leaf_of("another line");
            EXPECT_FALSE(verify_inclusion(proof, tree.roots[size]));
        }
    }
}

TEST(MerkleTree, GivenEveryPairOfSizesWhenProvenThenItVerifiesAndNotForAForkedTree) {
    const Grown tree(33);
    for (std::uint64_t to = 1; to <= 33; ++to)
        for (std::uint64_t from = 1; from <= to; ++from) {
            auto path = make_consistency_proof(from, to, tree.nodes());
            ASSERT_TRUE(path) << path.error().message();
            EXPECT_TRUE(verify_consistency({from, to, *path}, tree.roots[from], tree.roots[to]));
            EXPECT_FALSE(verify_consistency({from, to, *path}, tree.roots[from - 1], tree.roots[to]));
            EXPECT_FALSE(verify_consistency({from, to, *path}, tree.roots[from], leaf_of("fork")));
        }
}

TEST(MerkleTree, GivenKeptNodesWhenTheEdgeIsReadThenItGoesOnAsIfItHadNeverStopped) {
    const Grown whole(21);
    for (std::uint64_t stop = 0; stop <= 21; ++stop) {
        auto edge = TreeEdge::read(stop, whole.nodes());
        ASSERT_TRUE(edge) << edge.error().message();
        EXPECT_EQ(edge->root(), whole.roots[stop]);
        for (std::uint64_t leaf = stop; leaf < 21; ++leaf)
            edge->append(leaf_of("line " + std::to_string(leaf)));
        EXPECT_EQ(edge->root(), whole.roots[21]);
    }
}

TEST(MerkleTree, GivenANodeThatIsMissingThenNoProofIsMade) {
    Grown tree(8);
    tree.kept.erase({2, 1});
    EXPECT_EQ(make_inclusion_proof(0, 8, tree.nodes()).error().code(), Errc::not_found);
    EXPECT_EQ(make_consistency_proof(4, 8, tree.nodes()).error().code(), Errc::not_found);
}

TEST(MerkleTree, GivenWhatCannotBeProvenThenItIsRefused) {
    const Grown tree(4);
    EXPECT_EQ(make_inclusion_proof(4, 4, tree.nodes()).error().code(), Errc::not_found);
    EXPECT_EQ(make_consistency_proof(0, 4, tree.nodes()).error().code(), Errc::bad_input);
    EXPECT_EQ(make_consistency_proof(5, 4, tree.nodes()).error().code(), Errc::bad_input);
}

}  // namespace
}  // namespace sallyport::evidence
