// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/case_fold.hpp"

#include <algorithm>
#include <cstdint>

namespace sallyport::rules {
namespace {

char fold_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Letters that alternate: even upper, odd lower.
bool alternates_from_even(std::uint32_t c) {
    return (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177) ||
           (c >= 0x1E00 && c <= 0x1E95) || (c >= 0x1EA0 && c <= 0x1EFF) || (c >= 0x460 && c <= 0x481) ||
           (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F);
}

bool alternates_from_odd(std::uint32_t c) {
    return (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) || (c >= 0x4C1 && c <= 0x4CE);
}

std::uint32_t fold_letter(std::uint32_t c) {
    if (c == 0xB5) return 0x3BC;
    if (c == 0x178) return 0xFF;
    if (c == 0x3C2) return 0x3C3;
    if (c == 0x386) return 0x3AC;
    if (c >= 0x388 && c <= 0x38A) return c + 37;
    if (c == 0x38C) return 0x3CC;
    if ((c == 0x38E) || (c == 0x38F)) return c + 63;
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB && c != 0x3A2) ||
        (c >= 0x410 && c <= 0x42F))
        return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    if (c >= 0x531 && c <= 0x556) return c + 48;
    if (c == 0x4C0) return 0x4CF;
    if (alternates_from_even(c)) return c | 1U;
    if (alternates_from_odd(c)) return (c & 1U) != 0 ? c + 1 : c;
    return c;
}

// Length of the UTF-8 sequence at `at`, or 1 where it is none (then it is copied as it is).
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return at + length <= text.size() ? length : 1;
}

}  // namespace

std::string fold_case(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequence_length(text, at);
        if (length == 2 || (length == 3 && text[at] == '\xE1')) {
            std::uint32_t letter = static_cast<unsigned char>(text[at]) & (length == 2 ? 0x1FU : 0x0FU);
            for (std::size_t i = 1; i < length; ++i)
                letter = (letter << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
            letter = fold_letter(letter);
            if (length == 3) out += static_cast<char>(0xE0 | (letter >> 12));
            out += length == 3 ? static_cast<char>(0x80 | ((letter >> 6) & 0x3F))
                               : static_cast<char>(0xC0 | (letter >> 6));
            out += static_cast<char>(0x80 | (letter & 0x3F));
        } else if (length == 1) {
            out += fold_ascii(text[at]);
        } else {
            out += text.substr(at, length);
        }
        at += length;
    }
    return out;
}

}  // namespace sallyport::rules
