// SPDX-License-Identifier: Apache-2.0
#include "protocol/usb_identity.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "protocol/crypto.hpp"

namespace sallyport {
namespace {

constexpr std::size_t kSignsLeast = 6;
constexpr std::size_t kDifferentLeast = 3;
constexpr std::string_view kSequences[] = {"01234567890123456789", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                                           "123456789ABCDEF0123456789ABCDEF0", "98765432109876543210"};

bool is_printable(char sign) { return sign >= ' ' && sign <= '~'; }

bool is_letter_or_digit(char sign) {
    return (sign >= '0' && sign <= '9') || (sign >= 'A' && sign <= 'Z') || (sign >= 'a' && sign <= 'z');
}

char upper(char sign) { return sign >= 'a' && sign <= 'z' ? static_cast<char>(sign - 'a' + 'A') : sign; }

}  // namespace

std::string usb_id(std::uint16_t number) {
    const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(number >> 8),
                                            static_cast<std::uint8_t>(number & 0xff)};
    return to_hex(bytes);
}

std::string device_hash(std::uint16_t vid, std::uint16_t pid, std::string_view serial) {
    const std::string named = usb_id(vid) + ":" + usb_id(pid) + ":";
    return to_hex(sha256(bytes_of(named), bytes_of(serial)));
}

bool names_one_device(std::string_view serial) {
    if (!std::all_of(serial.begin(), serial.end(), is_printable)) return false;
    std::string signs;
    for (const char sign : serial)
        if (is_letter_or_digit(sign)) signs += upper(sign);
    const std::set<char> different(signs.begin(), signs.end());
    if (signs.size() < kSignsLeast || different.size() < kDifferentLeast) return false;
    return std::none_of(std::begin(kSequences), std::end(kSequences),
                        [&](std::string_view sequence) { return sequence.find(signs) != std::string_view::npos; });
}

}  // namespace sallyport
