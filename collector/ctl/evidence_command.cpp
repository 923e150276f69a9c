// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/evidence_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/evidence_export_command.hpp"
#include "collector/ctl/evidence_verify_command.hpp"
#include "collector/ctl/output.hpp"
#include "collector/evidence/proof_file.hpp"
#include "collector/evidence/proof_json.hpp"
#include "collector/evidence/tile_path.hpp"
#include "collector/evidence/tree_tiles.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::filesystem::path file, folder;
    std::int64_t event = 0;
    std::uint64_t size = 0, from = 0, to = 0;
    bool json = false;
};

// A proof that does not hold is what was looked for (1); a file that holds none is a wrong call (2).
Result<void> check_proof_file(Invocation& invocation, const std::filesystem::path& file) {
    auto text = read_file(file);
    if (!text)
        return text.error();
    auto proven = evidence::check_proof(*text);
    if (proven) {
        std::cout << file.string() << ": proven: " << proven->sentence << '\n';
        return {};
    }
    std::cout << file.string() << ": NOT proven: " << proven.error().message() << '\n';
    invocation.end_with(proven.error().code() == Errc::bad_input ? ExitCode::call_wrong : ExitCode::checked_wrong);
    return {};
}

Result<store::EvidenceTree> tree_of(Invocation& invocation, Database& database) {
    auto ori = invocation.ori();
    if (!ori)
        return ori.error();
    auto tree = store::find_evidence_tree(database, *ori);
    if (!tree)
        return tree.error();
    return *tree ? Result(**tree) : Error(Errc::not_found, "evidence log: " + *ori + " has none");
}

// The tree as its newest head signed it: nothing beyond is proven.
Result<store::EvidenceTree> signed_tree_of(Invocation& invocation, Database& database) {
    auto tree = tree_of(invocation, database);
    if (!tree)
        return tree;
    auto head = store::latest_signed_head(database, tree->tree_id);
    if (!head)
        return head.error();
    if (!*head)
        return Error(Errc::refused, "evidence log: no head is signed yet: nothing can be proven");
    tree->size = (*head)->size;
    return tree;
}

Result<void> list_heads(Invocation& invocation, Database& database, bool json) {
    auto tree = tree_of(invocation, database);
    if (!tree)
        return tree.error();
    std::vector<Record> items;
    for (std::int64_t after = 0;;) {
        auto heads = store::list_signed_heads(database, tree->tree_id, after, 1'000);
        if (!heads)
            return heads.error();
        for (const store::SignedHead& head : *heads)
            items.push_back({{"size", head.size},
                             {"signed_at", format_time(head.signed_at)},
                             {"alive_until", format_time(head.renewed_at.value_or(head.signed_at))},
                             {"reason", head.reason},
                             {"root", to_base64(head.root)},
                             {"checkpoint", head.checkpoint}});
        if (heads->size() < 1'000)
            break;
        after = heads->back().head_id;
    }
    print_items({"size", "signed_at", "alive_until", "reason", "root"}, items, json ? Format::json : Format::table);
    return {};
}

Result<void> prove_event(Invocation& invocation, Database& database, const Options& options) {
    auto tree = signed_tree_of(invocation, database);
    if (!tree)
        return tree.error();
    if (options.size > tree->size)
        return Error(Errc::refused, "evidence log: size " + std::to_string(options.size) + " is signed by no head");
    auto proven = evidence::prove_line(database, *tree, options.event, options.size == 0 ? tree->size : options.size);
    if (!proven)
        return proven.error();
    std::cout << write_json(evidence::to_record(*proven)) << '\n';
    return {};
}

Result<void> prove_growth(Invocation& invocation, Database& database, const Options& options) {
    auto tree = signed_tree_of(invocation, database);
    if (!tree)
        return tree.error();
    auto proven = evidence::prove_growth(database, *tree, options.from, options.to == 0 ? tree->size : options.to);
    if (!proven)
        return proven.error();
    std::cout << write_json(evidence::to_record(*proven)) << '\n';
    return {};
}

Result<void> write_tile(Database& database, const store::EvidenceTree& tree, const evidence::TilePath& path,
                        const std::filesystem::path& folder) {
    auto tile = evidence::read_tile(database, tree, path.level, path.index, path.width);
    if (!tile)
        return tile.error();
    const auto file = folder / "tile" / evidence::to_string(path);
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    if (failed)
        return Error(Errc::io, file.parent_path().string() + ": " + failed.message());
    return replace_file(file, std::string(tile->begin(), tile->end()), Secrecy::open);
}

// The log as a mirror of c2sp.org/tlog-tiles would hold it: every tile of the newest head's tree, then the head.
Result<void> write_tiles(Invocation& invocation, Database& database, const std::filesystem::path& folder) {
    auto tree = signed_tree_of(invocation, database);
    if (!tree)
        return tree.error();
    auto head = store::latest_signed_head(database, tree->tree_id);
    if (!head)
        return head.error();
    std::uint64_t written = 0;
    for (unsigned level = 0; (tree->size >> (evidence::kTileHeight * level)) > 0; ++level) {
        const std::uint64_t hashes = tree->size >> (evidence::kTileHeight * level);
        for (std::uint64_t index = 0; index * evidence::kTileWidth < hashes; ++index, ++written) {
            const std::size_t width = std::min<std::uint64_t>(evidence::kTileWidth, hashes - index * evidence::kTileWidth);
            if (auto done = write_tile(database, *tree, {level, index, width}, folder); !done)
                return done;
        }
        if (level == 7)
            break;
    }
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (auto done = replace_file(folder / "checkpoint", (*head)->newest(), Secrecy::open); !done)
        return done;
    std::cout << written << " tiles and the head of size " << tree->size << ": " << folder.string() << '\n';
    return {};
}

}  // namespace

void add_evidence_commands(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<Options>();
    auto* group = app.add_subcommand("evidence", "What can be proven of the event log")->require_subcommand(1);
    const auto reading = [&invocation](auto work) {
        return [&invocation, work] {
            invocation.run([&]() -> Result<void> {
                auto database = invocation.open_store_for_reading();
                return database ? work(invocation, *database) : database.error();
            });
        };
    };

    auto* check = group->add_subcommand("check-proof", "Checks a single inclusion or consistency proof; nothing else is needed");
    check->add_option("FILE", options->file, "JSON: leafIdx, treeSize, root, leafHash, proof; or size1, size2, root1, root2, proof")
        ->required();
    check->callback([&invocation, options] { invocation.run([&] { return check_proof_file(invocation, options->file); }); });

    auto* heads = group->add_subcommand("heads", "The heads that were signed, oldest first");
    heads->add_flag("--json", options->json, "For programs; with each checkpoint as published");
    heads->callback(reading([options](Invocation& call, Database& database) { return list_heads(call, database, options->json); }));

    auto* prove = group->add_subcommand("prove", "The proof that an event is in the log, as check-proof takes it");
    prove->add_option("EVENT", options->event, "The event's number in the log (ingest_id)")->required();
    prove->add_option("--size", options->size, "Size of the tree to prove it in (default: the newest head's)");
    prove->callback(reading([options](Invocation& call, Database& database) { return prove_event(call, database, *options); }));

    auto* growth = group->add_subcommand("growth", "The proof that one head grew into another, as check-proof takes it");
    growth->add_option("FROM", options->from, "The earlier head's size")->required();
    growth->add_option("TO", options->to, "The later head's size (default: the newest head's)");
    growth->callback(reading([options](Invocation& call, Database& database) { return prove_growth(call, database, *options); }));

    auto* tiles = group->add_subcommand("tiles", "Writes the tree as tiles and checkpoint of c2sp.org/tlog-tiles");
    tiles->add_option("--out", options->folder, "Folder to write into")->required();
    tiles->callback(reading([options](Invocation& call, Database& database) { return write_tiles(call, database, options->folder); }));

    add_evidence_export_command(*group, invocation);
    add_evidence_verify_command(*group, invocation);
}

}  // namespace sallyport::ctl
