// SPDX-License-Identifier: Apache-2.0
#include "collector/store/restored_mark.hpp"

#include "collector/store/event_log.hpp"
#include "collector/store/legal_hold.hpp"
#include "collector/store/row_values.hpp"
#include "collector/store/tree_repository.hpp"
#include "protocol/chain.hpp"

namespace sallyport::store {
namespace {

constexpr std::string_view kOwnTerminal = "collector";

// More than any collector takes between two backups.
constexpr const char* kNumbersGoOn =
    "UPDATE sqlite_sequence SET seq = seq + 1000000000 WHERE name = 'event';"
    "DELETE FROM console_session;"
    "UPDATE deletion SET state = 'withdrawn', reason = reason || ' (withdrawn by a restore)' WHERE state = 'approved';";

Result<void> hold_everything(Database& database, WallTime now) {
    LegalHold hold;
    hold.kind = "span";
    hold.from = WallTime{};
    hold.to = now + std::chrono::years(100);
    hold.reason = "restored from a backup: lift it when no hold of after the backup is missing";
    hold.placed_by = "system";
    hold.placed_at = now;
    auto placed = place_hold(database, std::move(hold));
    return placed ? Result<void>() : Result<void>(placed.error());
}

// How many lines of the published tree of this agency are not in the file, where its head is given.
Result<std::optional<std::int64_t>> begin_epochs(Database& database, std::string_view ori,
                                                 const std::optional<PublishedHead>& published, WallTime now) {
    auto trees = list_growing_trees(database);
    if (!trees)
        return trees.error();
    std::optional<std::int64_t> missing;
    for (const EvidenceTree& tree : *trees) {
        auto latest = latest_signed_head(database, tree.tree_id);
        if (!latest)
            return latest.error();
        auto before = *latest ? std::optional((*latest)->newest()) : std::nullopt;
        if (published && tree.ori == ori) {
            before = published->checkpoint;
            missing = published->size > tree.size ? static_cast<std::int64_t>(published->size - tree.size) : 0;
        }
        if (auto begun = begin_evidence_tree(database, tree.ori, before, now); !begun)
            return begun.error();
    }
    return missing;
}

}  // namespace

Result<void> mark_restored(Database& database, RestoredMark mark, std::string_view ori, const PublicKey& collector,
                           const std::optional<PublishedHead>& published) {
    auto missing = begin_epochs(database, ori, published, mark.restored_at);
    if (!missing)
        return missing.error().within("restore");
    mark.missing = *missing;
    if (auto done = database.execute(kNumbersGoOn); !done)
        return done.error().within("restore");
    const std::string instance = random_id();
    auto stream = create_stream(database, ori, kOwnTerminal, instance, chain_genesis(kOwnTerminal, instance, collector),
                                mark.restored_at);
    if (!stream)
        return stream.error().within("restore");
    if (auto held = hold_everything(database, mark.restored_at); !held)
        return held.error().within("restore");
    auto insert = database.prepare("INSERT OR REPLACE INTO restored VALUES (1, ?, ?, ?, ?)");
    if (!insert)
        return insert.error().within("restore");
    return insert->bind(1, milliseconds(mark.backup_at)).bind(2, milliseconds(mark.restored_at)).bind(3, mark.lines).bind(4, mark.missing)
        .run();
}

Result<std::optional<RestoredMark>> restored_mark(Database& database) {
    auto query = database.prepare("SELECT backup_at, restored_at, lines, missing FROM restored");
    if (!query)
        return query.error().within("restore");
    auto row = query->step();
    if (!row)
        return row.error().within("restore");
    if (!*row)
        return std::optional<RestoredMark>();
    return std::optional(RestoredMark{wall_time(query->integer(0)), wall_time(query->integer(1)), query->integer(2), query->optional_integer(3)});
}

Result<void> clear_restored_mark(Database& database) { return database.execute("DELETE FROM restored"); }

}  // namespace sallyport::store
