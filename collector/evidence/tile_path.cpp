// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/tile_path.hpp"

#include <charconv>

namespace sallyport::evidence {
namespace {

constexpr std::size_t kFullWidth = 256;

std::optional<std::uint64_t> number_in(std::string_view digits) {
    std::uint64_t number = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || fault != std::errc() || end != digits.data() + digits.size())
        return std::nullopt;
    return number;
}

std::string three_digits(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    return std::string(3 - digits.size(), '0') + digits;
}

}  // namespace

std::string to_string(const TilePath& path) {
    std::string text = three_digits(path.index % 1000);
    for (std::uint64_t rest = path.index / 1000; rest > 0; rest /= 1000)
        text = "x" + three_digits(rest % 1000) + "/" + text;
    text = std::to_string(path.level) + "/" + text;
    return path.width == kFullWidth ? text : text + ".p/" + std::to_string(path.width);
}

std::optional<TilePath> parse_tile_path(std::string_view path) {
    TilePath found;
    std::string_view rest = path;
    if (const auto partial = rest.find(".p/"); partial != std::string_view::npos) {
        const auto width = number_in(rest.substr(partial + 3));
        if (!width || *width < 1 || *width >= kFullWidth)
            return std::nullopt;
        found.width = *width;
        rest = rest.substr(0, partial);
    }
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto level = number_in(rest.substr(0, slash));
    if (!level || *level > 63)
        return std::nullopt;
    found.level = static_cast<unsigned>(*level);
    rest.remove_prefix(slash + 1);
    for (int groups = 0; groups < 6; ++groups) {  // more would not fit into 64 bits
        const bool more = rest.starts_with('x');
        const auto group = number_in(rest.substr(more ? 1 : 0, 3));
        if (!group)
            return std::nullopt;
        found.index = found.index * 1000 + *group;
        if (!more)
            // The one spelling of this tile: whatever else was read is another.
            return to_string(found) == path ? std::optional(found) : std::nullopt;
        if (rest.size() < 5 || rest[4] != '/')
            return std::nullopt;
        rest.remove_prefix(5);
    }
    return std::nullopt;
}

}  // namespace sallyport::evidence
