// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/tile_path.hpp"

#include <gtest/gtest.h>

namespace sallyport::testing {
namespace {

using evidence::parse_tile_path;
using evidence::TilePath;

TEST(TilePath, GivenTilesThenTheirPathsAreThoseOfTheStandardAndReadBack) {
    const std::pair<TilePath, std::string> cases[] = {
        {{0, 0, 256}, "0/000"},
        {{0, 273, 112}, "0/273.p/112"},
        {{1, 999, 256}, "1/999"},
        {{1, 1000, 256}, "1/x001/000"},
        {{0, 1'234'067, 256}, "0/x001/x234/067"},
        {{63, 1'234'067, 1}, "63/x001/x234/067.p/1"},
    };
    for (const auto& [tile, path] : cases) {
        EXPECT_EQ(evidence::to_string(tile), path);
        const auto parsed = parse_tile_path(path);
        ASSERT_TRUE(parsed) << path;
        EXPECT_EQ(*parsed, tile);
    }
}

TEST(TilePath, GivenAnotherSpellingOrFormThenItIsNoTile) {
    for (const char* path : {"", "0", "0/", "/000", "0/0", "0/0000", "00/000", "64/000", "-1/000", "0/001/000", "0/x000/000", "0/x001",
                             "0/x001/", "0/000.p/", "0/000.p/0", "0/000.p/256", "0/000.p/07", "0/000.p/1/2", "0/../000", "0/ 00", "x/000",
                             "0/x999/x999/x999/x999/x999/x999/x999/999"})
        EXPECT_FALSE(parse_tile_path(path)) << path;
}

}  // namespace
}  // namespace sallyport::testing
