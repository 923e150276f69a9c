// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/case_fold.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "rules/engine/case_folding_table.hpp"

namespace sallyport::rules {
namespace {

// A letter of two bytes may fold to one of three (Ⱥ), none grows further.
constexpr std::size_t kGrowthMax = 2;

char fold_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Folds ASCII letters sixteen bytes at a time; whether there was nothing but ASCII.
bool fold_ascii(std::string_view text, char* out) {
    using Bytes [[gnu::vector_size(16)]] = signed char;
    Bytes seen{};
    std::size_t at = 0;
    for (; at + sizeof(Bytes) <= text.size(); at += sizeof(Bytes)) {
        Bytes bytes;
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        seen |= bytes;
        bytes += ((bytes >= 'A') & (bytes <= 'Z')) & 32;
        std::memcpy(out + at, &bytes, sizeof bytes);
    }
    signed char rest = 0;
    for (std::size_t i = 0; i < sizeof(Bytes); ++i)
        rest |= seen[i];
    for (; at < text.size(); ++at) {
        rest |= static_cast<signed char>(text[at]);
        out[at] = fold_ascii(text[at]);
    }
    return rest >= 0;
}

std::uint32_t fold_letter(std::uint32_t letter) {
    const auto* run = std::lower_bound(std::begin(kFoldingRuns), std::end(kFoldingRuns), letter,
                                       [](const FoldingRun& r, std::uint32_t c) { return r.last < c; });
    if (run == std::end(kFoldingRuns) || letter < run->first || (letter - run->first) % run->step != 0)
        return letter;
    return letter + static_cast<std::uint32_t>(run->distance);
}

// The letter at the front and how many bytes it takes; 0 bytes: no valid UTF-8.
struct Letter {
    std::uint32_t code = 0;
    std::size_t bytes = 0;
};

Letter first_letter(std::string_view text) {
    const auto byte = static_cast<unsigned char>(text.front());
    const std::size_t bytes = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 0;
    if (bytes == 0 || bytes > text.size()) return {};
    std::uint32_t code = byte & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0U) != 0x80U) return {};
        code = (code << 6) | (next & 0x3FU);
    }
    return {code, bytes};
}

char* put_letter(std::uint32_t code, char* out) {
    const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
    const auto put_rest = [&](int shift) { put(0x80U | ((code >> shift) & 0x3FU)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | (code >> 6));
        put_rest(0);
    } else if (code < 0x10000) {
        put(0xE0U | (code >> 12));
        put_rest(6);
        put_rest(0);
    } else {
        put(0xF0U | (code >> 18));
        put_rest(12);
        put_rest(6);
        put_rest(0);
    }
    return out;
}

// Returns the end of what was written.
char* fold_letters(std::string_view text, char* out) {
    while (!text.empty()) {
        if (static_cast<unsigned char>(text.front()) < 0x80) {
            *out++ = fold_ascii(text.front());
            text.remove_prefix(1);
            continue;
        }
        const Letter letter = first_letter(text);
        const std::uint32_t folded = letter.bytes == 0 ? 0 : fold_letter(letter.code);
        if (letter.bytes != 0 && folded != letter.code) {
            out = put_letter(folded, out);
        } else {
            const std::size_t same = std::max<std::size_t>(letter.bytes, 1);
            std::memcpy(out, text.data(), same);
            out += same;
        }
        text.remove_prefix(std::max<std::size_t>(letter.bytes, 1));
    }
    return out;
}

}  // namespace

std::string fold_case(std::string_view text) {
    TextArena arena;
    return std::string(fold_case(text, arena));
}

std::string_view fold_case(std::string_view text, TextArena& arena) {
    if (text.empty()) return "";
    char* out = arena.take(text.size());
    if (fold_ascii(text, out)) return {out, text.size()};
    arena.give_back(text.size());
    const std::size_t room = text.size() * kGrowthMax;
    out = arena.take(room);
    const auto size = static_cast<std::size_t>(fold_letters(text, out) - out);
    arena.give_back(room - size);
    return {out, size};
}

}  // namespace sallyport::rules
