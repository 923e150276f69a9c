// SPDX-License-Identifier: Apache-2.0
//
// How c2sp.org/tlog-tiles names a tile: `<L>/<N>[.p/<W>]`, N in groups of three digits, all but the last after an x.
// Tile 1234067 of level 0 is `0/x001/x234/067`, the 5 hashes that there are of it `0/x001/x234/067.p/5`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::evidence {

struct TilePath {
    unsigned level = 0;       // 0 to 63
    std::uint64_t index = 0;
    std::size_t width = 256;  // 1 to 256
    friend bool operator==(const TilePath&, const TilePath&) = default;
};

// Nothing for a path of another form, another spelling of the same tile included.
[[nodiscard]] std::optional<TilePath> parse_tile_path(std::string_view path);
[[nodiscard]] std::string to_string(const TilePath& path);

}  // namespace sallyport::evidence
