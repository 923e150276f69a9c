// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/tree_check.hpp"

#include <algorithm>

#include "collector/evidence/tree_tiles.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::size_t kHashBytes = sizeof(Digest);
constexpr std::size_t kHeadsAhead = 500;
// A head is signed each minute; one that failed is tried again with the next.
constexpr std::chrono::minutes kHeadWithin{2};

}  // namespace

TreeCheck::TreeCheck(Database& database, store::EvidenceTree tree, const LogCheckOptions& options,
                     std::vector<TreeHead> published, LogCheckReport& report)
    : database_(database), tree_(std::move(tree)), options_(options), report_(report), faults_(report),
      origin_(log_origin(tree_.ori, tree_.epoch)), published_(std::move(published)) {
    std::sort(published_.begin(), published_.end(), [](const TreeHead& a, const TreeHead& b) { return a.size > b.size; });
}

Result<void> TreeCheck::begin() { return compare_heads(); }

Result<void> TreeCheck::take(const store::ScannedLine& line) {
    if (line.ingest_id > tree_.cursor) {
        ++uncovered_;
        if (uncovered_ == 1)
            uncovered_since_ = line.received_at;
        return {};
    }
    const std::uint64_t leaf = edge_.size();
    // Where a run of numbers begins, and so where the one before it ended.
    if (line.ingest_id != last_ingest_id_ + 1)
        if (auto done = compare_number(line.ingest_id, leaf); !done)
            return done;
    last_ingest_id_ = line.ingest_id;
    if (leaf >= covered_) {
        ++uncovered_;
        if (uncovered_ == 1)
            uncovered_since_ = line.received_at;
    }
    std::vector<unsigned> full;
    edge_.append(line.leaf, [&](NodePlace place, const Digest& hash) {
        if (place.level % kTileHeight != 0)
            return;
        const unsigned level = place.level / kTileHeight;
        if (level >= open_.size())
            open_.resize(level + 1);
        open_[level].hashes.insert(open_[level].hashes.end(), hash.begin(), hash.end());
        if (open_[level].hashes.size() == kTileWidth * kHashBytes)
            full.push_back(level);
    });
    for (const unsigned level : full)
        if (auto done = compare_tile(level); !done)
            return done;
    return compare_heads();
}

// The derived tile against the kept one; the derived one is given up.
Result<void> TreeCheck::compare_tile(unsigned level) {
    Tile& derived = open_[level];
    auto kept = store::find_tree_tile(database_, tree_.tree_id, level, derived.index);
    if (!kept)
        return kept.error();
    const std::string place = origin_ + " tile " + std::to_string(level) + "/" + std::to_string(derived.index);
    if (!*kept)
        faults_.add("tile", place, "is missing");
    else if ((*kept)->size() < derived.hashes.size() || !std::equal(derived.hashes.begin(), derived.hashes.end(), (*kept)->begin()))
        faults_.add("tile", place, "is not what the lines give");
    derived = {derived.index + 1, {}};
    return {};
}

Result<void> TreeCheck::compare_number(std::int64_t ingest_id, std::uint64_t leaf) {
    auto number = store::leaf_number(database_, tree_.tree_id, ingest_id);
    if (!number)
        return number.error();
    if (*number != leaf)
        faults_.add("number", origin_ + " leaf " + std::to_string(leaf),
                    "is line " + std::to_string(ingest_id) + ", which is kept as " +
                        (*number ? "leaf " + std::to_string(**number) : "no leaf"));
    return {};
}

Result<void> TreeCheck::read_heads() {
    if (!heads_.empty() || heads_read_)
        return {};
    auto found = store::list_signed_heads(database_, tree_.tree_id, head_cursor_, kHeadsAhead);
    if (!found)
        return found.error();
    heads_read_ = found->size() < kHeadsAhead;
    heads_.assign(found->begin(), found->end());
    if (!heads_.empty())
        head_cursor_ = heads_.back().head_id;
    return {};
}

// Every head of the size that is derived now.
Result<void> TreeCheck::compare_heads() {
    for (;;) {
        if (auto done = read_heads(); !done)
            return done;
        if (heads_.empty() || heads_.front().size > edge_.size())
            break;
        const store::SignedHead head = std::move(heads_.front());
        heads_.pop_front();
        ++report_.heads;
        if (head.size < edge_.size()) {
            faults_.add("head", at(head.size), "was kept after a head of a larger size");
            continue;
        }
        check_signature(head, head.checkpoint);
        if (head.renewed)
            check_signature(head, *head.renewed);
        if (head.root != edge_.root()) {
            if (++wrong_heads_ == 1)
                first_wrong_ = {head.size, last_ingest_id_};
            continue;
        }
        covered_ = std::max(covered_, head.size);
        uncovered_ = 0;
    }
    for (; !published_.empty() && published_.back().size <= edge_.size(); published_.pop_back())
        if (published_.back().size == edge_.size() && published_.back().root != edge_.root())
            faults_.add("fork", at(edge_.size()), "the published head is over other lines than are here");
    return {};
}

void TreeCheck::check_signature(const store::SignedHead& head, const std::string& checkpoint) {
    auto opened = open_checkpoint(checkpoint, options_.keys);
    if (!opened)
        faults_.add("head", at(head.size), opened.error().message());
    else if (opened->origin != origin_ || opened->size != head.size || opened->root != head.root)
        faults_.add("head", at(head.size), "says something else than its row");
}

Result<void> TreeCheck::finish(bool growing) {
    for (unsigned level = 0; level < open_.size(); ++level)
        if (!open_[level].hashes.empty())
            if (auto done = compare_tile(level); !done)
                return done;
    // One altered line makes every later head wrong: told once, for the first.
    if (wrong_heads_ > 0)
        faults_.add("head", at(first_wrong_.size), "was signed over other lines than are here, and " + std::to_string(wrong_heads_ - 1) +
                                                       " later heads: what differs is line " + std::to_string(first_wrong_.ingest_id) +
                                                       " or before it");
    if (edge_.size() != tree_.size)
        faults_.add(edge_.size() < tree_.size ? "truncated" : "tree", origin_,
                    "has " + std::to_string(tree_.size) + " leaves, the log has " + std::to_string(edge_.size()) + " lines for them");
    else if (edge_.size() > 0)
        if (auto done = compare_number(last_ingest_id_, edge_.size() - 1); !done)
            return done;
    // A head that was signed while the check ran is of a tree that grew meanwhile.
    auto size_now = store::evidence_tree_size(database_, tree_.tree_id);
    if (!size_now)
        return size_now.error();
    for (const store::SignedHead& head : heads_)
        if (head.size > *size_now)
            faults_.add("truncated", at(head.size), "was signed, " + std::to_string(head.size - edge_.size()) + " of its lines are missing");
    for (const TreeHead& head : published_)
        faults_.add("truncated", at(head.size), "was published, " + std::to_string(head.size - edge_.size()) + " of its lines are missing");
    if (!growing || uncovered_ == 0)
        return {};
    if (options_.now - uncovered_since_ <= kHeadWithin)
        report_.awaiting_head += uncovered_;
    else
        faults_.add("not_covered", at(edge_.size()), std::to_string(uncovered_) + " lines are covered by no signed head, the last of which is of size " +
                                                         std::to_string(covered_));
    return {};
}

}  // namespace sallyport::evidence
