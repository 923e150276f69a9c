// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/evidence_log.hpp"

#include "collector/evidence/tree_tiles.hpp"
#include "collector/store/event_log.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::size_t kSlice = 5'000;

Result<store::EvidenceTree> tree_of(Database& database, std::string_view ori) {
    auto tree = store::find_evidence_tree(database, ori);
    if (!tree)
        return tree.error();
    return *tree ? Result(**tree) : Error(Errc::not_found, "evidence log: " + std::string(ori) + " has no events yet");
}

// A head is never signed on top of one that it does not grow from: rather none than a fork with our signature.
Result<void> check_last_head(const store::SignedHead& last, const store::EvidenceTree& tree, const NodeSource& nodes,
                             std::span<const PublicKey> known) {
    const auto corrupt = [&](const std::string& why) {
        return Error(Errc::corrupt, "evidence log of " + tree.ori + ": the head of size " + std::to_string(last.size) + ": " + why);
    };
    auto opened = open_checkpoint(last.checkpoint, known);
    if (!opened)
        return corrupt(opened.error().message());
    if (opened->size != last.size || opened->root != last.root || opened->origin != log_origin(tree.ori, tree.epoch))
        return corrupt("says something else than its row");
    if (last.size > tree.size)
        return corrupt("the tree has only " + std::to_string(tree.size) + " leaves");
    auto root = root_of(last.size, nodes);
    if (!root)
        return root.error();
    return *root == last.root ? Result<void>() : corrupt("the tree has another root there");
}

}  // namespace

std::string_view to_string(HeadReason reason) {
    switch (reason) {
        case HeadReason::interval: return "interval";
        case HeadReason::conversion: return "conversion";
        case HeadReason::exported: return "export";
        case HeadReason::start: return "start";
        case HeadReason::stop: return "stop";
    }
    return "";
}

Result<store::SignedHead> sign_head(Database& database, std::string_view ori, const SigningKey& key,
                                    std::span<const PublicKey> known, WallTime now, HeadReason reason) {
    auto tree = tree_of(database, ori);
    if (!tree)
        return tree.error();
    auto last = store::latest_signed_head(database, tree->tree_id);
    if (!last)
        return last.error();
    const NodeSource nodes = tile_nodes(database, tree->tree_id);
    if (*last)
        if (auto checked = check_last_head(**last, *tree, nodes, known); !checked)
            return checked.error();
    auto root = root_of(tree->size, nodes);
    if (!root)
        return root.error();
    auto checkpoint = sign_checkpoint({log_origin(ori, tree->epoch), tree->size, *root, now}, key);
    if (!checkpoint)
        return checkpoint.error();
    store::SignedHead head{0, tree->tree_id, tree->size, *root, now, std::string(to_string(reason)), std::move(*checkpoint)};
    if (auto kept = store::add_signed_head(database, head); !kept)
        return kept.error();
    return head;
}

Result<store::SignedHead> sign_everything(Database& database, std::string_view ori, const SigningKey& key,
                                          std::span<const PublicKey> known, WallTime now, HeadReason reason) {
    for (std::size_t grown = kSlice; grown >= kSlice;) {
        auto growth = database.begin();
        if (!growth)
            return growth.error();
        auto looked_at = grow_trees(database, kSlice);
        if (!looked_at)
            return looked_at.error();
        grown = *looked_at;
        if (auto committed = growth->commit(); !committed)
            return committed.error();
    }
    auto signing = database.begin();
    if (!signing)
        return signing.error();
    auto head = sign_head(database, ori, key, known, now, reason);
    if (!head)
        return head;
    auto committed = signing->commit();
    return committed ? head : Result<store::SignedHead>(committed.error());
}

Result<ProvenLine> prove_line(Database& database, const store::EvidenceTree& tree, std::int64_t ingest_id, std::uint64_t size) {
    const std::string line = "line " + std::to_string(ingest_id);
    auto events = store::read_events(database, {ingest_id});
    if (!events)
        return events.error();
    if (events->empty())
        return Error(Errc::not_found, line + ": there is none");
    auto number = store::leaf_number(database, tree.tree_id, ingest_id);
    if (!number)
        return number.error();
    if (!*number || **number >= size)
        return Error(Errc::refused, line + ": not covered by the tree of " + std::to_string(size) + " of " +
                                        log_origin(tree.ori, tree.epoch));
    const NodeSource nodes = tile_nodes(database, tree.tree_id);
    auto path = make_inclusion_proof(**number, size, nodes);
    auto root = root_of(size, nodes);
    if (!path || !root)
        return path ? root.error() : path.error();
    ProvenLine proven{ingest_id, {**number, size, events->front().leaf, std::move(*path)}, *root};
    if (auto holds = verify_inclusion(proven.proof, proven.root); !holds)
        return Error(Errc::corrupt, line + ": is not leaf " + std::to_string(**number) + ": " + holds.error().message());
    return proven;
}

Result<ProvenGrowth> prove_growth(Database& database, const store::EvidenceTree& tree, std::uint64_t from, std::uint64_t to) {
    if (to > tree.size)
        return Error(Errc::bad_input, "evidence log: no size " + std::to_string(to) + ", the tree has " + std::to_string(tree.size));
    const NodeSource nodes = tile_nodes(database, tree.tree_id);
    auto path = make_consistency_proof(from, to, nodes);
    if (!path)
        return path.error();
    auto from_root = root_of(from, nodes), to_root = root_of(to, nodes);
    if (!from_root || !to_root)
        return from_root ? to_root.error() : from_root.error();
    return ProvenGrowth{{from, to, std::move(*path)}, *from_root, *to_root};
}

Result<void> check_growth(const TreeHead& last_seen, const TreeHead& newer, const std::vector<Digest>& path) {
    const auto refused = [&](std::string_view what, const std::string& why) {
        return Error(Errc::refused, std::string(what) + ": " + newer.origin + ", size " + std::to_string(last_seen.size) + " to " +
                                        std::to_string(newer.size) + ": " + why);
    };
    if (newer.origin != last_seen.origin)
        return refused("another log", "last seen was " + last_seen.origin);
    if (newer.signed_at < last_seen.signed_at)
        return refused("older", "signed before the head last seen");
    if (newer.size < last_seen.size)
        return refused("shrunk", std::to_string(last_seen.size - newer.size) + " lines are gone");
    if (last_seen.size == 0)
        return {};  // from nothing anything may grow
    auto proven = verify_consistency({last_seen.size, newer.size, path}, last_seen.root, newer.root);
    return proven ? proven : Result<void>(refused("fork", proven.error().message()));
}

}  // namespace sallyport::evidence
