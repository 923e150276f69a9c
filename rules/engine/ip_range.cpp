// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/ip_range.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace sallyport::rules {
namespace {

std::optional<unsigned> number(std::string_view text, int base, unsigned max, std::size_t digits_max) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || text.size() > digits_max || error != std::errc{} ||
        end != text.data() + text.size() || value > max)
        return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (auto at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
        parts.push_back(text.substr(0, at));
        text.remove_prefix(at + 1);
    }
    parts.push_back(text);
    return parts;
}

bool read_v4(std::string_view text, std::uint8_t* out) {
    const auto parts = split(text, '.');
    if (parts.size() != 4) return false;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto value = number(parts[i], 10, 255, 3);
        if (!value) return false;
        out[i] = static_cast<std::uint8_t>(*value);
    }
    return true;
}

// The 16-bit groups of one side of `::`, the last of which may be a dotted IPv4 address.
std::optional<std::vector<std::uint8_t>> read_groups(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    if (text.empty()) return bytes;
    const auto parts = split(text, ':');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::uint8_t v4[4];
        if (i + 1 == parts.size() && read_v4(parts[i], v4)) {
            bytes.insert(bytes.end(), v4, v4 + 4);
        } else if (const auto value = number(parts[i], 16, 0xFFFF, 4)) {
            bytes.push_back(static_cast<std::uint8_t>(*value >> 8));
            bytes.push_back(static_cast<std::uint8_t>(*value & 0xFF));
        } else {
            return std::nullopt;
        }
    }
    return bytes;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
    IpAddress address;
    if (text.find(':') == std::string_view::npos)
        return read_v4(text, address.bytes.data()) ? std::optional(address) : std::nullopt;
    address.v6 = true;
    const auto gap = text.find("::");
    const auto head = read_groups(gap == std::string_view::npos ? text : text.substr(0, gap));
    const auto tail = gap == std::string_view::npos ? std::optional(std::vector<std::uint8_t>{})
                                                    : read_groups(text.substr(gap + 2));
    if (!head || !tail ||
        (gap == std::string_view::npos ? head->size() != 16 : head->size() + tail->size() > 14))
        return std::nullopt;
    std::copy(head->begin(), head->end(), address.bytes.begin());
    std::copy(tail->begin(), tail->end(), address.bytes.end() - static_cast<std::ptrdiff_t>(tail->size()));
    return address;
}

std::optional<IpRange> IpRange::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto network = parse_ip(text.substr(0, slash));
    if (!network) return std::nullopt;
    IpRange range;
    range.network_ = *network;
    const unsigned bits_max = network->v6 ? 128 : 32;
    range.bits_ = bits_max;
    if (slash != std::string_view::npos) {
        const auto bits = number(text.substr(slash + 1), 10, bits_max, 3);
        if (!bits) return std::nullopt;
        range.bits_ = *bits;
    }
    return range;
}

bool IpRange::contains(std::string_view text) const {
    const auto address = parse_ip(text);
    if (!address || address->v6 != network_.v6) return false;
    for (unsigned bit = 0; bit < bits_; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        if ((address->bytes[bit / 8] & mask) != (network_.bytes[bit / 8] & mask)) return false;
    }
    return true;
}

std::string IpRange::text() const {
    std::string text = network_.v6 ? "v6" : "v4";
    for (const auto byte : network_.bytes)
        text += " " + std::to_string(byte);
    return text + "/" + std::to_string(bits_);
}

}  // namespace sallyport::rules
