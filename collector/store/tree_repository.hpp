// SPDX-License-Identifier: Apache-2.0
//
// The evidence log's tree as it is kept: how far it has grown, its nodes in tiles, and its signed heads. What the hashes
// mean is collector/evidence/; trees and tiles can be made again from the event log, heads cannot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/bytes.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

// One tree an agency and epoch. A new epoch begins where a restored store cannot go on with the old tree (system.md 9.6).
struct EvidenceTree {
    std::int64_t tree_id = 0;
    std::string ori;
    std::uint64_t epoch = 1;
    std::uint64_t size = 0;   // leaves
    std::int64_t cursor = 0;  // ingest_id up to which the event log was looked at
    std::optional<std::string> previous_head = {};  // the last checkpoint published of the epoch before
};

// The agency's tree of the newest epoch, or nothing. An agency has one from its first stream on.
[[nodiscard]] Result<std::optional<EvidenceTree>> find_evidence_tree(Database& database, std::string_view ori);
// By agency and epoch.
[[nodiscard]] Result<std::vector<EvidenceTree>> list_evidence_trees(Database& database);
// The newest epoch of each agency: those that grow.
[[nodiscard]] Result<std::vector<EvidenceTree>> list_growing_trees(Database& database);
// The next epoch of the agency, or its first. It takes up every stored line again, from the first on.
[[nodiscard]] Result<EvidenceTree> begin_evidence_tree(Database& database, std::string_view ori,
                                                       const std::optional<std::string>& previous_head, WallTime now);
[[nodiscard]] Result<std::uint64_t> evidence_tree_size(Database& database, std::int64_t tree_id);
[[nodiscard]] Result<void> move_evidence_tree(Database& database, const EvidenceTree& tree);

// A line of the log on its way into the tree.
struct TreeLeaf {
    std::int64_t ingest_id = 0;
    Digest leaf{};
};
struct TreeLeaves {
    std::vector<TreeLeaf> leaves;  // the agency's, in the order of their commit
    std::int64_t cursor = 0;       // up to where the log was looked at, lines of other agencies included
};
// Looks at up to `limit` lines behind the cursor.
[[nodiscard]] Result<TreeLeaves> read_tree_leaves(Database& database, std::string_view ori, std::int64_t cursor,
                                                  std::size_t limit);

// Which line is which leaf. Leaves stand in the order of their ingest_id; where those have no hole a run is one row.
[[nodiscard]] Result<void> number_leaves(Database& database, std::int64_t tree_id, std::uint64_t first_leaf,
                                         const std::vector<TreeLeaf>& leaves);
[[nodiscard]] Result<std::optional<std::uint64_t>> leaf_number(Database& database, std::int64_t tree_id,
                                                               std::int64_t ingest_id);
[[nodiscard]] Result<std::optional<std::int64_t>> ingest_id_of_leaf(Database& database, std::int64_t tree_id,
                                                                    std::uint64_t leaf);

// A tile of level L is up to 256 roots of complete subtrees of 256^L leaves (c2sp.org/tlog-tiles), 32 bytes each, one after
// the other. A tile that is not full grows; no hash in it ever changes.
struct TreeTile {
    unsigned level = 0;
    std::uint64_t index = 0;
    Bytes hashes;
};
[[nodiscard]] Result<std::optional<Bytes>> find_tree_tile(Database& database, std::int64_t tree_id, unsigned level,
                                                          std::uint64_t index);
[[nodiscard]] Result<void> save_tree_tile(Database& database, std::int64_t tree_id, const TreeTile& tile);

struct SignedHead {
    std::int64_t head_id = 0;
    std::int64_t tree_id = 0;
    std::uint64_t size = 0;
    Digest root{};
    WallTime signed_at{};
    std::string reason;      // interval, conversion, export, start, stop
    std::string checkpoint;  // as published: collector/evidence/checkpoint.hpp
    // The same head, signed again while nothing was added: says that the log was alive then.
    std::optional<WallTime> renewed_at = {};
    std::optional<std::string> renewed = {};

    [[nodiscard]] const std::string& newest() const { return renewed ? *renewed : checkpoint; }
};
// Keeps it and gives it its head_id. A head for `interval` of the size of the one before renews that one.
[[nodiscard]] Result<void> add_signed_head(Database& database, SignedHead& head);
[[nodiscard]] Result<std::optional<SignedHead>> latest_signed_head(Database& database, std::int64_t tree_id);
// The first head that covers that many leaves, or nothing: not covered.
[[nodiscard]] Result<std::optional<SignedHead>> signed_head_covering(Database& database, std::int64_t tree_id,
                                                                     std::uint64_t size);
// The last one signed before that time, the first one signed at it or after; nothing: none was.
[[nodiscard]] Result<std::optional<SignedHead>> last_signed_head_before(Database& database, std::int64_t tree_id, WallTime time);
[[nodiscard]] Result<std::optional<SignedHead>> first_signed_head_from(Database& database, std::int64_t tree_id, WallTime time);
// Oldest first, behind `head_id`. Sizes never fall from one to the next.
[[nodiscard]] Result<std::vector<SignedHead>> list_signed_heads(Database& database, std::int64_t tree_id,
                                                                std::int64_t after, std::size_t limit);

// Up to which act the audit log was looked at, and whether alerts became an incident in between: that asks for a head.
struct ConversionLook {
    std::int64_t log_id = 0;
    bool found = false;
};
[[nodiscard]] Result<ConversionLook> look_for_conversions(Database& database, std::int64_t after);

}  // namespace sallyport::store
