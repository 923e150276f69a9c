// SPDX-License-Identifier: Apache-2.0
//
// Whether a tree is the one that its lines give: tiles, numbers, roots of the kept heads and of published ones, and the
// heads' signatures. Part of log_check.
#pragma once

#include <deque>

#include "collector/evidence/checkpoint.hpp"
#include "collector/evidence/fault_list.hpp"
#include "collector/evidence/merkle_tree.hpp"
#include "collector/store/log_scan.hpp"
#include "collector/store/tree_repository.hpp"

namespace sallyport::evidence {

class TreeCheck {
public:
    // `published`: heads of this tree, opened with the keys; in any order.
    TreeCheck(Database& database, store::EvidenceTree tree, const LogCheckOptions& options, std::vector<TreeHead> published,
              LogCheckReport& report);

    [[nodiscard]] Result<void> begin();
    // Lines of the agency in the order of their commit.
    [[nodiscard]] Result<void> take(const store::ScannedLine& line);
    // `growing`: the agency's newest tree, which every line has to be in and some head has to cover.
    [[nodiscard]] Result<void> finish(bool growing);

private:
    [[nodiscard]] Result<void> compare_tile(unsigned level);
    [[nodiscard]] Result<void> compare_number(std::int64_t ingest_id, std::uint64_t leaf);
    [[nodiscard]] Result<void> compare_heads();
    [[nodiscard]] Result<void> read_heads();
    void check_signature(const store::SignedHead& head, const std::string& checkpoint);
    [[nodiscard]] std::string at(std::uint64_t size) const { return origin_ + " size " + std::to_string(size); }

    Database& database_;
    const store::EvidenceTree tree_;
    const LogCheckOptions& options_;
    LogCheckReport& report_;
    FaultList faults_;
    const std::string origin_;

    TreeEdge edge_;
    struct Tile {
        std::uint64_t index = 0;
        Bytes hashes;
    };
    std::vector<Tile> open_;  // by level: derived, not yet compared
    std::int64_t last_ingest_id_ = -1;
    struct WrongHead {
        std::uint64_t size = 0;
        std::int64_t ingest_id = 0;
    } first_wrong_;
    std::uint64_t wrong_heads_ = 0;

    std::deque<store::SignedHead> heads_;  // read ahead, oldest first
    std::int64_t head_cursor_ = 0;
    bool heads_read_ = false;
    std::vector<TreeHead> published_;      // by size, the largest first
    std::uint64_t covered_ = 0;            // by the last good head
    std::uint64_t uncovered_ = 0;
    WallTime uncovered_since_{};
};

}  // namespace sallyport::evidence
