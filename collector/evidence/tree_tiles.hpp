// SPDX-License-Identifier: Apache-2.0
//
// The evidence log's tree in the store: it grows in the writer's transactions, and its nodes are read from tiles.
//
// Tiles as in c2sp.org/tlog-tiles: tile N of level L holds up to 256 roots of complete subtrees of 256^L leaves. They are
// rows of the same file as the lines, written in the same transaction: after any kill the tree is that of the lines that
// are there, or behind them and goes on from where it stands.
#pragma once

#include <memory>

#include "collector/evidence/merkle_tree.hpp"
#include "collector/store/tree_repository.hpp"
#include "collector/store/commit_duty.hpp"

namespace sallyport::evidence {

inline constexpr std::size_t kTileWidth = 256;
inline constexpr unsigned kTileHeight = 8;  // levels of the tree that one level of tiles spans

// Takes up to `limit` lines that were committed, or are about to be, into each agency's newest tree; in the caller's
// transaction. Returns how many lines were looked at: fewer than `limit` of each agency means that nothing waits.
[[nodiscard]] Result<std::size_t> grow_trees(Database& database, std::size_t limit);

// For store::open_writer(): each commit leaves with its lines in the tree. What an older version of this
// program left behind is caught up in slices.
[[nodiscard]] store::Writer::Job tree_growth();

// Nodes of a kept tree; only complete subtrees below its size. Keeps the last tiles it read. Lives as long as `database`
// and belongs to its thread. Errc::corrupt: a tile that should be there is not.
[[nodiscard]] NodeSource tile_nodes(Database& database, std::int64_t tree_id);

// The hashes of a tile for a tree of that size: `width` of them, 1 to 256. not_found: that tree has no such tile.
[[nodiscard]] Result<Bytes> read_tile(Database& database, const store::EvidenceTree& tree, unsigned level,
                                      std::uint64_t index, std::size_t width);

}  // namespace sallyport::evidence
