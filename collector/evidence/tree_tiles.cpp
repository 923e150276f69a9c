// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/tree_tiles.hpp"

#include <algorithm>
#include <deque>

namespace sallyport::evidence {
namespace {

constexpr std::size_t kHashBytes = sizeof(Digest);
constexpr std::size_t kTilesKept = 32;
// About 5 ms of work: one commit may be that much later (system.md 9.7).
constexpr std::size_t kLinesPerCommit = 5'000;

Digest hash_at(const Bytes& hashes, std::size_t i) {
    Digest hash;
    std::copy_n(hashes.begin() + static_cast<std::ptrdiff_t>(i * kHashBytes), kHashBytes, hash.begin());
    return hash;
}

// The root over `count` hashes from `first` on; count is a power of two.
Digest root_over(const Bytes& hashes, std::size_t first, std::size_t count) {
    if (count == 1)
        return hash_at(hashes, first);
    return node_hash(root_over(hashes, first, count / 2), root_over(hashes, first + count / 2, count / 2));
}

Error wrong_tile(std::int64_t tree_id, unsigned level, std::uint64_t index, std::string_view why) {
    return Error(Errc::corrupt, "evidence tree " + std::to_string(tree_id) + ": tile " + std::to_string(level) + "/" +
                                    std::to_string(index) + " " + std::string(why));
}

// The right edge of a tree in tiles: the one tile of each level that is still open.
class GrowingTree {
public:
    GrowingTree(Database& database, store::EvidenceTree& tree) : database_(database), tree_(tree) {}

    Result<void> append(const Digest& leaf) {
        if (auto done = append(0, leaf); !done)
            return done;
        ++tree_.size;
        return {};
    }

    // Writes what is still open.
    Result<void> save() {
        for (OpenTile& open : open_)
            if (open.changed)
                if (auto done = store::save_tree_tile(database_, tree_.tree_id, open.tile); !done)
                    return done;
        return {};
    }

private:
    struct OpenTile {
        store::TreeTile tile;
        bool changed = false;
    };

    Result<void> append(unsigned level, const Digest& hash) {
        if (level == open_.size())
            if (auto done = take_up(level); !done)
                return done;
        OpenTile& open = open_[level];
        open.tile.hashes.insert(open.tile.hashes.end(), hash.begin(), hash.end());
        open.changed = true;
        if (open.tile.hashes.size() < kTileWidth * kHashBytes)
            return {};
        if (auto done = store::save_tree_tile(database_, tree_.tree_id, open.tile); !done)
            return done;
        const Digest root = root_over(open.tile.hashes, 0, kTileWidth);
        open = OpenTile{{level, open.tile.index + 1, {}}, false};
        return append(level + 1, root);
    }

    // As the tree's size says: after it, nothing was committed.
    Result<void> take_up(unsigned level) {
        const std::uint64_t hashes = tree_.size >> (kTileHeight * level);
        OpenTile open{{level, hashes / kTileWidth, {}}, false};
        if (const std::size_t width = hashes % kTileWidth; width > 0) {
            auto kept = store::find_tree_tile(database_, tree_.tree_id, level, open.tile.index);
            if (!kept)
                return kept.error();
            if (!*kept || (*kept)->size() != width * kHashBytes)
                return wrong_tile(tree_.tree_id, level, open.tile.index, "is not as long as the tree");
            open.tile.hashes = std::move(**kept);
        }
        open_.push_back(std::move(open));
        return {};
    }

    Database& database_;
    store::EvidenceTree& tree_;
    std::vector<OpenTile> open_;  // by level
};

Result<std::size_t> grow(Database& database, store::EvidenceTree& tree, std::size_t limit) {
    auto found = store::read_tree_leaves(database, tree.ori, tree.cursor, limit);
    if (!found)
        return found.error();
    if (found->cursor == tree.cursor)
        return std::size_t{0};
    const auto looked_at = static_cast<std::size_t>(found->cursor - tree.cursor);
    GrowingTree growing(database, tree);
    const std::uint64_t first_leaf = tree.size;
    for (const store::TreeLeaf& leaf : found->leaves)
        if (auto done = growing.append(leaf.leaf); !done)
            return done.error();
    if (auto done = growing.save(); !done)
        return done.error();
    if (auto done = store::number_leaves(database, tree.tree_id, first_leaf, found->leaves); !done)
        return done.error();
    tree.cursor = found->cursor;
    if (auto done = store::move_evidence_tree(database, tree); !done)
        return done.error();
    return looked_at;
}

// Reads tiles and keeps the last ones: a proof asks several times for neighbours.
class TileReader {
public:
    TileReader(Database& database, std::int64_t tree_id) : database_(database), tree_id_(tree_id) {}

    Result<Digest> node(NodePlace place) {
        const unsigned level = place.level / kTileHeight;
        const std::size_t count = std::size_t{1} << (place.level % kTileHeight);
        const std::uint64_t first = place.index * count;
        auto tile = read(level, first / kTileWidth);
        if (!tile)
            return tile.error();
        const std::size_t offset = first % kTileWidth;
        if ((*tile)->size() < (offset + count) * kHashBytes)
            return wrong_tile(tree_id_, level, first / kTileWidth, "is too short");
        return root_over(**tile, offset, count);
    }

private:
    struct Kept {
        unsigned level;
        std::uint64_t index;
        std::shared_ptr<const Bytes> hashes;
    };

    Result<std::shared_ptr<const Bytes>> read(unsigned level, std::uint64_t index) {
        for (const Kept& kept : kept_)
            if (kept.level == level && kept.index == index)
                return kept.hashes;
        auto found = store::find_tree_tile(database_, tree_id_, level, index);
        if (!found)
            return found.error();
        if (!*found)
            return wrong_tile(tree_id_, level, index, "is missing");
        auto hashes = std::make_shared<const Bytes>(std::move(**found));
        if (hashes->size() < kTileWidth * kHashBytes)
            return hashes;  // still growing
        kept_.push_front({level, index, hashes});
        if (kept_.size() > kTilesKept)
            kept_.pop_back();
        return hashes;
    }

    Database& database_;
    std::int64_t tree_id_;
    std::deque<Kept> kept_;
};

}  // namespace

Result<std::size_t> grow_trees(Database& database, std::size_t limit) {
    auto trees = store::list_growing_trees(database);
    if (!trees)
        return trees.error();
    std::size_t most = 0;
    for (store::EvidenceTree& tree : *trees) {
        auto looked_at = grow(database, tree, limit);
        if (!looked_at)
            return looked_at.error().within("evidence tree of " + tree.ori);
        most = std::max(most, *looked_at);
    }
    return most;
}

store::Writer::Job tree_growth() {
    return [](Database& database) -> Result<void> {
        auto grown = grow_trees(database, kLinesPerCommit);
        return grown ? Result<void>() : grown.error();
    };
}

NodeSource tile_nodes(Database& database, std::int64_t tree_id) {
    auto reader = std::make_shared<TileReader>(database, tree_id);
    return [reader](NodePlace place) { return reader->node(place); };
}

Result<Bytes> read_tile(Database& database, const store::EvidenceTree& tree, unsigned level, std::uint64_t index,
                        std::size_t width) {
    const auto none = [&] {
        return Error(Errc::not_found, "evidence tree: a tree of " + std::to_string(tree.size) + " leaves has no tile " +
                                          std::to_string(level) + "/" + std::to_string(index) + " of width " + std::to_string(width));
    };
    // No level above the seventh can hold a hash of a tree whose size has 63 bits.
    if (level > 7 || width < 1 || width > kTileWidth || index > (std::uint64_t{1} << 55))
        return none();
    if (index * kTileWidth + width > (tree.size >> (kTileHeight * level)))
        return none();
    auto found = store::find_tree_tile(database, tree.tree_id, level, index);
    if (!found)
        return found.error();
    if (!*found || (*found)->size() < width * kHashBytes)
        return wrong_tile(tree.tree_id, level, index, "is missing or too short");
    (*found)->resize(width * kHashBytes);
    return std::move(**found);
}

}  // namespace sallyport::evidence
