// SPDX-License-Identifier: Apache-2.0
#include "collector/store/tree_repository.hpp"

#include "collector/store/digest_column.hpp"
#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr std::string_view kWhere = "store: evidence tree";

std::uint64_t count_at(const Statement& row, int column) { return static_cast<std::uint64_t>(row.integer(column)); }

EvidenceTree tree_from(const Statement& row) {
    return {row.integer(0), row.text(1), count_at(row, 2), count_at(row, 3), row.integer(4), row.optional_text(5)};
}

SignedHead head_from(const Statement& row) {
    return {row.integer(0), row.integer(1), count_at(row, 2), digest_at(row, 3), wall_time(row.integer(4)),
            row.text(5), row.text(6), optional_time(row, 7), row.optional_text(8)};
}

struct Run {
    std::uint64_t first_leaf;
    std::int64_t first_ingest_id;
    std::uint64_t count;
};

// The only row, or nothing.
template <class Make>
auto read_one(Statement& query, const Make& make) -> Result<std::optional<decltype(make(query))>> {
    auto rows = read_rows(query, kWhere, make);
    if (!rows)
        return rows.error();
    return rows->empty() ? std::nullopt : std::optional(std::move(rows->front()));
}

constexpr std::string_view kTreeColumns = "SELECT tree_id, ori, epoch, size, cursor, previous_head FROM evidence_tree ";
constexpr std::string_view kHeadColumns =
    "SELECT head_id, tree_id, size, root, signed_at, reason, checkpoint, renewed_at, renewed FROM evidence_head "
    "WHERE tree_id = ? ";

Result<std::optional<SignedHead>> read_head(Database& database, std::int64_t tree_id, const char* rest,
                                            std::optional<std::uint64_t> bound) {
    auto query = database.prepare(std::string(kHeadColumns) + rest);
    if (!query)
        return query.error().within(kWhere);
    query->bind(1, tree_id);
    if (bound)
        query->bind(2, *bound);
    return read_one(*query, head_from);
}

}  // namespace

Result<std::optional<EvidenceTree>> find_evidence_tree(Database& database, std::string_view ori) {
    auto query = database.prepare(std::string(kTreeColumns) + "WHERE ori = ? ORDER BY epoch DESC LIMIT 1");
    if (!query)
        return query.error().within(kWhere);
    query->bind(1, ori);
    return read_one(*query, tree_from);
}

Result<std::vector<EvidenceTree>> list_evidence_trees(Database& database) {
    auto query = database.prepare(std::string(kTreeColumns) + "ORDER BY ori, epoch");
    if (!query)
        return query.error().within(kWhere);
    return read_rows(*query, kWhere, tree_from);
}

Result<std::vector<EvidenceTree>> list_growing_trees(Database& database) {
    auto query = database.prepare(std::string(kTreeColumns) +
                                  "AS t WHERE epoch = (SELECT MAX(epoch) FROM evidence_tree WHERE ori = t.ori) ORDER BY ori");
    if (!query)
        return query.error().within(kWhere);
    return read_rows(*query, kWhere, tree_from);
}

Result<EvidenceTree> begin_evidence_tree(Database& database, std::string_view ori,
                                         const std::optional<std::string>& previous_head, WallTime now) {
    auto last = find_evidence_tree(database, ori);
    if (!last)
        return last.error();
    EvidenceTree tree{0, std::string(ori), *last ? (*last)->epoch + 1 : 1, 0, 0, previous_head};
    auto insert = database.prepare(
        "INSERT INTO evidence_tree (ori, epoch, size, cursor, begun_at, previous_head) VALUES (?, ?, 0, 0, ?, ?)");
    if (!insert)
        return insert.error().within(kWhere);
    insert->bind(1, ori).bind(2, tree.epoch).bind(3, milliseconds(now)).bind(4, previous_head);
    if (auto done = insert->run(); !done)
        return done.error().within(kWhere);
    tree.tree_id = database.last_insert_rowid();
    return tree;
}

Result<std::uint64_t> evidence_tree_size(Database& database, std::int64_t tree_id) {
    auto query = database.prepare("SELECT size FROM evidence_tree WHERE tree_id = ?");
    if (!query)
        return query.error().within(kWhere);
    auto row = query->bind(1, tree_id).step();
    if (!row)
        return row.error().within(kWhere);
    return *row ? count_at(*query, 0) : std::uint64_t{0};
}

Result<void> move_evidence_tree(Database& database, const EvidenceTree& tree) {
    auto update = database.prepare("UPDATE evidence_tree SET size = ?, cursor = ? WHERE tree_id = ?");
    if (!update)
        return update.error().within(kWhere);
    return update->bind(1, tree.size).bind(2, tree.cursor).bind(3, tree.tree_id).run();
}

Result<TreeLeaves> read_tree_leaves(Database& database, std::string_view ori, std::int64_t cursor, std::size_t limit) {
    // By the line's number alone, whosever it is: the cursor passes other agencies' lines once, not again and again.
    auto query = database.prepare(
        "SELECT event.ingest_id, event.leaf, stream.ori = ?1 FROM event CROSS JOIN stream USING (stream_id) "
        "WHERE event.ingest_id > ?2 ORDER BY event.ingest_id LIMIT ?3");
    if (!query)
        return query.error().within(kWhere);
    query->bind(1, ori).bind(2, cursor).bind(3, static_cast<std::uint64_t>(limit));
    TreeLeaves found{{}, cursor};
    for (;;) {
        auto row = query->step();
        if (!row)
            return row.error().within(kWhere);
        if (!*row)
            return found;
        found.cursor = query->integer(0);
        if (query->integer(2) != 0)
            found.leaves.push_back({found.cursor, digest_at(*query, 1)});
    }
}

Result<void> number_leaves(Database& database, std::int64_t tree_id, std::uint64_t first_leaf,
                           const std::vector<TreeLeaf>& leaves) {
    auto last = database.prepare(
        "SELECT first_leaf, first_ingest_id, count FROM evidence_run WHERE tree_id = ? ORDER BY first_leaf DESC LIMIT 1");
    auto save = database.prepare("INSERT OR REPLACE INTO evidence_run VALUES (?, ?, ?, ?)");
    if (!last || !save)
        return (last ? save.error() : last.error()).within(kWhere);
    auto found = read_one(last->bind(1, tree_id), [](const Statement& row) {
        return Run{count_at(row, 0), row.integer(1), count_at(row, 2)};
    });
    if (!found)
        return found.error();
    std::optional<Run> run = *found;
    const auto keep = [&] {
        return save->bind(1, tree_id).bind(2, run->first_leaf).bind(3, run->first_ingest_id).bind(4, run->count).run();
    };
    for (const TreeLeaf& leaf : leaves) {
        if (run && run->first_ingest_id + static_cast<std::int64_t>(run->count) == leaf.ingest_id) {
            ++run->count;
        } else {
            if (run)
                if (auto done = keep(); !done)
                    return done.error().within(kWhere);
            run = Run{first_leaf, leaf.ingest_id, 1};
        }
        ++first_leaf;
    }
    return run ? keep() : Result<void>();
}

Result<std::optional<std::uint64_t>> leaf_number(Database& database, std::int64_t tree_id, std::int64_t ingest_id) {
    auto query = database.prepare("SELECT first_leaf + (?1 - first_ingest_id), first_ingest_id + count FROM evidence_run "
                                  "WHERE tree_id = ?2 AND first_ingest_id <= ?1 ORDER BY first_ingest_id DESC LIMIT 1");
    if (!query)
        return query.error().within(kWhere);
    std::optional<std::uint64_t> number;
    auto row = query->bind(1, ingest_id).bind(2, tree_id).step();
    if (!row)
        return row.error().within(kWhere);
    if (*row && ingest_id < query->integer(1))
        number = count_at(*query, 0);
    return number;
}

Result<std::optional<std::int64_t>> ingest_id_of_leaf(Database& database, std::int64_t tree_id, std::uint64_t leaf) {
    auto query = database.prepare("SELECT first_ingest_id + (?1 - first_leaf), first_leaf + count FROM evidence_run "
                                  "WHERE tree_id = ?2 AND first_leaf <= ?1 ORDER BY first_leaf DESC LIMIT 1");
    if (!query)
        return query.error().within(kWhere);
    std::optional<std::int64_t> ingest_id;
    auto row = query->bind(1, leaf).bind(2, tree_id).step();
    if (!row)
        return row.error().within(kWhere);
    if (*row && leaf < count_at(*query, 1))
        ingest_id = query->integer(0);
    return ingest_id;
}

Result<std::optional<Bytes>> find_tree_tile(Database& database, std::int64_t tree_id, unsigned level,
                                            std::uint64_t index) {
    auto query = database.prepare("SELECT hashes FROM evidence_tile WHERE tree_id = ? AND level = ? AND tile = ?");
    if (!query)
        return query.error().within(kWhere);
    query->bind(1, tree_id).bind(2, static_cast<int>(level)).bind(3, index);
    return read_one(*query, [](const Statement& row) { return row.blob(0); });
}

Result<void> save_tree_tile(Database& database, std::int64_t tree_id, const TreeTile& tile) {
    auto save = database.prepare("INSERT INTO evidence_tile VALUES (?1, ?2, ?3, ?4) "
                                 "ON CONFLICT DO UPDATE SET hashes = excluded.hashes");
    if (!save)
        return save.error().within(kWhere);
    save->bind(1, tree_id).bind(2, static_cast<int>(tile.level)).bind(3, tile.index).bind_blob(4, tile.hashes);
    return save->run();
}

Result<void> add_signed_head(Database& database, SignedHead& head) {
    auto before = latest_signed_head(database, head.tree_id);
    if (!before)
        return before.error();
    if (*before && (*before)->size == head.size && head.reason == "interval") {
        auto update = database.prepare("UPDATE evidence_head SET renewed_at = ?, renewed = ? WHERE head_id = ?");
        if (!update)
            return update.error().within(kWhere);
        head.head_id = (*before)->head_id;
        return update->bind(1, milliseconds(head.signed_at)).bind(2, head.checkpoint).bind(3, head.head_id).run();
    }
    auto insert = database.prepare(
        "INSERT INTO evidence_head (tree_id, size, root, signed_at, reason, checkpoint) VALUES (?, ?, ?, ?, ?, ?)");
    if (!insert)
        return insert.error().within(kWhere);
    insert->bind(1, head.tree_id).bind(2, head.size).bind_blob(3, head.root).bind(4, milliseconds(head.signed_at));
    if (auto done = insert->bind(5, head.reason).bind(6, head.checkpoint).run(); !done)
        return done.error().within(kWhere);
    head.head_id = database.last_insert_rowid();
    return {};
}

Result<std::optional<SignedHead>> latest_signed_head(Database& database, std::int64_t tree_id) {
    return read_head(database, tree_id, "ORDER BY head_id DESC LIMIT 1", std::nullopt);
}

Result<std::optional<SignedHead>> signed_head_covering(Database& database, std::int64_t tree_id, std::uint64_t size) {
    return read_head(database, tree_id, "AND size >= ? ORDER BY size, head_id LIMIT 1", size);
}

Result<std::optional<SignedHead>> last_signed_head_before(Database& database, std::int64_t tree_id, WallTime time) {
    return read_head(database, tree_id, "AND signed_at < ? ORDER BY head_id DESC LIMIT 1", milliseconds(time));
}

Result<std::optional<SignedHead>> first_signed_head_from(Database& database, std::int64_t tree_id, WallTime time) {
    return read_head(database, tree_id, "AND signed_at >= ? ORDER BY head_id LIMIT 1", milliseconds(time));
}

Result<std::vector<SignedHead>> list_signed_heads(Database& database, std::int64_t tree_id, std::int64_t after,
                                                  std::size_t limit) {
    auto query = database.prepare(std::string(kHeadColumns) + "AND head_id > ? ORDER BY head_id LIMIT ?");
    if (!query)
        return query.error().within(kWhere);
    query->bind(1, tree_id).bind(2, after).bind(3, static_cast<std::uint64_t>(limit));
    return read_rows(*query, kWhere, head_from);
}

Result<ConversionLook> look_for_conversions(Database& database, std::int64_t after) {
    auto query = database.prepare("SELECT COALESCE(MAX(log_id), ?1), COALESCE(MAX(action IN ('incident.convert', 'incident.accept')), 0) "
                                  "FROM audit WHERE log_id > ?1");
    if (!query)
        return query.error().within(kWhere);
    auto row = query->bind(1, after).step();
    if (!row)
        return row.error().within(kWhere);
    return ConversionLook{query->integer(0), query->integer(1) != 0};
}

}  // namespace sallyport::store
