// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/tree_tiles.hpp"

#include "collector/evidence/proof.hpp"
#include "tests/collector/evidence/log_fixture.hpp"

namespace sallyport::testing {
namespace {

using namespace evidence;

class TreeTiles : public LogFixture {
protected:
    std::vector<Digest> roots() {
        TreeEdge edge;
        std::vector<Digest> roots{edge.root()};
        for (const auto& event : events()) {
            edge.append(event.leaf);
            roots.push_back(edge.root());
        }
        return roots;
    }
};

// Past 65,536: three levels of tiles.
TEST_F(TreeTiles, GivenManyLinesWhenTheTreeGrowsInUnevenStepsThenEveryRootIsTheRightOne) {
    for (int i = 0; i < 2; ++i)
        for (const std::size_t count : {1, 255, 256, 257, 500, 3, 7, 500})
            add_batch(count);
    for (int i = 0; i < 4; ++i)
        grow(100 + static_cast<std::size_t>(i) * 333);
    grow();
    const auto expected = roots();
    EXPECT_EQ(tree().size, expected.size() - 1);
    const NodeSource nodes = tile_nodes(database_, tree().tree_id);
    for (std::uint64_t size = 0; size < expected.size(); ++size)
        ASSERT_EQ(*root_of(size, nodes), expected[size]) << size;
}

TEST_F(TreeTiles, GivenSeventyThousandLinesThenTheTilesAreThoseOfTheStandardsExample) {
    for (int i = 0; i < 140; ++i)
        add_batch(500);
    grow();
    EXPECT_EQ(tree().size, 70'000U);
    const auto tiles = [&](int level) {
        return number("SELECT COUNT(*) FROM evidence_tile WHERE level = " + std::to_string(level));
    };
    const auto width = [&](unsigned level, std::uint64_t index) {
        return (*store::find_tree_tile(database_, tree().tree_id, level, index))->size() / 32;
    };
    EXPECT_EQ(tiles(0), 274);
    EXPECT_EQ(tiles(1), 2);
    EXPECT_EQ(tiles(2), 1);
    EXPECT_EQ(width(0, 273), 112U);
    EXPECT_EQ(width(1, 1), 17U);
    EXPECT_EQ(width(2, 0), 1U);
    EXPECT_EQ(*root_of(70'000, tile_nodes(database_, tree().tree_id)), roots().back());
    EXPECT_EQ(number("SELECT COUNT(*) FROM evidence_run"), 1) << "one agency without holes is one run";
    // As a mirror would ask for them.
    EXPECT_EQ(read_tile(database_, tree(), 0, 273, 112)->size(), 112U * 32);
    EXPECT_EQ(read_tile(database_, tree(), 0, 273, 100)->size(), 100U * 32);
    EXPECT_EQ(read_tile(database_, tree(), 0, 273, 113).error().code(), Errc::not_found);
    EXPECT_EQ(read_tile(database_, tree(), 0, 274, 1).error().code(), Errc::not_found);
    EXPECT_EQ(read_tile(database_, tree(), 8, 0, 1).error().code(), Errc::not_found);
    EXPECT_EQ(read_tile(database_, tree(), 0, UINT64_MAX, 1).error().code(), Errc::not_found);
}

TEST_F(TreeTiles, GivenTwoAgenciesThenEachHasItsOwnTreeAndNumbers) {
    for (int i = 0; i < 5; ++i) {
        add_batch(3);
        add_batch(2, "T-9", "CA0990000");
    }
    for (int i = 0; i < 40; ++i)
        grow(1);
    EXPECT_EQ(tree().size, 15U);
    EXPECT_EQ(tree("CA0990000").size, 10U);
    for (const auto& one : {tree(), tree("CA0990000")}) {
        std::uint64_t leaf = 0;
        const NodeSource nodes = tile_nodes(database_, one.tree_id);
        for (const auto& event : events()) {
            const auto found = *store::leaf_number(database_, one.tree_id, event.ingest_id);
            if (event.ori != one.ori) {
                EXPECT_FALSE(found) << event.ingest_id;
                continue;
            }
            ASSERT_TRUE(found) << event.ingest_id;
            EXPECT_EQ(*found, leaf);
            EXPECT_EQ(*nodes({0, leaf}), event.leaf);
            EXPECT_EQ(*store::ingest_id_of_leaf(database_, one.tree_id, leaf), event.ingest_id);
            ++leaf;
        }
        EXPECT_FALSE(*store::ingest_id_of_leaf(database_, one.tree_id, leaf));
    }
}

TEST_F(TreeTiles, GivenATransactionThatIsNotCommittedThenTheTreeIsWhereItWas) {
    add_batch(300);
    grow();
    add_batch(300);
    {
        auto transaction = *database_.begin();
        ASSERT_TRUE(grow_trees(database_, 1'000));
    }
    EXPECT_EQ(tree().size, 300U);
    grow();
    EXPECT_EQ(*root_of(600, tile_nodes(database_, tree().tree_id)), roots().back());
}

TEST_F(TreeTiles, GivenAnOpenTileThatWasCutWhenTheTreeGrowsThenItIsRefusedAndNothingIsWritten) {
    add_batch(10);
    grow();
    sql("UPDATE evidence_tile SET hashes = x'00'");
    add_batch(10);
    auto transaction = *database_.begin();
    EXPECT_EQ(grow_trees(database_, 1'000).error().code(), Errc::corrupt);
    EXPECT_EQ(tree().size, 10U);
}

TEST_F(TreeTiles, GivenAWriterWhenItCommitsThenItsLinesAreInTheTreeInTheSameCommit) {
    auto writer = *store::open_writer(folder_ / "other.db", {}, tree_growth());
    ASSERT_TRUE(writer->run([&](Database& database) -> Result<void> {
        auto stream = store::create_stream(database, kOri, "T-1", "i", Digest{}, clock_.now());
        auto appender = store::EventAppender::open(database);
        return appender->append(*stream, {}, {{"usb.attach", clock_.now(), leaf_of("a"), "a", {}}}, clock_.now());
    }));
    auto reader = *writer->reader();
    EXPECT_EQ((*store::find_evidence_tree(reader, kOri))->size, 1U);
}

TEST_F(TreeTiles, GivenAWriterWhoseLastWordFailsThenNoneOfTheGroupStandsAndTheNextGroupMay) {
    std::atomic<bool> fails = true;
    auto writer = *store::open_writer(folder_ / "other.db", {}, [&fails](Database&) {
        return fails ? Result<void>(Error(Errc::corrupt, "tree")) : Result<void>();
    });
    const auto job = [&](Database& database) -> Result<void> {
        auto stream = store::create_stream(database, kOri, "T-1", "i", Digest{}, clock_.now());
        return stream ? Result<void>() : stream.error();
    };
    EXPECT_EQ(writer->run(job).error().code(), Errc::corrupt);
    fails = false;
    EXPECT_TRUE(writer->run(job));
}

}  // namespace
}  // namespace sallyport::testing
