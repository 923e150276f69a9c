// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/ip_address.hpp"

#include <charconv>
#include <vector>

namespace sallyport::registers {
namespace {

std::optional<unsigned> number(std::string_view text, int base, unsigned max) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > max)
        return std::nullopt;
    return value;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

// The groups on one side of `::`.
bool read_groups(std::string_view text, std::vector<unsigned>& groups) {
    if (text.empty())
        return true;
    for (const std::string_view part : split(text, ':')) {
        const auto group = part.size() > 4 ? std::nullopt : number(part, 16, 0xFFFF);
        if (!group)
            return false;
        groups.push_back(*group);
    }
    return true;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    IpAddress address;
    if (text.find(':') == std::string_view::npos) {
        const auto parts = split(text, '.');
        if (parts.size() != 4)
            return std::nullopt;
        for (std::size_t i = 0; i < 4; ++i) {
            const auto part = number(parts[i], 10, 255);
            if (!part)
                return std::nullopt;
            address.bytes_[i] = static_cast<std::uint8_t>(*part);
        }
        return address;
    }
    address.is_v6_ = true;
    const auto gap = text.find("::");
    std::vector<unsigned> left, right;
    if (!read_groups(text.substr(0, gap), left) || (gap != std::string_view::npos && !read_groups(text.substr(gap + 2), right)))
        return std::nullopt;
    const std::size_t given = left.size() + right.size();
    if (gap == std::string_view::npos ? given != 8 : given > 7)
        return std::nullopt;
    left.resize(8 - right.size());
    left.insert(left.end(), right.begin(), right.end());
    for (std::size_t i = 0; i < 8; ++i) {
        address.bytes_[2 * i] = static_cast<std::uint8_t>(left[i] >> 8);
        address.bytes_[2 * i + 1] = static_cast<std::uint8_t>(left[i] & 0xFF);
    }
    return address;
}

bool IpAddress::is_within(std::string_view subnet) const {
    const auto slash = subnet.find('/');
    if (slash == std::string_view::npos)
        return false;
    const auto network = parse(subnet.substr(0, slash));
    const auto prefix = number(subnet.substr(slash + 1), 10, is_v6_ ? 128 : 32);
    if (!network || !prefix || network->is_v6_ != is_v6_)
        return false;
    for (unsigned bit = 0; bit < *prefix; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80 >> (bit % 8));
        if ((bytes_[bit / 8] & mask) != (network->bytes_[bit / 8] & mask))
            return false;
    }
    return true;
}

}  // namespace sallyport::registers
