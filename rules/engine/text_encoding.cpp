// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/text_encoding.hpp"

#include <algorithm>
#include <cstdint>

#include "protocol/bytes.hpp"

namespace sallyport::rules {
namespace {

constexpr std::size_t kVariantsMax = 5 * 5 * 5 * 5;

// One code point, moving `at` behind it.
std::optional<std::uint32_t> next_letter(std::string_view text, std::size_t& at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 0;
    if (length == 0 || at + length > text.size()) return std::nullopt;
    std::uint32_t letter = length == 1 ? byte : byte & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[at + i]);
        if ((next & 0xC0U) != 0x80U) return std::nullopt;
        letter = (letter << 6) | (next & 0x3FU);
    }
    at += length;
    return letter;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::optional<std::string> to_utf16(std::string_view text, Utf16 form) {
    std::string out;
    const auto put = [&](std::uint32_t unit) {
        const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
        out += form == Utf16::big_endian ? high : low;
        out += form == Utf16::big_endian ? low : high;
    };
    if (form == Utf16::with_mark) put(0xFEFF);
    for (std::size_t at = 0; at < text.size();) {
        const auto letter = next_letter(text, at);
        if (!letter) return std::nullopt;
        if (*letter >= 0x10000) {
            put(0xD800 + ((*letter - 0x10000) >> 10));
            put(0xDC00 + ((*letter - 0x10000) & 0x3FF));
        } else {
            put(*letter);
        }
    }
    return out;
}

std::string base64_text(std::string_view text) {
    return to_base64(bytes_of(text));
}

std::vector<std::string> base64_at_offsets(std::string_view text) {
    constexpr std::size_t kFirstWhole[] = {0, 2,
                                           3};  // characters before these also depend on what stands before
    constexpr std::size_t kCutAtEnd[] = {0, 3, 2};  // and the last ones on what follows
    std::vector<std::string> variants;
    for (std::size_t offset = 0; offset < 3; ++offset) {
        const std::string encoded = base64_text(std::string(offset, ' ') + std::string(text));
        const std::size_t end = encoded.size() - kCutAtEnd[(text.size() + offset) % 3];
        const std::size_t start = kFirstWhole[offset];
        if (end > start) variants.push_back(encoded.substr(start, end - start));
    }
    return variants;
}

std::vector<std::string> dash_variants(std::string_view text) {
    constexpr std::string_view kDashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};
    std::vector<std::string> variants{""};
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool starts_word = (text[at] == '-' || text[at] == '/') &&
                                 (at == 0 || !is_word(text[at - 1])) && at + 1 < text.size() &&
                                 is_word(text[at + 1]);
        if (!starts_word || variants.size() * std::size(kDashes) > kVariantsMax) {
            for (auto& variant : variants)
                variant += text[at];
            continue;
        }
        std::vector<std::string> more;
        for (const auto& variant : variants)
            for (const auto dash : kDashes)
                more.push_back(variant + std::string(dash));
        variants = std::move(more);
    }
    return variants;
}

}  // namespace sallyport::rules
