// SPDX-License-Identifier: Apache-2.0
//
// Descriptors as a device would give them, for tests without one.
#pragma once

#include <vector>

#include "protocol/bytes.hpp"

namespace sallyport::testing {

struct InterfaceClass {
    std::uint8_t type, subtype, protocol;
};

// USB 2.0 tables 9-8, 9-10, 9-12.
inline Bytes descriptors_with(const std::vector<InterfaceClass>& interfaces) {
    const auto count = static_cast<std::uint8_t>(interfaces.size());
    Bytes all{18, 1, 0, 2, 0, 0, 0, 64, 0x81, 0x07, 0x81, 0x55, 0, 1, 1, 2, 3, 1};
    const Bytes configuration{9, 2, static_cast<std::uint8_t>(9 + 9 * count), 0, count, 1, 0, 0x80, 50};
    all.insert(all.end(), configuration.begin(), configuration.end());
    for (std::uint8_t number = 0; number < count; ++number) {
        const InterfaceClass& one = interfaces[number];
        const Bytes bytes{9, 4, number, 0, 0, one.type, one.subtype, one.protocol, 0};
        all.insert(all.end(), bytes.begin(), bytes.end());
    }
    return all;
}

}  // namespace sallyport::testing
