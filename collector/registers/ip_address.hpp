// SPDX-License-Identifier: Apache-2.0
//
// An IPv4 or IPv6 address, and whether it lies in a network of the registers (RFC 4632, RFC 4291). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::registers {

class IpAddress {
public:
    [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
    // `subnet` as 10.1.2.0/24; never within one of the other family, nor within what is no subnet.
    [[nodiscard]] bool is_within(std::string_view subnet) const;

private:
    bool is_v6_ = false;
    std::array<std::uint8_t, 16> bytes_{};  // the first four of an IPv4 address
};

}  // namespace sallyport::registers
