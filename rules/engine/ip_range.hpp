// SPDX-License-Identifier: Apache-2.0
//
// A CIDR block, IPv4 or IPv6 (RFC 4632, RFC 4291), and whether an address lies in it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::rules {

struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    bool v6 = false;
};

[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

class IpRange {
public:
    // An address without a length is a block of one.
    [[nodiscard]] static std::optional<IpRange> parse(std::string_view text);
    [[nodiscard]] bool contains(std::string_view address) const;
    // The same for two spellings of one block.
    [[nodiscard]] std::string text() const;

private:
    IpAddress network_;
    unsigned bits_ = 0;
};

}  // namespace sallyport::rules
