// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/account_label.hpp"

#include <cstdint>

namespace sallyport::agent {
namespace {

constexpr std::size_t kBytesMax = 128;

// Bytes of the valid UTF-8 character at the front; 0 when there is none (RFC 3629 section 4).
std::size_t character_size(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const std::uint8_t lead = byte(0);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
    if (size == 0 || size > text.size()) return 0;
    for (std::size_t at = 1; at < size; ++at)
        if ((byte(at) & 0xc0) != 0x80) return 0;
    if (size >= 3) {
        const std::uint8_t second = byte(1);
        const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
        const bool beyond = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
        if (overlong || beyond) return 0;
    }
    return size;
}

bool is_control(std::string_view character) {
    return character.size() == 1 && (static_cast<std::uint8_t>(character[0]) < 0x20 || character[0] == 0x7f);
}

}  // namespace

std::string account_label(std::string_view account) {
    std::string label;
    while (!account.empty()) {
        const std::size_t size = character_size(account);
        std::string_view next = account.substr(0, size == 0 ? 1 : size);
        account.remove_prefix(next.size());
        if (size == 0 || is_control(next)) next = "?";
        if (label.size() + next.size() > kBytesMax) break;
        label += next;
    }
    return label;
}

}  // namespace sallyport::agent
